"""Samples by the minute."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cockpit.clock import SECOND
from cockpit.probes.rollup import MINUTE, Rollup
from cockpit.probes.sample import Outcome, Sample
from cockpit.text import SafeText

T0 = 1_700_000_040 * SECOND
"""A whole minute."""


def sample(
    seconds: float, outcome: Outcome = "good", latency: float | None = 10.0, rate: float | None = None
) -> Sample:
    return Sample(T0 + int(seconds * SECOND), outcome, SafeText("seen"), latency_ms=latency, error_rate=rate)


def test_a_minute_is_handed_out_once_and_only_when_it_is_over() -> None:
    rollup = Rollup()
    for second in (0, 20, 40):
        rollup.add("api", sample(second, latency=10.0 + second))
    assert rollup.take(T0 + 59 * SECOND) == ()
    (minute,) = rollup.take(T0 + MINUTE)
    assert (minute.start, minute.good, minute.mean_ms, minute.max_ms) == (T0, 3, 30.0, 50.0)
    assert rollup.take(T0 + 10 * MINUTE) == ()


def test_failures_have_no_latency_and_the_last_rate_is_kept() -> None:
    rollup = Rollup()
    rollup.add("api", sample(0, "bad", 3000.0))
    rollup.add("api", sample(10, "indeterminate", None))
    rollup.add("api", sample(20, "slow", 200.0, rate=0.5))
    rollup.add("api", sample(30, "good", 100.0, rate=0.1))
    (minute,) = rollup.take(T0 + MINUTE)
    assert (minute.good, minute.slow, minute.bad, minute.indeterminate, minute.samples) == (1, 1, 1, 1, 3)
    assert (minute.mean_ms, minute.error_rate) == (150.0, 0.1)


@given(st.lists(st.tuples(st.sampled_from(["a", "b"]), st.floats(0, 600)), max_size=60))
def test_no_sample_is_lost_or_counted_twice(found: list[tuple[str, float]]) -> None:
    rollup = Rollup()
    for probe, seconds in sorted(found, key=lambda pair: pair[1]):
        rollup.add(probe, sample(seconds))
    minutes = rollup.take(T0 + 20 * MINUTE)
    assert sum(minute.samples for minute in minutes) == len(found)
    assert len({(minute.probe, minute.start) for minute in minutes}) == len(minutes)
