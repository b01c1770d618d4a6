"""Facts on their way to the journal: nobody who learns one waits for storage, and none is lost while it fails."""

from __future__ import annotations

import asyncio
import logging
from collections import deque

from cockpit.engine.core import Core, Decide
from cockpit.incident.event import Draft
from cockpit.journal.errors import JournalError

log = logging.getLogger(__name__)

FIRST_RETRY = 0.2
LONGEST_RETRY = 5.0
"""Real seconds between tries while the journal refuses."""


class Recorder:
    """Records facts in the order they were learnt; `alarm` says in words when the journal refuses.

    `lost` says so when a fact could not be recorded by a fault of the cockpit: the others must not wait behind it.
    """

    def __init__(self, core: Core) -> None:
        self._core = core
        self._waiting: deque[Decide] = deque()
        self._arrived = asyncio.Event()
        self.alarm = ""
        self.lost = ""

    def post(self, draft: Draft) -> None:
        """Hand over a fact; it is recorded soon, or as soon as the journal takes it."""
        self.post_decided(lambda _: (draft,))

    def post_decided(self, decide: Decide) -> None:
        """Hand over what is a fact only if the state then says so."""
        self._waiting.append(decide)
        self._arrived.set()

    async def run(self) -> None:
        """Record for ever."""
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            while self._waiting:
                await self._record(self._waiting[0])
                self._waiting.popleft()

    async def _record(self, decide: Decide) -> None:
        pause = FIRST_RETRY
        while True:
            try:
                await self._core.record(decide)
            except JournalError as error:
                self._raise_alarm(f"journal: {error.message}; {len(self._waiting)} facts wait in memory")
                await asyncio.sleep(pause)
                pause = min(pause * 2, LONGEST_RETRY)
            except Exception as error:
                log.exception("a fact could not be recorded")
                self.lost = f"a fact was lost to a fault of the cockpit: {type(error).__name__}; see the log"
                self._core.wake()
                return
            else:
                self._raise_alarm("")
                return

    def _raise_alarm(self, words: str) -> None:
        if words != self.alarm:
            self.alarm = words
            self._core.wake()
            if words:
                log.error(words)
