"""When a destination is left alone, and tried again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cockpit.broadcast.breaker import FAILURES, FIRST_PROBE, LONGEST_PROBE, OPENED, Breaker


def test_it_opens_after_three_failures_in_a_row() -> None:
    breaker = Breaker()
    for _ in range(FAILURES - 1):
        breaker = breaker.failed(100.0)
        assert breaker.allows(100.0) and not breaker.open
    breaker = breaker.failed(100.0)
    assert breaker.open
    assert not breaker.allows(100.0 + FIRST_PROBE - 0.1)
    assert breaker.allows(100.0 + FIRST_PROBE)


def test_one_that_a_dead_engine_left_is_tried_at_once() -> None:
    assert OPENED.open and OPENED.allows(0.0)


@given(st.integers(FAILURES, 10_000))
def test_tries_grow_rare_but_never_end(failures: int) -> None:
    breaker = Breaker(failures).failed(0.0)
    assert FIRST_PROBE <= breaker.next_try <= LONGEST_PROBE
