"""Notices that the host slept."""

from __future__ import annotations

import asyncio

from cockpit.clock import awake_and_boot
from cockpit.engine.recording import Recorder
from cockpit.incident.event import Draft
from cockpit.incident.vocabulary import EngineWoke

LOOK_EVERY = 5.0
SLEPT_AT_LEAST = 10.0
"""Real seconds: a shorter difference between the clocks is no sleep."""


class Waking:
    """Compares the time awake with the time since boot, and records what lies between."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    async def run(self) -> None:
        """Watch the clocks for ever."""
        awake, boot = awake_and_boot()
        while True:
            await asyncio.sleep(LOOK_EVERY)
            awake_now, boot_now = awake_and_boot()
            slept = (boot_now - boot) - (awake_now - awake)
            awake, boot = awake_now, boot_now
            if slept >= SLEPT_AT_LEAST:
                self._recorder.post(Draft(body=EngineWoke(seconds=slept), actor="cockpit"))
