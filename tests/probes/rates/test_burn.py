"""How fast a budget burns, in all windows at once."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cockpit.config.rates import RateRules
from cockpit.probes.rates.burn import PAIRS, WINDOWS, burn_facts, judge_burn
from cockpit.probes.rates.judging import Judgement, Measured

RULES = RateRules(name="rate")
OBJECTIVE = 0.999
MINUTE, HOUR, DAY = 60.0, 3600.0, 86_400.0


def burning(**windows: float) -> Judgement:
    """The judgement when each window burns so many times as fast as it may, and all others not at all."""
    seconds = {"m5": 300.0, "m30": 1800.0, "h1": HOUR, "h2": 7200.0, "h6": 21_600.0, "d1": DAY, "d3": 3 * DAY}
    burns = {seconds[name]: burn for name, burn in windows.items()}
    measured = {window: Measured(burns.get(window, 0.0) * 10, 10_000.0) for window in WINDOWS}
    return judge_burn(measured, RULES, OBJECTIVE)


def test_an_hour_and_five_minutes_that_both_burn_are_bad() -> None:
    judged = burning(h1=16, m5=20)
    assert (judged.outcome, judged.words) == (
        "bad", "burning the 99.9 % budget 16x (1 h) and 20x (5 min): gone in 1.9 days",
    )  # fmt: skip
    assert judged.ratio == 0.02 and judged.requests == 10_000.0


def test_one_window_alone_says_too_little() -> None:
    assert burning(h1=16).outcome == "good"
    assert burning(m5=900).outcome == "good"
    assert burning(h1=14, m5=900).outcome == "good"


def test_the_windows_and_factors_are_those_of_the_workbook() -> None:
    assert [(pair.long / HOUR, pair.short / MINUTE, pair.rate, pair.outcome) for pair in PAIRS] == [
        (1, 5, 14.4, "bad"), (6, 30, 6, "bad"), (24, 120, 3, "slow"), (72, 360, 1, "slow"),
    ]  # fmt: skip
    assert burning(h6=7, m30=7).outcome == "bad"
    assert burning(d1=4, h2=4).outcome == "slow"
    assert burning(d3=1.5, h6=1.5).outcome == "slow"
    assert burning(d3=0.9, h6=0.9).outcome == "good"


def test_a_calm_budget_says_how_calm() -> None:
    assert burning(h1=0.3, m5=0.2).words == "within the 99.9 % budget: burning 0.3x (1 h) and 0.2x (5 min)"


def test_no_data_now_is_no_data_however_long_windows_look() -> None:
    measured = {window: Measured(0.0, 10_000.0) for window in WINDOWS} | {300.0: Measured(None, None)}
    judged = judge_burn(measured, RULES, OBJECTIVE)
    assert (judged.outcome, judged.gap) == ("indeterminate", "no data")


def test_a_long_window_without_data_is_insufficient_and_said() -> None:
    measured = {window: Measured(0.0, 10_000.0) for window in WINDOWS if window <= HOUR}
    judged = judge_burn(measured, RULES, OBJECTIVE)
    assert judged.outcome == "good"
    assert judged.words.endswith("insufficient window: 2 h, 6 h, 1 day, 3 days")
    only_now = judge_burn({300.0: Measured(900.0, 1000.0)}, RULES, OBJECTIVE)
    assert (only_now.outcome, only_now.gap) == ("indeterminate", "warming")
    assert only_now.words == "insufficient window: no data over 1 h"


def test_no_traffic_for_hours_is_no_traffic_and_not_the_calm_of_days() -> None:
    quiet = {window: Measured(0.0, 0.0 if window <= 21_600 else 10_000.0) for window in WINDOWS}
    judged = judge_burn(quiet, RULES, OBJECTIVE)
    assert (judged.outcome, judged.gap) == ("indeterminate", "no traffic")


def test_too_few_requests_in_five_minutes_leave_the_half_hour_to_judge() -> None:
    measured = {window: Measured(0.0, 4.0 if window == 300 else 50.0) for window in WINDOWS}
    judged = judge_burn(measured, RULES, OBJECTIVE)
    assert judged.outcome == "good" and "(6 h)" in judged.words and "(30 min)" in judged.words


def test_every_window_can_be_looked_up() -> None:
    facts = burn_facts({300.0: Measured(16.0, 1000.0), HOUR: Measured(None, None)}, RULES, OBJECTIVE)
    assert facts == [("5 min", "16x of the budget"), ("1 h", "no data: nothing is told of any requests in 1 h")]


ratios = st.dictionaries(st.sampled_from(WINDOWS), st.floats(0, 1), min_size=0)


@given(ratios, st.floats(0.95, 0.9999))
def test_bad_means_that_both_windows_of_a_pair_burn(shares: dict[float, float], objective: float) -> None:
    measured = {window: Measured(ratio * 1000, 1000.0) for window, ratio in shares.items()}
    judged = judge_burn(measured, RULES, objective)
    burns = {window: ratio * 1000 / 1000.0 / (1 - objective) for window, ratio in shares.items()}
    for outcome in ("bad", "slow"):
        if judged.outcome == outcome:
            pairs = [pair for pair in PAIRS if pair.outcome == outcome]
            assert any(min(burns.get(pair.long, 0), burns.get(pair.short, 0)) > pair.rate for pair in pairs)
    if 300.0 not in shares:
        assert judged.outcome == "indeterminate"
