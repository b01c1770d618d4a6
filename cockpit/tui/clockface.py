"""The incident's clock as a terminal reads it."""

from __future__ import annotations

import time
from collections.abc import Callable

from cockpit.clock import SECOND
from cockpit.protocol.messages import Welcome


class Clockface:
    """Runs on from the moment the engine named in its welcome, at the engine's speed."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._started = monotonic()
        self._origin = 0
        self._speed = 1.0

    def set(self, welcome: Welcome) -> None:
        """Take over the engine's time and speed."""
        self._started = self._monotonic()
        self._origin = welcome.now
        self._speed = welcome.speed

    def now(self) -> int:
        """The incident's time in microseconds since the epoch; 0 before the first welcome."""
        if not self._origin:
            return 0
        return self._origin + int((self._monotonic() - self._started) * self._speed * SECOND)
