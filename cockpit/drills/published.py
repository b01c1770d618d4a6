"""The freeze of a drill, asked for the way a pipeline would: by the document that the cockpit publishes."""

from __future__ import annotations

from pathlib import Path

from cockpit.freeze.check import Finding, Question, Verdict, judge
from cockpit.freeze.document import LIMIT, Document

KEY = "COCKPIT_FREEZE_KEY"
"""The variable with the key that signs the drill's freeze; made anew for each drill."""


class PublishedFreeze:
    """The document in a file; `scopes` are those that the pipelines of the drill ask about, none for any."""

    def __init__(self, path: Path, scopes: tuple[str, ...], keys: tuple[str, ...]) -> None:
        self._path = path
        self._question = Question(scopes=scopes, keys=keys, unsigned=not keys)
        self._data = b""
        self._finding = Finding(Verdict.UNKNOWN, "nothing was published yet")
        self._fresh_until = 0

    def look(self, now: int) -> tuple[bool, int]:
        """Whether it holds at that moment, and since when the word on it is out, 0 where there is none; microseconds.

        What is unknown does not hold: these pipelines go on when nobody tells them not to.
        """
        try:
            with open(self._path, "rb") as file:
                data = file.read(LIMIT + 1)
        except OSError:
            return False, 0
        if data != self._data or now >= self._fresh_until:
            # It is looked at for every request, and almost always says what it said.
            self._data, self._finding = data, judge(data, self._question, now)
            self._fresh_until = _next_moment(self._finding.document, now)
        document = self._finding.document
        if document is None:
            return False, 0
        over = document.until and now >= document.until
        return self._finding.verdict is Verdict.FROZEN, document.until if over else document.serial


def _next_moment(document: Document | None, now: int) -> int:
    """When the same document may say something else; what is not believed is judged anew each time."""
    if document is None:
        return 0
    return min(moment for moment in (document.until, document.valid_until) if moment > now)
