"""The last samples of one probe, in memory, and what they amount to."""

from __future__ import annotations

from bisect import bisect_right
from collections import deque

from cockpit.clock import SECOND
from cockpit.incident.vocabulary import Figures
from cockpit.probes.sample import Sample
from cockpit.protocol.views import FAILED, MISSING

KEPT = 120
LEVELS_MS = (10, 25, 50, 100, 250, 500, 1000)
"""Where each level of a sparkline ends, the same for every probe, so that two of them can be compared."""


class Ring:
    """Bounded: the oldest sample makes room for the newest."""

    def __init__(self) -> None:
        self._samples: deque[Sample] = deque(maxlen=KEPT)

    def add(self, sample: Sample) -> None:
        """Keep one more sample."""
        self._samples.append(sample)

    def figures(self, window_seconds: float, now: int) -> Figures:
        """What was measured in the window; indeterminate samples count for nothing, failures have no latency.

        The error rate is the endpoint's own if its newest answer tells one, else the share of bad samples.
        """
        start = now - int(window_seconds * SECOND)
        told = [sample for sample in self._samples if sample.at > start and sample.outcome != "indeterminate"]
        if not told:
            return Figures()
        newest = told[-1]
        bad = sum(sample.outcome == "bad" for sample in told)
        latencies = sorted(
            sample.latency_ms for sample in told if sample.outcome != "bad" and sample.latency_ms is not None
        )
        return Figures(
            error_rate=newest.error_rate if newest.error_rate is not None else bad / len(told),
            p50_ms=_percentile(latencies, 50),
            p95_ms=_percentile(latencies, 95),
            samples=len(told),
            at=newest.at,
        )

    def spark(self, n: int) -> tuple[int, ...]:
        """The last `n` samples as levels 0 to 7 by latency, FAILED or MISSING; always `n` long, oldest first."""
        levels = [_level(sample) for sample in list(self._samples)[-n:]]
        return (*[MISSING] * (n - len(levels)), *levels)


def _percentile(ordered: list[float], percent: int) -> float | None:
    """The nearest rank: always a latency that was really measured."""
    if not ordered:
        return None
    return round(ordered[-(-len(ordered) * percent // 100) - 1], 1)


def _level(sample: Sample) -> int:
    if sample.outcome == "bad":
        return FAILED
    if sample.outcome == "indeterminate" or sample.latency_ms is None:
        return MISSING
    return bisect_right(LEVELS_MS, sample.latency_ms)
