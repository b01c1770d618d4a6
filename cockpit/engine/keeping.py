"""Keeps what was measured by the minute; what the disk does not take is dropped and counted. Probing never waits."""

from __future__ import annotations

import logging
from collections import deque

from cockpit.clock import SECOND, Clock
from cockpit.journal.errors import JournalError
from cockpit.journal.telemetry import Telemetry
from cockpit.probes.rollup import Minute, Rollup
from cockpit.probes.sample import Sample

log = logging.getLogger(__name__)

EVERY = 20.0
FORGET_EVERY = 3600.0
"""Incident seconds between two writes, and between two looks for what is too old."""
WAITING_AT_MOST = 20_000
"""Minutes kept in memory while the disk takes none: a thousand lanes for twenty minutes."""


class Keeper:
    """Writes in batches. `alarm` says in words what is being lost."""

    def __init__(self, telemetry: Telemetry, clock: Clock, keep_seconds: float) -> None:
        self._telemetry = telemetry
        self._clock = clock
        self._keep = int(keep_seconds * SECOND)
        self._rollup = Rollup()
        self._waiting: deque[Minute] = deque()
        self._forgotten_at = clock.monotonic() - FORGET_EVERY
        self.dropped = 0
        self.alarm = ""

    def take(self, probe: str, sample: Sample) -> None:
        """Count one more sample; never waits."""
        self._rollup.add(probe, sample)

    async def run(self) -> None:
        """Write for ever."""
        while True:
            await self._clock.sleep(EVERY)
            await self.write()

    async def write(self) -> None:
        """Write every minute that is over."""
        self._waiting.extend(self._rollup.take(self._clock.now()))
        batch = tuple(self._waiting)
        try:
            await self._telemetry.add(batch)
            for _ in batch:
                self._waiting.popleft()
            self.alarm = ""
            if self._clock.monotonic() - self._forgotten_at >= FORGET_EVERY:
                await self._telemetry.forget(self._clock.now() - self._keep)
                self._forgotten_at = self._clock.monotonic()
        except JournalError as error:
            while len(self._waiting) > WAITING_AT_MOST:
                self._waiting.popleft()
                self.dropped += 1
            lost = f"{self.dropped} minutes of figures dropped" if self.dropped else "figures wait in memory"
            self.alarm = f"telemetry: {lost}: {error.message}"
            log.warning(self.alarm)

    async def close(self) -> None:
        """Write what is left if the disk takes it, and let go of the file."""
        await self.write()
        await self._telemetry.close()
