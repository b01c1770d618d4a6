"""A destination that lacks something: its letters wait until somebody gives it, and the engine goes on."""

from __future__ import annotations

from cockpit.broadcast.sender import Ambiguous, Finding, Kind, Outcome, Outgoing, Refused, Thread


class UnsetSender:
    """Refuses every letter, and says what is missing. `takes` are the kinds that the whole destination would carry."""

    threaded = False

    def __init__(self, name: str, takes: frozenset[Kind], why: str) -> None:
        self.name = name
        self.takes = takes
        self._why = why

    def wire(self, letter: Outgoing, thread: Thread) -> bytes:
        """The letter as the outbox has it."""
        return letter.pack()

    def minimal(self, letter: Outgoing, thread: Thread) -> bytes:
        """The same."""
        return letter.pack()

    async def send(self, wire: bytes) -> Outcome:
        """Nothing is sent."""
        return Refused(self._why, fault="configuration")

    async def find(self, letter: Outgoing, wire: bytes) -> Finding:
        """Nobody can look either."""
        return Ambiguous(self._why)
