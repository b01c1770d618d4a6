"""What an expert tries on a verification, each by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from cockpit.clock import SECOND
from cockpit.incident.vocabulary import Figures
from cockpit.protocol.commands import Skip
from cockpit.runbooks import player
from cockpit.runbooks.model.steps import Verify
from cockpit.runbooks.verify import Judgement, judge
from tests.runbooks.test_edge_cases_ladder import TEXT as LADDER

VERIFY = Verify(probe="p", within=180.0, hold=30.0, settle=10.0)
BEFORE = Figures(error_rate=0.8, samples=50)
START = 5_000 * SECOND
Start = Callable[[str], Any]


def judged(seconds: float, after: Figures, good_since: float | None, fresh: bool = True) -> Judgement | None:
    since = None if good_since is None else START + int(good_since * SECOND)
    return judge(VERIFY, START, START + int(seconds * SECOND), BEFORE, after, since, fresh)


def test_a_probe_that_hangs_past_the_deadline_is_inconclusive_at_it() -> None:
    assert judged(179, BEFORE, None, fresh=False) is None
    late = judged(400, BEFORE, None, fresh=False)
    assert late is not None and (late.verdict, late.seconds) == ("inconclusive", 180.0)


def test_a_probe_that_was_good_and_hangs_since_does_not_pass() -> None:
    late = judged(180, Figures(error_rate=0.0, samples=50), -500, fresh=False)
    assert late is not None and late.verdict == "inconclusive"


def test_one_good_sample_between_bad_ones_does_not_pass() -> None:
    assert judged(60, Figures(error_rate=0.0, samples=50), 59) is None
    late = judged(180, BEFORE, None)
    assert late is not None and late.verdict == "no_effect"


def test_no_traffic_after_a_rollback_is_no_recovery() -> None:
    late = judged(180, Figures(error_rate=0.0, samples=0), None)
    assert late is not None and late.verdict == "inconclusive"


def test_exit_0_and_still_unhealthy_is_no_success(start: Start) -> None:
    played = start(LADDER)
    played.intend("back.current")
    played.ends("v5")
    played.ends("v5\nv4\nv3")
    played.intend("back.1")
    for text in ("v5", "", "v4"):
        played.ends(text)
    played.verified("back.1", "no_effect")
    assert played.run.attempts[played.run.step("back.1").attempt].succeeded
    assert played.offered()[0] == "run back.2"
    assert "may not be the cause" in played.offers()[0].said


def test_a_metric_that_is_good_before_the_new_release_serves_is_not_asked_yet(start: Start) -> None:
    played = start(LADDER)
    played.steady = {"p": 0}
    played.intend("back.current")
    played.ends("v5")
    played.ends("v5\nv4")
    played.intend("back.1")
    played.ends("v5")
    played.ends()
    # Applied, but nobody has read yet what serves: the probe is good, and still nothing is verified.
    assert played.open().purpose == "after"
    assert played.status("back.1") == "checking"
    played.ends("v4")
    assert played.status("back.1") == "verifying"


def test_no_verdict_on_a_rung_holds_until_a_person_goes_on(start: Start) -> None:
    played = start(LADDER)
    played.intend("back.current")
    played.ends("v5")
    played.ends("v5\nv4\nv3")
    played.intend("back.1")
    for text in ("v5", "", "v4"):
        played.ends(text)
    played.verified("back.1", "inconclusive")
    assert played.offered() == ["skip back.1", "undo back.1", "end"]
    skip = Skip(run="r", step="back.1", reason="the dashboard says that it is as bad")
    played.decide(player.skip(played.plan, played.run, skip))
    assert played.offered()[0] == "run back.2"
