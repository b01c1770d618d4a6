"""The clocks. Every reader of time takes one, so that drills can run fast and tests can run still."""

from __future__ import annotations

import asyncio
import time
from typing import NamedTuple, Protocol

from cockpit.moments import SECOND, hhmm, hhmmss, iso, moment, span

__all__ = [
    "SECOND", "Clock", "DrillClock", "Line", "SystemClock", "awake_and_boot", "hhmm", "hhmmss", "iso", "moment",
    "passed", "span", "wait",
]  # fmt: skip


LONGEST_NAP = 0.25
"""Real seconds after which a sleeper in a drill looks whether the clock was turned."""


class Clock(Protocol):
    """Wall and monotonic time as the incident sees it."""

    @property
    def speed(self) -> float:
        """Incident seconds per real second; 1.0 outside drills, 0 while a drill is paused."""

    def now(self) -> int:
        """Wall time in microseconds since the epoch, UTC."""

    def monotonic(self) -> float:
        """Seconds from an arbitrary start, never going back, standing still while the host sleeps."""

    async def sleep(self, seconds: float) -> None:
        """Wait for that many incident seconds."""


class SystemClock:
    """The host's own clocks."""

    speed = 1.0

    def now(self) -> int:
        return time.time_ns() // 1000

    def monotonic(self) -> float:
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Line(NamedTuple):
    """How the clock of a drill runs from one moment on: it shows `at` at `real`, and runs `speed` times as fast.

    `real` is in nanoseconds of the host's monotonic clock, `at` in microseconds since the epoch; speed 0 is a pause.
    """

    real: int
    at: int
    speed: float

    def shown(self, real: int) -> int:
        """What the clock shows at that moment of the host; never earlier than where the line begins."""
        return self.at + max(0, int((real - self.real) * self.speed / 1000))


class DrillClock:
    """A clock along a line: it shows `at` now, and runs `speed` times as fast as the host's.

    It follows the host's monotonic clock, which no correction sets back, and stands still while the host sleeps.
    """

    def __init__(self, speed: float, at: int) -> None:
        if speed <= 0:
            raise ValueError(f"the speed of a drill must be positive, not {speed}")
        self._line = Line(time.monotonic_ns(), at, speed)

    @property
    def line(self) -> Line:
        """The line that is followed now."""
        return self._line

    @property
    def speed(self) -> float:
        """Incident seconds per real second; 0 while it is paused."""
        return self.line.speed

    def now(self) -> int:
        return self.line.shown(time.monotonic_ns())

    def monotonic(self) -> float:
        return self.line.shown(time.monotonic_ns()) / SECOND

    def passed(self, real: float) -> float:
        """How many incident seconds passed in the last `real` seconds."""
        return real * self.speed

    async def sleep(self, seconds: float) -> None:
        until = self.monotonic() + seconds
        while (left := until - self.monotonic()) > 0:
            speed = self.speed
            await asyncio.sleep(min(left / speed, LONGEST_NAP) if speed else LONGEST_NAP)
        await asyncio.sleep(0)


def passed(clock: Clock, real: float) -> float:
    """How many incident seconds passed in the last `real` seconds."""
    return clock.passed(real) if isinstance(clock, DrillClock) else real * clock.speed


async def wait(event: asyncio.Event, clock: Clock, seconds: float) -> None:
    """Wait for the event, for that many incident seconds at most."""
    async with asyncio.TaskGroup() as both:
        waiting = both.create_task(event.wait())
        sleeping = both.create_task(clock.sleep(seconds))
        waiting.add_done_callback(lambda _: sleeping.cancel())
        sleeping.add_done_callback(lambda _: waiting.cancel())


def awake_and_boot() -> tuple[float, float]:
    """Seconds of awake time and of time since boot; the second runs on while the host sleeps."""
    boot = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.monotonic(), time.clock_gettime(boot)
