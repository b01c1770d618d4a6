"""What the interfaces of GitHub and GitLab have in common: a token, limits, and answers that need not be sent twice."""

from __future__ import annotations

from collections.abc import Mapping

from cockpit.changes.source import Tools, Unanswered
from cockpit.clock import SECOND, hhmm
from cockpit.web import Reply

LIMIT = 4 * 1024 * 1024
KEPT = 100
"""Answers kept at most, to be asked about with `If-None-Match`."""
SHORTEST, LONGEST = 1.0, 3600.0
"""Seconds of a pause that somebody asks for."""
LIMITED = 60.0
"""Seconds to pause when a limit is met and nobody says for how long."""


class Api:
    """Asks one interface. `advice` says by status what is wrong and how to mend it."""

    def __init__(
        self, tools: Tools, base: str, within: float, headers: Mapping[str, str], advice: Mapping[int, str]
    ) -> None:
        self._tools = tools
        self._base = base.rstrip("/")
        self._within = within
        self._headers = headers
        self._advice = advice
        self._known: dict[str, tuple[str, bytes]] = {}

    async def get(self, path: str) -> bytes:
        """The body of a 200 answer, or of the last one when nothing changed since; Unanswered otherwise."""
        tag, body = self._known.get(path, ("", b""))
        reply = await self._ask("GET", path, {"if-none-match": tag} if tag else {})
        if reply.status == 304 and tag:
            return body
        if reply.status != 200:
            raise self.fault(reply)
        if reply.cut:
            raise Unanswered(f"the answer is longer than {len(reply.body) // 1024} KiB")
        self._keep(path, reply)
        return reply.body

    async def post(self, path: str) -> Reply:
        """The answer to a request without a body, whatever its status; raises httpx.HTTPError."""
        return await self._ask("POST", path, {})

    def fault(self, reply: Reply) -> Unanswered:
        """Why there is nothing to read in that answer."""
        if pause := self._pause(reply):
            again = hhmm(self._tools.clock.now() + int(pause * SECOND))
            return Unanswered(f"its rate limit is used up (HTTP {reply.status}): asked again at {again}Z", pause)
        advice = self._advice.get(reply.status, "")
        return Unanswered(f"HTTP {reply.status}: {advice}" if advice else f"HTTP {reply.status}")

    async def _ask(self, method: str, path: str, more: Mapping[str, str]) -> Reply:
        headers = {**self._headers, **more}
        if method == "POST":
            headers["content-length"] = "0"
        return await self._tools.ask(
            f"{self._base}{path}", self._within, method=method, headers=headers, limit=LIMIT
        )  # fmt: skip

    def _keep(self, path: str, reply: Reply) -> None:
        self._known.pop(path, None)
        if tag := reply.headers.get("etag"):
            self._known[path] = (tag, reply.body)
            while len(self._known) > KEPT:
                del self._known[next(iter(self._known))]

    def _pause(self, reply: Reply) -> float:
        """Seconds to leave it alone, as it asks; 0 when this is no limit."""
        headers = reply.headers
        retry, remaining = _number(headers.get("retry-after")), headers.get("x-ratelimit-remaining")
        spent = reply.status == 403 and (retry is not None or remaining == "0")
        if not spent and reply.status not in {429, 503}:
            return 0.0
        if retry is not None:
            return min(max(retry, SHORTEST), LONGEST)
        reset = _number(headers.get("x-ratelimit-reset") or headers.get("ratelimit-reset"))
        if reset is None:
            return LIMITED
        return min(max(reset - self._tools.clock.now() / SECOND, SHORTEST), LONGEST)


def _number(text: str | None) -> float | None:
    return float(text) if text is not None and text.isascii() and text.isdecimal() and len(text) < 16 else None
