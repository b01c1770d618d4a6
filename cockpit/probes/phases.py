"""How long each part of one request took."""

from __future__ import annotations

import time
from typing import Literal

import msgspec

Phase = Literal["dns", "connect", "tls", "first_byte", "transfer"]


class Phases(msgspec.Struct, frozen=True, omit_defaults=True):
    """Milliseconds of each phase that came to its end; `None` for one that did not, or was not needed."""

    dns: float | None = None
    connect: float | None = None
    tls: float | None = None
    first_byte: float | None = None
    transfer: float | None = None


class Stopwatch:
    """Takes the time of one phase after the other; `under_way` is the one that has not ended yet."""

    def __init__(self, under_way: Phase = "dns") -> None:
        self.under_way: Phase = under_way
        self._last = time.perf_counter()
        self._laps: dict[str, float] = {}

    def begin(self, phase: Phase) -> None:
        """From here on this phase is under way."""
        self.under_way = phase

    def lap(self, phase: Phase) -> None:
        """The phase ended now, and the next one begins."""
        now = time.perf_counter()
        self._laps[phase] = round((now - self._last) * 1000, 3)
        self._last = now

    def phases(self) -> Phases:
        """What was taken so far."""
        return Phases(**self._laps)
