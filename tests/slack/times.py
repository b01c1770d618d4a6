"""Clocks that a test moves by hand."""

from __future__ import annotations

from cockpit.clock import SECOND, SystemClock

START = 1_763_635_620 * SECOND


class HandClock:
    """Time stands still until somebody advances it; sleeping moves it too."""

    speed = 1.0

    def __init__(self, now: int = START) -> None:
        self._now = now

    def now(self) -> int:
        return self._now

    def monotonic(self) -> float:
        return self._now / SECOND

    async def sleep(self, seconds: float) -> None:
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        """Move on."""
        self._now += int(seconds * SECOND)


class ShiftedClock(SystemClock):
    """The host's clock, ahead by what somebody advanced it."""

    def __init__(self) -> None:
        self._ahead = 0.0

    def now(self) -> int:
        return super().now() + int(self._ahead * SECOND)

    def monotonic(self) -> float:
        return super().monotonic() + self._ahead

    def advance(self, seconds: float) -> None:
        """Move on."""
        self._ahead += seconds
