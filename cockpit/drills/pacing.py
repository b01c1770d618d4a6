"""Keeps a played drill true on a busy host: its clock stands still while the processes of the drill cannot keep up."""

from __future__ import annotations

import asyncio
import time

from cockpit.drills.hidden import Hidden
from cockpit.drills.seat import Seat
from cockpit.drills.stage import Stage

LATE = 0.15
"""Real seconds that an answer of the simulator, or a turn of our own loop, may come late."""
LOOK = 0.1
"""Real seconds between two looks."""
HELD = 10.0
"""Real seconds that the clock is held at a stretch at most: what takes longer does not wait for the host."""
_STARTED = frozenset({"starting", "running", "looking", "undoing"})
"""The words of a step whose command was confirmed and has not ended."""


async def pace(stage: Stage, seat: Seat) -> None:
    """Hold the clock whenever the drill's processes are late, and while a command that was confirmed only starts.

    At 60 times a second of the host is a minute of the incident, and what starts a process would cost one.
    """
    while True:
        # What a facilitator has paused need not be held.
        if await _late(stage, seat) and stage.asked:
            with stage.still():
                until = time.monotonic() + HELD
                while await _late(stage, seat) and time.monotonic() < until:
                    pass


async def _late(stage: Stage, seat: Seat) -> bool:
    began = time.monotonic()
    _, hidden = await asyncio.gather(asyncio.sleep(LOOK), stage.hidden())
    return time.monotonic() - began > LOOK + LATE or _starting(seat, hidden)


def _starting(seat: Seat, hidden: Hidden) -> bool:
    """Whether a command was confirmed of which the simulator has not heard."""
    return not hidden.underway and any(step.word in _STARTED for step in seat.sight.run.steps)
