"""The clocks. Every reader of time takes one, so that drills can run fast and tests can run still."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol

from cockpit.moments import SECOND, hhmm, hhmmss, iso, moment, span

__all__ = [
    "SECOND", "Clock", "DrillClock", "SystemClock", "awake_and_boot", "hhmm", "hhmmss", "iso", "moment", "span",
]  # fmt: skip


class Clock(Protocol):
    """Wall and monotonic time as the incident sees it."""

    @property
    def speed(self) -> float:
        """Incident seconds per real second; 1.0 outside drills."""

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


class DrillClock:
    """A clock that runs `speed` times as fast as the host's from the moment `origin_real`.

    Every process of one drill is given the same origins, so they agree on the incident's time.
    Both origins are microseconds since the epoch: `origin_real` on the host's clock, `origin` on the drill's.
    """

    def __init__(self, speed: float, origin_real: int, origin: int) -> None:
        if speed <= 0:
            raise ValueError(f"the speed of a drill must be positive, not {speed}")
        self.speed = speed
        self._origin_real = origin_real
        self._origin = origin

    def now(self) -> int:
        return self._origin + int((time.time_ns() // 1000 - self._origin_real) * self.speed)

    def monotonic(self) -> float:
        return time.monotonic() * self.speed

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self.speed)


def awake_and_boot() -> tuple[float, float]:
    """Seconds of awake time and of time since boot; the second runs on while the host sleeps."""
    boot = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.monotonic(), time.clock_gettime(boot)
