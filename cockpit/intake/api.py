"""One API of another system: how it is asked, and what its refusals mean to a person."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import httpx
import msgspec

from cockpit.intake.source import UNREADABLE, WORDS
from cockpit.text import SafeText
from cockpit.web import Ask

LIMIT = 8 * 1024 * 1024
"""Bytes of one answer: some thousand alarms with all their labels."""
PAUSES_AT_MOST = 600.0
"""Seconds: an API that wants a longer rest is asked again all the same, lest a slip of a header silence it."""
MINDED = (429, 503)
"""Statuses with which an API may say for how long to leave it alone."""

_SECONDS = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,6})?", re.ASCII)

Query = Sequence[tuple[str, str]]


class Unanswered(Exception):
    """The API gave no answer that can be used: why, in words, and for how many seconds not to ask again."""

    def __init__(self, words: str, pause: float = 0.0) -> None:
        super().__init__(words)
        self.words = SafeText(words, WORDS).line
        self.pause = pause


def complaint(body: bytes) -> str:
    """What an error's body says, where that is a JSON string or has a `message`; else nothing."""
    try:
        document = msgspec.json.decode(body)
    except UNREADABLE:
        return ""
    words = document.get("message", "") if isinstance(document, dict) else document
    return words if isinstance(words, str) else ""


class Api:
    """Requests below one address. `mend` says what to do about a status, `explain` reads the body of an error."""

    def __init__(
        self, ask: Ask, base: str, within: float, headers: Mapping[str, str], *,
        mend: Mapping[int, str], explain: Callable[[bytes], str] = complaint,
    ) -> None:  # fmt: skip
        self._ask = ask
        self._base = base.rstrip("/")
        self._within = within
        self._headers = headers
        self._mend = mend
        self._explain = explain

    async def get(self, path: str, query: Query = ()) -> bytes:
        """The body of a good answer; Unanswered when there is none."""
        return await self._request("GET", path + (f"?{urlencode(query)}" if query else ""), {}, None)

    async def send(self, method: str, path: str, document: Any, headers: Mapping[str, str] = {}) -> bytes:
        """The same for a request with a JSON document."""
        headers = {"content-type": "application/json", **headers}
        return await self._request(method, path, headers, msgspec.json.encode(document, enc_hook=str))

    async def _request(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None) -> bytes:
        url, headers = self._base + path, {**self._headers, **headers}
        try:
            reply = await self._ask(url, self._within, method=method, headers=headers, body=body, limit=LIMIT)
        except httpx.HTTPError as error:
            raise Unanswered(str(error) or type(error).__name__) from None
        if reply.cut:
            raise Unanswered(f"the answer is longer than {LIMIT // 1024 // 1024} MiB: ask for less, by a filter")
        if not 200 <= reply.status < 300:
            parts = (f"HTTP {reply.status}", self._explain(reply.body), self._mend.get(reply.status, ""))
            raise Unanswered(": ".join(part for part in parts if part), _pause(reply.status, reply.headers))
        return reply.body


def _pause(status: int, headers: Mapping[str, str]) -> float:
    if status not in MINDED:
        return 0.0
    for name in ("ratelimit-reset", "retry-after"):
        if _SECONDS.fullmatch(wanted := headers.get(name, "").strip()):
            return min(float(wanted), PAUSES_AT_MOST)
    return 0.0
