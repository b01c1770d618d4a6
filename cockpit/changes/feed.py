"""A change feed: a JSON document over HTTP that lists what was changed lately.

    {"changes": [{"id": "4711", "at": "2026-11-20T10:47:00Z", "kind": "config", "what": "features.login"}]}

`at` may be microseconds since the epoch too; `service`, `who`, `reviewed`, `link` and `undo` are welcome.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import httpx
import msgspec

from cockpit.clock import SECOND
from cockpit.config.sources import FeedSource
from cockpit.incident.vocabulary import ChangeSeen
from cockpit.text import SafeText

log = logging.getLogger(__name__)

Fetch = Callable[[str, float], Awaitable[bytes]]
"""The body at a url within so many real seconds; raises httpx.HTTPError in words."""

WORDS = 300
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class _Document(msgspec.Struct):
    changes: list[msgspec.Raw]


class _Entry(msgspec.Struct):
    id: str | int
    at: datetime | int
    what: str
    kind: str = ""
    service: str | None = None
    who: str | None = None
    reviewed: bool | None = None
    link: str | None = None
    undo: str | None = None


def _log_problem(problem: SafeText) -> None:
    log.warning("change feed %s", problem)


async def poll(
    source: FeedSource, fetch: Fetch, on_problem: Callable[[SafeText], None] = _log_problem
) -> tuple[tuple[int, ChangeSeen], ...]:
    """The changes the feed lists, each with its moment in microseconds, oldest first.

    What cannot be fetched or read goes to `on_problem` in words; one bad entry spoils no other.
    """

    def problem(words: str) -> None:
        on_problem(SafeText(f"{source.name}: {words}", WORDS).line)

    try:
        document = msgspec.json.decode(await fetch(source.url, source.timeout), type=_Document)
    except httpx.HTTPError as error:
        problem(str(error))
        return ()
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        problem(f"not a list of changes: {error}")
        return ()
    found: list[tuple[int, ChangeSeen]] = []
    for number, raw in enumerate(document.changes, 1):
        try:
            found.append(_seen(source.name, msgspec.json.decode(raw, type=_Entry)))
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            problem(f"entry {number}: {error}")
    return tuple(sorted(found, key=lambda change: change[0]))


def _seen(source: str, entry: _Entry) -> tuple[int, ChangeSeen]:
    return _microseconds(entry.at), ChangeSeen(
        change=f"{source}:{_line(str(entry.id))}",
        source=source,
        what=_line(f"{entry.kind} {_numbered(entry)}"),
        service=_line(entry.service),
        who=_line(entry.who),
        reviewed=entry.reviewed,
        link=_line(entry.link),
        undo=_line(entry.undo),
    )


def _numbered(entry: _Entry) -> str:
    """What was changed, with the number people know it by unless that is in it already."""
    label = str(entry.id)
    said = re.search(rf"(?<!\d){re.escape(label)}(?!\d)", entry.what)
    return entry.what if said or not label.isdecimal() else f"#{label} {entry.what}"


def _microseconds(at: datetime | int) -> int:
    if isinstance(at, int):
        # Anything else is seconds or milliseconds by mistake, and would land in 1970.
        if not _MICROSECONDS[0] <= at < _MICROSECONDS[1]:
            raise ValueError("at must be RFC 3339 or microseconds since the epoch")
        return at
    if at.tzinfo is None:
        raise ValueError("at needs its zone, as in 2026-11-20T10:47:00Z")
    return (at - _EPOCH) // timedelta(microseconds=1)


_MICROSECONDS = (10**9 * SECOND, 10**10 * SECOND)


def _line(text: str | None) -> str:
    return str(SafeText(text or "", WORDS).line.strip())
