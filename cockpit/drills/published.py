"""The freeze of a drill, asked for the way a pipeline would: by the document that the cockpit publishes."""

from __future__ import annotations

from pathlib import Path

from cockpit.freeze.check import Question, Verdict, judge
from cockpit.freeze.document import LIMIT

KEY = "COCKPIT_FREEZE_KEY"
"""The variable with the key that signs the drill's freeze; made anew for each drill."""


class PublishedFreeze:
    """The document in a file; `scopes` are those that the pipelines of the drill ask about, none for any."""

    def __init__(self, path: Path, scopes: tuple[str, ...], keys: tuple[str, ...]) -> None:
        self._path = path
        self._question = Question(scopes=scopes, keys=keys, unsigned=not keys)

    def look(self, now: int) -> tuple[bool, int]:
        """Whether it holds at that moment, and since when the word on it is out, 0 where there is none; microseconds.

        What is unknown does not hold: these pipelines go on when nobody tells them not to.
        """
        try:
            with open(self._path, "rb") as file:
                data = file.read(LIMIT + 1)
        except OSError:
            return False, 0
        finding = judge(data, self._question, now)
        document = finding.document
        if document is None:
            return False, 0
        over = document.until and now >= document.until
        return finding.verdict is Verdict.FROZEN, document.until if over else document.serial
