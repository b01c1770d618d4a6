"""How Slack refuses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class SlackError(Exception):
    """A call that is refused with one of Slack's own codes; `details` say where the fault lies."""

    def __init__(self, code: str, details: Sequence[str] = (), **more: Any) -> None:
        super().__init__(code)
        self.code = code
        self.details = tuple(details)
        self.more = more

    def body(self) -> dict[str, Any]:
        """What the caller is told."""
        body: dict[str, Any] = {"ok": False, "error": self.code} | self.more
        if self.details:
            body["errors"] = list(self.details)
            body["response_metadata"] = {"messages": [f"[ERROR] {each}" for each in self.details]}
        return body


class TooMany(Exception):
    """A call that comes too soon after another: HTTP 429. `wait` is in seconds."""

    def __init__(self, wait: int) -> None:
        super().__init__(f"retry after {wait} s")
        self.wait = wait
