"""Notices that an engine keeps the connection and says nothing any more."""

from __future__ import annotations

from typing import Literal

LOOK_EVERY = 1.0
"""Real seconds between two looks."""
ASK_AFTER, GIVE_UP_AFTER, BUSY = 5, 15, 45
"""Looks without a word from the engine: then it is asked for a sign of life, then it is given up. While it carries
out a command it may take longer: it answers one terminal's questions one after the other."""


class Silence:
    """Counts looks, not seconds: a terminal that was itself stopped has not looked, and gives nobody up for it."""

    def __init__(self) -> None:
        self._looks = 0
        self.given_up = False

    def heard(self) -> None:
        """The engine said something."""
        self._looks = 0
        self.given_up = False

    def look(self, busy: bool) -> Literal["fine", "ask", "give up"]:
        """What is to be done about the silence so far; `busy` while a command is not answered yet."""
        self._looks += 1
        self.given_up = self._looks >= (BUSY if busy else GIVE_UP_AFTER)
        if self.given_up:
            return "give up"
        return "ask" if self._looks == ASK_AFTER else "fine"
