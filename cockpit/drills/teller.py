"""The story of a drill as plain lines."""

from __future__ import annotations

from cockpit.drills.performing import Say
from cockpit.protocol import plain
from cockpit.protocol.views import Row


class Teller:
    """Says each row once: a declaration brings the story before it into the incident's own stream."""

    def __init__(self, say: Say) -> None:
        self._say = say
        self._told: set[tuple[int, str, str]] = set()

    def __call__(self, row: Row) -> None:
        told = (row.at, row.kind, " ".join(row.text.split()[:2]))
        if told not in self._told:
            self._told.add(told)
            self._say(plain.line(row))
