"""A config store: keys that differ from one look to the next are changes."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from cockpit.changes.difference import differences
from cockpit.changes.reading import line, whole
from cockpit.changes.source import Looked, Tools, Unanswered, no_queue, revealed, told
from cockpit.clock import SECOND, hhmm
from cockpit.config.sources import StoreSource
from cockpit.incident.vocabulary import ChangeSeen
from cockpit.web import Reply

LIMIT = 4 * 1024 * 1024
MOST = 20
"""Keys told one by one; the rest of a larger difference is counted."""
LONG = 60 * SECOND
"""A longer time between two looks is told of: nobody knows when within it the change was made."""


class _Pair(msgspec.Struct, rename="pascal"):
    key: str
    value: str | None = None


class Store:
    """Compares each look with the last one that was answered; the first is what later ones are compared with."""

    def __init__(self, config: StoreSource, tools: Tools) -> None:
        self._config = config
        self._tools = tools
        self._last: tuple[int, Mapping[str, str]] | None = None
        self.name = config.name
        self.interval = config.interval

    async def look(self) -> Looked:
        """What differs from the look before."""
        return await told(self.name, self._look())

    async def cancel(self, job: str) -> str:
        """A store has no jobs."""
        raise no_queue(self.name)

    async def _look(self) -> Looked:
        headers = revealed(self._config.headers, self._tools.env)
        reply = await self._tools.ask(self._config.url, self._config.timeout, headers=headers, limit=LIMIT)
        now, keys = self._tools.clock.now(), self._keys(reply)
        last, self._last = self._last, (now, keys)
        if last is None:
            return Looked()
        then, before = last
        # Made at some moment in between; the middle is the least wrong.
        at = (then + now) // 2
        told_one_by_one = differences(before, keys, show_values=self._config.show_values)
        found = [(at, self._change(key, what, at, now - then, then)) for key, what in told_one_by_one[:MOST]]
        if more := len(told_one_by_one) - len(found):
            found.append((at, self._change("", f"{more} more keys", at, now - then, then)))
        return Looked(tuple(found))

    def _keys(self, reply: Reply) -> Mapping[str, str]:
        consul = self._config.format == "consul"
        if consul and reply.status == 404:
            # So it says that nothing is below the prefix.
            return {}
        if reply.status != 200:
            raise Unanswered(f"HTTP {reply.status}")
        if reply.cut:
            raise Unanswered(f"the store is longer than {len(reply.body) // 1024} KiB: name a part of it")
        if consul:
            pairs = whole(reply.body, list[_Pair], "a list of keys as `?recurse` gives it")
            return {pair.key: _decoded(pair.value) for pair in pairs}
        return dict(_flat(whole(reply.body, dict[str, Any], "a JSON object"), ""))

    def _change(self, key: str, what: str, at: int, gap: int, then: int) -> ChangeSeen:
        between = f" (between {hhmm(then)}Z and {hhmm(then + gap)}Z)" if gap > LONG else ""
        return ChangeSeen(
            change=line(f"{self.name}:{key}@{at}"),
            source=self.name,
            what=line(f"config {what}{between}"),
            service=self._config.service or "",
        )


def _flat(value: Mapping[str, Any], where: str) -> Iterator[tuple[str, str]]:
    """Every value with its path. A list is one value: one more at its front must not look like a change of all."""
    for key, inner in value.items():
        path = f"{where}.{key}" if where else key
        if isinstance(inner, dict) and inner:
            yield from _flat(inner, path)
        else:
            yield path, msgspec.json.encode(inner, order="sorted").decode()


def _decoded(value: str | None) -> str:
    try:
        return base64.b64decode(value or "", validate=True).decode(errors="replace")
    except binascii.Error:
        return value or ""
