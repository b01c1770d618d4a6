"""What would have followed by itself does not once the confirmation has fallen, and the person is told, once."""

from __future__ import annotations

from collections.abc import Callable

from cockpit.incident.runs import (
    AttemptAbandoned,
    AttemptFinished,
    AttemptIntended,
    AttemptSettled,
    AttemptUnknown,
    StepRecalled,
    SurvivorGone,
)
from cockpit.protocol.commands import Settle
from cockpit.runbooks import ladder, player
from tests.runbooks.conftest import Played

Start = Callable[[str], Played]
HEAD = "version: 1\nid: b\ntitle: B\nsteps:\n"
RETRIED = f"""\
{HEAD}
  - id: look
    title: Look
    effect: read
    command: {{argv: [look]}}
    retries: {{times: 2, pause: 60s}}
"""
CHECKED = f"""\
{HEAD}
  - id: one
    title: One
    effect: write
    command: {{argv: [do]}}
    check: {{argv: [done]}}
    rollback: {{command: [undo], check: {{argv: [undoable]}}}}
"""
WORDS = "the confirmation does not stand any more: the engine was restarted, or the host slept. Run it to go on."


def intended(played: Played) -> list[AttemptIntended]:
    return [each for each in played.follow() if isinstance(each, AttemptIntended)]


def ended(played: Played, attempt: str, *, ok: bool) -> None:
    step = played.run.attempts[attempt].step
    played.take(AttemptFinished(run="r", step=step, attempt=attempt, ok=ok, exit_code=0 if ok else 1))


def test_another_try_waits_for_a_person_who_is_told_at_once_and_once(start: Start) -> None:
    played = start(RETRIED)
    ended(played, played.intend("look"), ok=False)
    played.holding = False
    assert [type(each) for each in played.follow()] == [StepRecalled]
    assert played.follow() == ()
    assert played.run.step("look").words == f"it was not run: {WORDS}"
    assert played.offers()[0].said == f"it was not run: {WORDS}"
    assert played.status("look") == "failed"
    played.holding = True
    ended(played, played.intend("look"), ok=False)
    played.now += 10**9
    assert len(intended(played)) == 1


def test_a_check_waits_for_a_person_who_is_told_what_it_is_about(start: Start) -> None:
    played = start(CHECKED)
    attempt = played.intend("one")
    played.take(AttemptUnknown(run="r", step="one", attempt=attempt, why="its supervisor died"))
    played.holding = False
    assert [type(each) for each in played.follow()] == [StepRecalled]
    assert played.run.step("one").words == f"its supervisor died; its check was not run: {WORDS}"
    assert played.offered()[:2] == ["run one", "settle one"]
    assert played.follow() == ()


def test_while_something_of_it_still_runs_no_check_is_run_by_itself(start: Start) -> None:
    played = start(CHECKED)
    attempt = played.intend("one")
    played.take(AttemptUnknown(run="r", step="one", attempt=attempt, why="still running, pid 7", pid=7))
    assert played.follow() == ()
    assert played.offered()[:2] == ["run one", "settle one"]


def test_once_nothing_of_it_runs_any_more_its_check_is_run_by_itself(start: Start) -> None:
    played = start(CHECKED)
    attempt = played.intend("one")
    played.take(AttemptUnknown(run="r", step="one", attempt=attempt, why="still running, pid 7", pid=7))
    played.take(SurvivorGone(run="r", step="one", attempt=attempt, why="nothing of it runs any more"))
    assert played.run.step("one").words == "nothing of it runs any more"
    assert [(each.purpose, each.under) for each in intended(played)] == [("check", attempt)]


def test_news_of_a_survivor_does_not_come_between_what_was_settled_meanwhile(start: Start) -> None:
    played = start(CHECKED)
    attempt = played.intend("one")
    played.take(AttemptUnknown(run="r", step="one", attempt=attempt, why="still running, pid 7", pid=7))
    played.take(AttemptSettled(run="r", step="one", attempt=attempt, verdict="took_effect", reason="looked"))
    settled = played.run.step("one")
    played.take(SurvivorGone(run="r", step="one", attempt=attempt, why="nothing of it runs any more"))
    assert played.run.step("one") == settled


def test_a_rollback_does_not_follow_the_look_before_it(start: Start) -> None:
    played = start(CHECKED)
    played.run_step("one")
    look = played.intend("one", undo=True)
    ended(played, look, ok=True)
    played.holding = False
    assert [type(each) for each in played.follow()] == [StepRecalled]
    assert played.run.step("one").words == f"it was not run: {WORDS}"
    played.holding = True
    again = played.intend("one", undo=True)
    ended(played, again, ok=True)
    assert [(each.purpose, each.direction) for each in intended(played)] == [("act", "rollback")]


def test_a_look_that_never_ran_is_told_of(start: Start) -> None:
    played = start(CHECKED)
    played.run_step("one")
    look = played.intend("one", undo=True)
    played.take(AttemptAbandoned(run="r", step="one", attempt=look, why="the engine stopped before it was started"))
    assert played.run.step("one").words == "could not look: the engine stopped before it was started"
    assert played.follow() == ()


RELEASES = f"""\
{HEAD}
  - id: back
    title: Back
    ladder:
      verify: {{probe: p, within: 1m, hold: 5s}}
      releases:
        current: {{argv: [current]}}
        list: {{argv: [list]}}
        apply: {{argv: [apply, {{target: id}}]}}
"""


def test_a_rollback_that_was_left_so_is_not_taken_for_one_that_restored_what_was_there(start: Start) -> None:
    played = start(RELEASES)
    played.intend("back.current")
    played.ends("v5")
    played.ends("v5\nv4\nv3\nv2")
    played.intend("back.1")
    for printed in ("v5", "", "v4"):
        played.ends(printed)
    played.intend("back.1", undo=True)
    played.ends("v4")
    undo = played.run.step("back.1").attempt
    ended(played, undo, ok=False)
    left = Settle(run="r", attempt=undo, verdict="skipped", reason="leave it")
    played.decide(player.settle(played.plan, played.run, left))
    assert ladder.expected(played.run, "back") == {"v4", "v5"}


def test_a_check_never_says_that_what_still_runs_had_no_effect(start: Start) -> None:
    played = start(CHECKED)
    attempt = played.intend("one")
    played.take(AttemptUnknown(run="r", step="one", attempt=attempt, why="still running, pid 7", pid=7))
    played.follow()
    played.intend("one")
    played.ends(code=1)
    assert played.status("one") == "unknown"
    assert [action.kind for action in played.offers()] == ["run", "settle"]
    assert played.offers()[0].purpose == "check"
    played.intend("one")
    played.ends()
    assert played.status("one") == "done"
