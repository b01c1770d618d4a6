"""When a destination is no longer tried, and when it is tried again. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

FAILURES = 3
"""Failures in a row after which a destination counts as unreachable."""
FIRST_PROBE, LONGEST_PROBE = 5.0, 60.0
"""Seconds between two tries of an unreachable destination, doubling from one to the other."""


@dataclass(frozen=True)
class Breaker:
    """`failures` in a row, and the moment of the next try by a clock that is never set, in seconds."""

    failures: int = 0
    next_try: float = 0.0

    @property
    def open(self) -> bool:
        """Whether the destination counts as unreachable."""
        return self.failures >= FAILURES

    def allows(self, at: float) -> bool:
        """Whether it may be tried at that moment."""
        return not self.open or at >= self.next_try

    def failed(self, at: float) -> Breaker:
        """After one more failure."""
        failures = self.failures + 1
        pause = min(LONGEST_PROBE, FIRST_PROBE * 2.0 ** min(max(failures - FAILURES, 0), 10))
        return replace(self, failures=failures, next_try=at + pause)


OPENED = Breaker(FAILURES)
"""As an engine that died left it: one try at once tells."""
