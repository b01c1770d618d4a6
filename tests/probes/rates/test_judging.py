"""What a share of errors says, and every way in which it says nothing."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.config.rates import RateRules
from cockpit.probes.rates.judging import Measured, count, judge, length, percent

RULES = RateRules(name="rate")


def test_a_share_at_or_above_crit_is_bad_and_at_or_above_warn_degraded() -> None:
    bad = judge(Measured(504.3, 4100.0), RULES, 300)
    assert (bad.outcome, bad.gap, bad.requests) == ("bad", "", 4100.0)
    assert bad.words == "errors 12.3 % of 4.1k requests in 5 min, critical from 5 %"
    slow = judge(Measured(1.0, 100.0), RULES, 300)
    assert (slow.outcome, slow.words) == ("slow", "errors 1.0 % of 100 requests in 5 min, degraded from 1 %")
    good = judge(Measured(9.9, 1000.0), RULES, 300)
    assert (good.outcome, good.words) == ("good", "errors 1.0 % of 1.0k requests in 5 min")
    assert judge(Measured(50.0, 1000.0), RULES, 300).outcome == "bad"


def test_empty_errors_beside_live_traffic_are_none() -> None:
    judged = judge(Measured(None, 500.0), RULES, 300)
    assert (judged.outcome, judged.ratio, judged.words) == ("good", 0.0, "errors 0 % of 500 requests in 5 min")


def test_a_total_of_nought_is_no_traffic_and_neither_green_nor_zero_percent() -> None:
    for errors in (None, 0.0, math.nan):
        judged = judge(Measured(errors, 0.0), RULES, 300)
        assert (judged.outcome, judged.gap, judged.ratio) == ("indeterminate", "no traffic", None)
        assert judged.words == "no traffic: no requests in 5 min"


def test_an_empty_total_is_no_data_even_beside_errors() -> None:
    for errors in (None, 0.0, 12.0):
        judged = judge(Measured(errors, None), RULES, 300)
        assert (judged.outcome, judged.gap, judged.ratio) == ("indeterminate", "no data", None)


def test_one_error_of_one_request_is_too_few_to_judge() -> None:
    judged = judge(Measured(1.0, 1.0), RULES, 300)
    assert (judged.outcome, judged.gap, judged.ratio) == ("indeterminate", "no traffic", None)
    assert judged.words == "1 request in 5 min, too few to judge"
    assert judge(Measured(4.0, 4.2), RULES, 300).words == "4 requests in 5 min, too few to judge"


def test_as_many_requests_as_are_asked_for_are_enough() -> None:
    assert judge(Measured(0.0, 10.0), RULES, 300).outcome == "good"
    assert judge(Measured(0.0, 9.999), RULES, 300).outcome == "indeterminate"


@pytest.mark.parametrize("total", [math.nan, math.inf, -math.inf, -1.0])
def test_a_total_that_is_no_number_is_no_data(total: float) -> None:
    judged = judge(Measured(1.0, total), RULES, 300)
    assert (judged.outcome, judged.gap) == ("indeterminate", "no data")
    assert "not a number of requests" in judged.words


@pytest.mark.parametrize("errors", [math.nan, math.inf, -1.0])
def test_errors_that_are_no_number_are_no_data_and_not_none(errors: float) -> None:
    judged = judge(Measured(errors, 1000.0), RULES, 300)
    assert (judged.outcome, judged.gap, judged.ratio) == ("indeterminate", "no data", None)


def test_data_older_than_the_window_and_three_intervals_is_stale() -> None:
    judged = judge(Measured(900.0, 1000.0, 301.0), RULES, 300)
    assert (judged.outcome, judged.gap, judged.ratio) == ("indeterminate", "stale", None)
    assert judged.words == "stale: the newest data is 301 s old"
    assert judge(Measured(900.0, 1000.0, 299.0), RULES, 300).outcome == "bad"
    rare = RateRules(name="rate", interval=600.0)
    assert judge(Measured(900.0, 1000.0, 1700.0), rare, 300).outcome == "bad"


def test_more_errors_than_requests_are_all_of_them_and_said() -> None:
    judged = judge(Measured(2000.0, 1000.0), RULES, 300)
    assert (judged.outcome, judged.ratio) == ("bad", 1.0)
    assert judged.words.endswith("more errors than requests are told: are both of the same traffic?")
    assert "told" not in judge(Measured(1001.0, 1000.0), RULES, 300).words


numbers = st.none() | st.floats()


@given(errors=numbers, total=numbers, age=st.floats(0, 1e9))
def test_whatever_is_told_a_gap_is_indeterminate_and_a_share_a_ratio(
    errors: float | None, total: float | None, age: float
) -> None:
    judged = judge(Measured(errors, total, age), RULES, 300)
    assert (judged.outcome == "indeterminate") == (judged.gap != "") == (judged.ratio is None)
    assert judged.ratio is None or 0 <= judged.ratio <= 1
    assert judged.words and "\n" not in judged.words


@given(total=st.floats(10, 1e12), errors=st.floats(0, 1e12), more=st.floats(0, 1e12))
def test_more_errors_never_look_better(total: float, errors: float, more: float) -> None:
    order = ("good", "slow", "bad")
    fewer, worse = judge(Measured(errors, total), RULES, 300), judge(Measured(errors + more, total), RULES, 300)
    assert order.index(fewer.outcome) <= order.index(worse.outcome)


def test_numbers_are_written_for_people() -> None:
    assert [percent(ratio) for ratio in (0, 0.123, 0.0004, 1)] == ["0 %", "12.3 %", "0.04 %", "100.0 %"]
    assert [count(number) for number in (1, 12, 4100, 2.3e6)] == [
        "1 request", "12 requests", "4.1k requests", "2.3M requests",
    ]  # fmt: skip
    assert [length(seconds) for seconds in (45, 290, 300, 5400, 21_600, 86_400, 259_200)] == [
        "45 s", "290 s", "5 min", "90 min", "6 h", "1 day", "3 days",
    ]  # fmt: skip
