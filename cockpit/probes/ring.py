"""The last samples of one probe, in memory, and what they amount to."""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections import deque

import msgspec

from cockpit.clock import SECOND
from cockpit.incident.vocabulary import Figures
from cockpit.probes.sample import Outcome, Sample
from cockpit.protocol.views import FAILED, MISSING

KEPT = 120
LEVELS_MS = (10, 25, 50, 100, 250, 500, 1000)
"""Where each level of a sparkline ends, the same for every probe, so that two of them can be compared."""


class Point(msgspec.Struct, frozen=True, gc=False):
    """What is kept of a sample: a thousand probes keep more than a hundred thousand of them."""

    at: int
    outcome: Outcome
    latency_ms: float | None
    error_rate: float | None
    requests: float | None


class Ring:
    """Bounded: the oldest sample makes room for the newest. The same data are kept once."""

    def __init__(self) -> None:
        self._points: deque[Point] = deque(maxlen=KEPT)
        self._measured = 0
        self._figures = Figures()
        # The figures hold for every window that begins from the first of these moments up to the second.
        self._hold = 0, 0
        self._spark: tuple[int, ...] = ()

    def add(self, sample: Sample) -> None:
        """Keep one more sample."""
        told = sample.outcome != "indeterminate"
        if told and sample.measured_at == self._measured:
            return
        if told:
            self._measured = sample.measured_at
        self._points.append(
            Point(sample.measured_at, sample.outcome, sample.latency_ms, sample.error_rate, sample.requests)
        )
        self._hold = 0, 0
        self._spark = ()

    def figures(self, window_seconds: float, now: int) -> Figures:
        """What was measured in the window; indeterminate samples count for nothing, failures have no latency.

        The error rate is the endpoint's own if its newest answer tells one, else the share of bad samples.
        """
        start = now - int(window_seconds * SECOND)
        if not self._hold[0] <= start < self._hold[1]:
            told = [point for point in self._points if point.at > start and point.outcome != "indeterminate"]
            self._figures = _figures(told)
            before = [point.at for point in self._points if point.at <= start]
            self._hold = max(before, default=-sys.maxsize), min((point.at for point in told), default=sys.maxsize)
        return self._figures

    def spark(self, n: int) -> tuple[int, ...]:
        """The last `n` samples as levels 0 to 7 by latency, FAILED or MISSING; always `n` long, oldest first."""
        if len(self._spark) != n:
            levels = [_level(point) for point in list(self._points)[-n:]]
            self._spark = (*[MISSING] * (n - len(levels)), *levels)
        return self._spark


def _figures(told: list[Point]) -> Figures:
    if not told:
        return Figures()
    newest = told[-1]
    bad = sum(point.outcome == "bad" for point in told)
    latencies = sorted(point.latency_ms for point in told if point.outcome != "bad" and point.latency_ms is not None)
    own = newest.error_rate is not None
    return Figures(
        error_rate=newest.error_rate if own else bad / len(told),
        p50_ms=_percentile(latencies, 50),
        p95_ms=_percentile(latencies, 95),
        samples=len(told),
        at=newest.at,
        requests=newest.requests,
        since=newest.at if own else told[0].at,
    )


def _percentile(ordered: list[float], percent: int) -> float | None:
    """The nearest rank: always a latency that was really measured."""
    if not ordered:
        return None
    return round(ordered[-(-len(ordered) * percent // 100) - 1], 1)


def _level(point: Point) -> int:
    if point.outcome == "bad":
        return FAILED
    if point.outcome == "indeterminate" or point.latency_ms is None:
        return MISSING
    return bisect_right(LEVELS_MS, point.latency_ms)
