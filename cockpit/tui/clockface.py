"""The incident's clock as a terminal reads it."""

from __future__ import annotations

import time
from collections.abc import Callable

from cockpit.clock import SECOND
from cockpit.protocol.messages import Welcome
from cockpit.protocol.views import ClockView


class Clockface:
    """Runs on from the moment the engine named last, at the engine's speed.

    `speed` is in incident seconds per real second: 1 outside drills, 0 while a drill is paused.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._started = monotonic()
        self._origin = 0
        self.speed = 1.0

    def set(self, welcome: Welcome) -> None:
        """Take over the engine's time and speed."""
        self.turn(ClockView(welcome.now, welcome.speed))

    def turn(self, clock: ClockView) -> None:
        """Go on from the time the engine tells, at the speed that it has now."""
        self._started = self._monotonic()
        self._origin = clock.now
        self.speed = clock.speed

    def now(self) -> int:
        """The incident's time in microseconds since the epoch; 0 before the first welcome."""
        if not self._origin:
            return 0
        return self._origin + int((self._monotonic() - self._started) * self.speed * SECOND)
