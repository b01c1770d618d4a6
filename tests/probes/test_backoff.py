"""Leaving alone what cannot cope."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.probes.backoff import Backoff, after
from cockpit.probes.failures import FailureKind
from cockpit.probes.sample import Outcome, Sample
from cockpit.text import SafeText


def sample(
    outcome: Outcome = "bad", failure: FailureKind | None = None, status: int | None = None, rest: float | None = None
) -> Sample:
    return Sample(1, outcome, SafeText(), failure=failure, status=status, retry_after=rest)


TIMEOUT = sample(failure="read_timeout")


def paces(samples: list[Sample], interval: float = 10.0, failures: int = 3) -> list[float]:
    backoff, found = Backoff(), []
    for each in samples:
        backoff = after(backoff, each)
        found.append(backoff.pace(interval, failures))
    return found


def test_asking_slows_down_to_a_minute_once_it_is_down() -> None:
    assert paces([TIMEOUT] * 7) == [10, 10, 20, 40, 60, 60, 60]
    assert paces([TIMEOUT] * 3, interval=45.0, failures=1) == [60, 60, 60]
    assert paces([TIMEOUT] * 3, interval=300.0, failures=1) == [300, 300, 300]


@pytest.mark.parametrize("strained", [sample(failure="connect_timeout"), sample(status=429), sample(status=503)])
def test_what_strain_is(strained: Sample) -> None:
    assert paces([strained], failures=1) == [20]


@pytest.mark.parametrize(
    "other", [sample(failure="refused"), sample(failure="tls"), sample(status=500), sample("good", status=503)]
)
def test_what_strain_is_not(other: Sample) -> None:
    assert paces([other], failures=1) == [10]


@pytest.mark.parametrize("outcome", ["good", "slow"])
def test_one_success_resets(outcome: Outcome) -> None:
    assert paces([TIMEOUT, TIMEOUT, sample(outcome), TIMEOUT], failures=1) == [20, 40, 10, 20]


def test_a_sample_that_says_nothing_changes_nothing_but_a_rest_is_over() -> None:
    backoff = after(after(Backoff(), sample(status=503, rest=30)), sample("indeterminate", failure="local"))
    assert backoff == Backoff(strained=1, rest=0.0)


def test_a_rest_that_is_asked_for_is_given_up_to_ten_minutes() -> None:
    assert [after(Backoff(), sample(status=503, rest=rest)).rest for rest in (None, -5, 35, 86_400)] == [0, 0, 35, 600]


@given(st.lists(st.sampled_from([TIMEOUT, sample("good"), sample(status=500), sample("indeterminate")]), max_size=500),
       st.floats(0.1, 3600), st.integers(1, 20))  # fmt: skip
def test_never_faster_than_the_interval_nor_slower_than_a_minute(
    told: list[Sample], interval: float, failures: int
) -> None:
    assert all(interval <= pace <= max(interval, 60.0) for pace in paces(told, interval, failures))


def test_a_source_of_error_rates_that_cannot_cope_is_left_alone_too() -> None:
    refused = Sample(1, "indeterminate", SafeText(), status=429, gap="no data", retry_after=120.0)
    backoff = after(Backoff(), refused)
    assert (backoff.pace(10.0, 1), backoff.leave(1)) == (20.0, 120.0)
    silent = Sample(1, "indeterminate", SafeText(), failure="read_timeout", gap="no data")
    assert after(Backoff(), silent).pace(10.0, 1) == 20.0


def test_until_it_is_believed_to_be_down_a_rest_is_a_minute_at_most() -> None:
    backoff, rests = Backoff(), []
    for _ in range(3):
        backoff = after(backoff, sample(status=503, rest=600))
        rests.append(backoff.leave(3))
    assert rests == [60.0, 60.0, 600.0]
