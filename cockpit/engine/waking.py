"""Notices that the host slept, or that its clock was set."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import NamedTuple

from cockpit.clock import awake_and_boot
from cockpit.engine.recording import Recorder
from cockpit.incident.event import Body, Draft
from cockpit.incident.vocabulary import ClockStepped, EngineWoke

LOOK_EVERY = 5.0
SLEPT_AT_LEAST = 10.0
STEPPED_AT_LEAST = 2.0
"""Real seconds: a shorter difference between the clocks is no sleep, and no step but the slewing of a time server."""


class Clocks(NamedTuple):
    """Seconds awake, seconds since boot, and seconds since the epoch by the wall clock."""

    awake: float
    boot: float
    wall: float


def clocks() -> Clocks:
    """This host's clocks now."""
    return Clocks(*awake_and_boot(), time.time())


def gaps(before: Clocks, after: Clocks) -> tuple[Body, ...]:
    """What lies between two looks at the clocks: a sleep, a step, both, or neither."""
    slept = (after.boot - before.boot) - (after.awake - before.awake)
    stepped = (after.wall - before.wall) - (after.boot - before.boot)
    woke = (EngineWoke(seconds=slept),) if slept >= SLEPT_AT_LEAST else ()
    return (*woke, ClockStepped(seconds=stepped)) if abs(stepped) >= STEPPED_AT_LEAST else woke


class Waking:
    """Compares the clocks, records what lies between, and calls `on_gap`: nothing known from before it is fresh."""

    def __init__(
        self, recorder: Recorder, on_gap: Callable[[], None] = lambda: None, read: Callable[[], Clocks] = clocks
    ) -> None:
        self._recorder = recorder
        self._on_gap = on_gap
        self._read = read
        self._before = read()

    async def run(self) -> None:
        """Watch the clocks for ever."""
        while True:
            await asyncio.sleep(LOOK_EVERY)
            self.look()

    def look(self) -> None:
        """Compare the clocks with the look before."""
        before, self._before = self._before, self._read()
        found = gaps(before, self._before)
        for body in found:
            self._recorder.post(Draft(body=body, actor="cockpit"))
        if found:
            self._on_gap()
