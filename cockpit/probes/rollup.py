"""Samples by the minute: what is kept of them when the ring has moved on. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from cockpit.clock import SECOND

if TYPE_CHECKING:
    # Whoever only reads the minutes, such as a report, asks nothing over HTTP.
    from cockpit.probes.sample import Sample

MINUTE = 60 * SECOND


class Minute(msgspec.Struct, frozen=True):
    """What one lane measured in one minute, which began at `start`, in microseconds.

    The counts are of samples by their outcome; latencies are milliseconds of those that were answered as they should
    be; `error_rate` and `requests` are the last that an answer told.
    """

    probe: str
    start: int
    good: int = 0
    slow: int = 0
    bad: int = 0
    indeterminate: int = 0
    mean_ms: float | None = None
    max_ms: float | None = None
    error_rate: float | None = None
    requests: float | None = None

    @property
    def samples(self) -> int:
        """How many samples say anything about the endpoint."""
        return self.good + self.slow + self.bad


class Rollup:
    """Adds samples up; a minute is handed out once, after it is over."""

    def __init__(self) -> None:
        self._open: dict[str, list[Sample]] = {}
        self._done: list[Minute] = []

    def add(self, probe: str, sample: Sample) -> None:
        """Count one more sample; one of another minute closes the one before."""
        kept = self._open.setdefault(probe, [])
        if kept and kept[0].at // MINUTE != sample.at // MINUTE:
            self._done.append(_minute(probe, kept))
            kept.clear()
        kept.append(sample)

    def take(self, now: int) -> tuple[Minute, ...]:
        """Every minute that is over and was not taken yet."""
        for probe, kept in self._open.items():
            if kept and kept[0].at // MINUTE < now // MINUTE:
                self._done.append(_minute(probe, kept))
                kept.clear()
        taken, self._done = tuple(self._done), []
        return taken


def _minute(probe: str, samples: list[Sample]) -> Minute:
    outcomes = [sample.outcome for sample in samples]
    answered = [
        sample.latency_ms for sample in samples if sample.outcome in {"good", "slow"} and sample.latency_ms is not None
    ]
    told = [sample for sample in samples if sample.error_rate is not None]
    return Minute(
        probe=probe,
        start=samples[0].at // MINUTE * MINUTE,
        good=outcomes.count("good"),
        slow=outcomes.count("slow"),
        bad=outcomes.count("bad"),
        indeterminate=outcomes.count("indeterminate"),
        mean_ms=round(sum(answered) / len(answered), 3) if answered else None,
        max_ms=max(answered, default=None),
        error_rate=told[-1].error_rate if told else None,
        requests=told[-1].requests if told else None,
    )
