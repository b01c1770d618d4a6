"""Whether a step helped."""

from __future__ import annotations

import pytest

from cockpit.clock import SECOND
from cockpit.incident.vocabulary import Figures
from cockpit.runbooks.model.steps import Verify
from cockpit.runbooks.verify import compare, judge

VERIFY = Verify(probe="p", within=180.0, hold=30.0, settle=10.0)
BAD = Figures(error_rate=0.796, samples=50)
START = 5_000 * SECOND


def at(seconds: float) -> int:
    return START + int(seconds * SECOND)


def test_it_passes_once_up_for_the_whole_hold_after_the_settle() -> None:
    good = Figures(error_rate=0.0, samples=50)
    assert judge(VERIFY, START, at(40.9), BAD, good, at(11), True) is None
    passed = judge(VERIFY, START, at(41), BAD, good, at(11), True)
    assert passed is not None
    assert (passed.verdict, passed.words) == ("pass", "RECOVERED  err 79.6 -> 0.0 % after 41 s")


def test_what_was_good_all_along_still_waits_for_settle_and_hold() -> None:
    assert judge(VERIFY, START, at(39), BAD, BAD, at(-500), True) is None
    passed = judge(VERIFY, START, at(40), BAD, BAD, at(-500), True)
    assert passed is not None and passed.verdict == "pass"


def test_an_unchanged_rate_at_the_deadline_is_no_effect() -> None:
    still = Figures(error_rate=0.794, samples=50)
    assert judge(VERIFY, START, at(179), BAD, still, None, True) is None
    judged = judge(VERIFY, START, at(180), BAD, still, None, True)
    assert judged is not None
    assert (judged.verdict, judged.words) == ("no_effect", "NO EFFECT  err 79.6 -> 79.4 % after 3 m 00 s")


def test_stale_data_never_pass_and_are_inconclusive_at_the_deadline() -> None:
    good = Figures(error_rate=0.0, samples=50)
    assert judge(VERIFY, START, at(100), BAD, good, at(5), False) is None
    judged = judge(VERIFY, START, at(200), BAD, good, at(5), False)
    assert judged is not None
    assert (judged.verdict, judged.words) == ("inconclusive", "INCONCLUSIVE  no fresh data after 3 m 00 s")


def test_no_samples_are_no_verdict() -> None:
    judged = judge(VERIFY, START, at(180), BAD, Figures(error_rate=0.0), None, True)
    assert judged is not None and judged.verdict == "inconclusive"


def test_up_too_late_to_hold_before_the_deadline_does_not_pass() -> None:
    judged = judge(VERIFY, START, at(400), BAD, Figures(error_rate=0.1, samples=9), at(151), True)
    assert judged is not None and judged.verdict == "better"
    in_time = judge(VERIFY, START, at(400), BAD, Figures(error_rate=0.0, samples=9), at(150), True)
    assert in_time is not None and in_time.verdict == "pass"


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        (Figures(error_rate=0.5), Figures(error_rate=0.2), "better"),
        (Figures(error_rate=0.5), Figures(error_rate=0.46), "no_effect"),
        (Figures(error_rate=0.5), Figures(error_rate=0.6), "worse"),
        (Figures(error_rate=0.0), Figures(error_rate=0.019), "no_effect"),
        (Figures(error_rate=0.8, p95_ms=3000), Figures(error_rate=0.8, p95_ms=5), "no_effect"),
        (Figures(error_rate=0.0, p95_ms=3000), Figures(error_rate=0.0, p95_ms=900), "better"),
        (Figures(p95_ms=100), Figures(p95_ms=126), "worse"),
        (Figures(p95_ms=100), Figures(p95_ms=120), "no_effect"),
        (Figures(error_rate=float("nan")), Figures(error_rate=0.1), "inconclusive"),
        (Figures(), Figures(error_rate=0.1), "inconclusive"),
    ],
)
def test_figures_are_compared_with_a_tolerance(before: Figures, after: Figures, verdict: str) -> None:
    assert compare(before, after) == verdict
