"""What is offered, what is accepted, and what follows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cockpit.clock import SECOND
from cockpit.incident.runs import (
    AttemptAbandoned,
    AttemptFinished,
    AttemptSettled,
    AttemptStopAsked,
    AttemptUnknown,
    OptionChosen,
    VerifyStarted,
    WaitFinished,
)
from cockpit.incident.vocabulary import Figures
from cockpit.protocol.commands import Choose, Confirm, EndRun, FinishStep, Settle, Skip, StopAttempt
from cockpit.runbooks import player
from cockpit.runbooks.moment import Moment
from cockpit.runbooks.player import Refused

CHOICE = """\
version: 1
id: b
title: B
steps:
  - id: way
    title: Fix or revert
    choose:
      question: Which?
      options:
        - {id: fix, title: Fix it, skip: [revert]}
        - {id: revert, title: Revert it, skip: [mend, wipe]}
  - id: mend
    title: Mend
    effect: write
    command: {argv: [mend]}
    rollback: {command: [unmend]}
  - id: wipe
    title: Wipe the cache
    effect: destructive
    command: {argv: [wipe]}
    irreversible: the cache is gone
  - id: revert
    title: Revert
    effect: write
    command: {argv: [revert]}
    rollback: {command: [apply]}
    verify: {probe: p, within: 1m, hold: 10s}
"""
ONE = """\
version: 1
id: b
title: B
steps:
  - id: one
    title: One
    effect: write
    command: {argv: [do]}
    rollback: {command: [undo]}
"""
Start = Callable[[str], Any]


def by(attempt: str) -> player.Confirming:
    return player.Confirming(attempt, "ann", 0)


def test_the_whole_story_of_the_login_flag(start: Start, login_flag: str) -> None:
    played = start(login_flag)
    assert played.offered() == ["done announce", "skip announce", "end"]
    played.decide(player.finish(played.plan, played.run, FinishStep(run="r", step="announce"), played.now))
    assert played.offered() == ["run restore.revert", "skip restore.revert", "end"]
    played.run_step("restore.revert")
    assert played.status("restore.revert") == "verifying"
    assert played.offered() == ["undo restore.revert", "end"]
    played.verified("restore.revert", "no_effect")
    assert played.offered() == [
        "run restore.override.look", "skip restore.override.look", "undo restore.revert", "end",
    ]  # fmt: skip
    assert "Revert config 4711: NO EFFECT" in played.offers()[0].said
    played.run_step("restore.override.look")
    assert played.offered()[0] == "run restore.override"
    played.run_step("restore.override", verdict="pass")
    assert played.offered() == ["done watch", "skip watch", "undo restore.override", "end"]
    played.decide(player.finish(played.plan, played.run, FinishStep(run="r", step="watch"), played.now))
    assert played.run.step("watch").until > played.now
    played.take(WaitFinished(run="r", step="watch"))
    played.follow()
    assert played.run.outcome == "done"
    assert played.offered() == ["undo restore.override"]


def test_rungs_after_one_that_helped_are_not_needed(start: Start, login_flag: str) -> None:
    played = start(login_flag)
    played.decide(player.finish(played.plan, played.run, FinishStep(run="r", step="announce"), played.now))
    played.run_step("restore.revert", verdict="pass")
    for step in ("restore.override.look", "restore.override"):
        assert played.status(step) == "skipped"
        assert played.run.step(step).words == "not needed: Revert config 4711 helped"
    assert played.offered()[0] == "done watch"


@pytest.mark.parametrize("verdict", ["no_effect", "better"])
def test_the_next_rung_is_offered_with_what_the_last_came_to(start: Start, login_flag: str, verdict: str) -> None:
    played = start(login_flag)
    played.decide(player.skip(played.plan, played.run, Skip(run="r", step="announce", reason="told already")))
    played.run_step("restore.revert", verdict=verdict)
    assert played.offered()[0] == "run restore.override.look"
    assert verdict.upper().replace("_", " ") in played.offers()[0].said


def test_what_made_it_worse_is_undone_first(start: Start, login_flag: str) -> None:
    played = start(login_flag)
    played.decide(player.skip(played.plan, played.run, Skip(run="r", step="announce", reason="told already")))
    played.run_step("restore.revert", verdict="worse")
    assert played.offered()[:2] == ["undo restore.revert", "run restore.override.look"]


def test_a_rung_that_failed_can_be_tried_again_until_the_next_has_started(start: Start, login_flag: str) -> None:
    played = start(login_flag)
    played.decide(player.skip(played.plan, played.run, Skip(run="r", step="announce", reason="told already")))
    played.run_step("restore.revert", ok=False)
    assert played.offered() == [
        "run restore.override.look", "skip restore.override.look", "run restore.revert", "undo restore.revert", "end",
    ]  # fmt: skip
    played.run_step("restore.override.look", ok=False)
    assert "run restore.revert" not in played.offered()
    assert played.offered()[0] == "run restore.override"


def test_the_last_rung_without_effect_holds_the_run(start: Start, login_flag: str) -> None:
    played = start(login_flag)
    played.decide(player.skip(played.plan, played.run, Skip(run="r", step="announce", reason="told already")))
    played.run_step("restore.revert", verdict="no_effect")
    played.run_step("restore.override.look")
    played.run_step("restore.override", verdict="no_effect")
    assert played.offered() == ["undo restore.override", "skip restore.override", "end"]
    played.run_step("restore.override", undo=True)
    assert "undo restore.revert" in played.offered()


def test_while_a_command_runs_it_can_only_be_stopped(start: Start) -> None:
    played = start(ONE)
    attempt = played.intend("one")
    assert played.offered() == ["stop one"]
    assert player.stop(played.plan, played.run, StopAttempt(run="r", attempt=attempt)) == (
        AttemptStopAsked(run="r", step="one", attempt=attempt),
    )
    assert isinstance(player.stop(played.plan, played.run, StopAttempt(run="r", attempt="x")), Refused)
    again = player.confirm(played.plan, played.run, Confirm(run="r", step="one", digest="d"), by("a9"))
    assert isinstance(again, Refused) and again.code == "not_offered"


def test_only_the_command_that_was_shown_is_run(start: Start) -> None:
    played = start(ONE)
    refused = player.confirm(played.plan, played.run, Confirm(run="r", step="one", digest="other"), by("a1"))
    assert isinstance(refused, Refused) and refused.code == "stale"


def test_an_attempt_id_is_used_once(start: Start) -> None:
    played = start(ONE)
    attempt = played.run_step("one", ok=False)
    confirm = Confirm(run="r", step="one", digest=played.offers()[0].digest)
    refused = player.confirm(played.plan, played.run, confirm, by(attempt))
    assert isinstance(refused, Refused) and refused.code == "invalid"


def test_a_destructive_step_runs_only_when_its_name_is_typed(start: Start) -> None:
    played = start(CHOICE)
    played.decide(player.choose(played.plan, played.run, Choose(run="r", step="way", option="fix")))
    played.run_step("mend")
    wipe = played.offers()[0]
    assert (wipe.step, wipe.typed) == ("wipe", "wipe")
    for typed in ("", "Wipe", "wip"):
        confirm = Confirm(run="r", step="wipe", digest=wipe.digest, typed=typed)
        refused = player.confirm(played.plan, played.run, confirm, by("a9"))
        assert isinstance(refused, Refused) and refused.code == "invalid"
    confirm = Confirm(run="r", step="wipe", digest=wipe.digest, typed=" wipe\n")
    assert not isinstance(player.confirm(played.plan, played.run, confirm, by("a9")), Refused)


def test_a_choice_keeps_what_was_turned_down_and_skips_what_it_makes_needless(start: Start) -> None:
    played = start(CHOICE)
    wrong = player.choose(played.plan, played.run, Choose(run="r", step="way", option="pray"))
    assert isinstance(wrong, Refused) and wrong.text == "choose one of fix, revert"
    played.decide(player.choose(played.plan, played.run, Choose(run="r", step="way", option="revert", why="late")))
    chosen = next(body for body in played.took if isinstance(body, OptionChosen))
    assert (chosen.rejected, chosen.why) == (("Fix it",), "late")
    assert [played.status(step) for step in ("mend", "wipe", "revert")] == ["skipped", "skipped", "pending"]


def test_a_verification_begins_by_itself_with_the_figures_before(start: Start) -> None:
    played = start(CHOICE)
    played.decide(player.choose(played.plan, played.run, Choose(run="r", step="way", option="revert")))
    attempt = played.intend("revert")
    played.take(AttemptFinished(run="r", step="revert", attempt=attempt, ok=True, exit_code=0))
    before = Figures(error_rate=0.5, samples=3)
    bodies = player.consequences(played.plan, played.run, Moment(played.now, {"p": before}))
    until = played.now + 60 * SECOND
    assert bodies == (VerifyStarted(run="r", step="revert", probe="p", before=before, until=until),)


def test_without_effect_a_plain_step_holds_until_a_person_goes_on(start: Start) -> None:
    played = start(CHOICE)
    played.decide(player.choose(played.plan, played.run, Choose(run="r", step="way", option="revert")))
    played.run_step("revert", verdict="no_effect")
    assert played.offered() == ["undo revert", "skip revert", "end"]
    empty = player.skip(played.plan, played.run, Skip(run="r", step="revert", reason=" "))
    assert isinstance(empty, Refused) and empty.code == "invalid"
    played.decide(player.skip(played.plan, played.run, Skip(run="r", step="revert", reason="cache takes an hour")))
    assert played.run.outcome == "done"
    assert played.offered() == ["undo revert"]


def test_a_run_can_be_undone_after_it_ended_and_is_then_rolled_back(start: Start) -> None:
    played = start(ONE)
    played.run_step("one")
    assert played.run.outcome == "done"
    played.run_step("one", undo=True)
    assert played.run.outcome == "rolled_back"
    assert played.offers() == ()
    refused = player.end(played.plan, played.run, EndRun(run="r"))
    assert isinstance(refused, Refused) and "ended" in refused.text


def test_an_unknown_attempt_waits_for_a_person(start: Start) -> None:
    played = start(ONE)
    attempt = played.intend("one")
    played.take(AttemptUnknown(run="r", step="one", attempt=attempt, why="the supervisor died"))
    assert played.follow() == ()
    assert played.offered() == ["settle one"]
    silent = Settle(run="r", attempt=attempt, verdict="took_effect", reason="")
    assert isinstance(player.settle(played.plan, played.run, silent), Refused)
    looked = Settle(run="r", attempt=attempt, verdict="took_effect", reason="I looked")
    played.decide(player.settle(played.plan, played.run, looked))
    assert (played.status("one"), played.run.outcome) == ("done", "done")


def test_what_a_person_found_without_effect_is_run_again_and_not_undone(start: Start) -> None:
    played = start(ONE)
    attempt = played.intend("one")
    played.take(AttemptUnknown(run="r", step="one", attempt=attempt, why="the supervisor died"))
    settle = Settle(run="r", attempt=attempt, verdict="no_effect", reason="I looked")
    played.decide(player.settle(played.plan, played.run, settle))
    assert played.offered() == ["run one", "skip one", "end"]


def test_an_abandoned_attempt_never_ran(start: Start) -> None:
    played = start(ONE)
    attempt = played.intend("one")
    played.take(AttemptAbandoned(run="r", step="one", attempt=attempt, why="the engine died first"))
    assert played.offered() == ["run one", "skip one", "end"]
    assert played.run.undo_stack == ()


def test_a_command_not_found_leaves_nothing_to_undo(start: Start) -> None:
    played = start(ONE)
    attempt = played.intend("one")
    played.take(AttemptFinished(run="r", step="one", attempt=attempt, ok=False, ended_by="not_found"))
    assert played.offered() == ["run one", "skip one", "end"]


def test_a_failed_step_is_undone_too_for_it_may_have_acted(start: Start) -> None:
    played = start(ONE)
    played.run_step("one", ok=False)
    assert played.offered() == ["run one", "skip one", "undo one", "end"]
    played.decide(player.skip(played.plan, played.run, Skip(run="r", step="one", reason="half done is fine")))
    assert played.offered() == ["undo one"]


@pytest.mark.parametrize("verdict", ["by_hand", "skipped"])
def test_a_failed_rollback_stops_and_never_ends_clean(start: Start, verdict: Any) -> None:
    played = start(ONE)
    played.run_step("one", ok=False)
    attempt = played.run_step("one", undo=True, ok=False)
    assert played.offered() == ["undo one", "settle one", "end"]
    wrong = Settle(run="r", attempt=attempt, verdict="took_effect", reason="I think so")
    assert isinstance(player.settle(played.plan, played.run, wrong), Refused)
    body = AttemptSettled(run="r", step="one", attempt=attempt, verdict=verdict, reason="ticket 7")
    played.take(body)
    played.follow()
    assert played.run.outcome == "not_clean"
    assert played.status("one") == ("rolled_back" if verdict == "by_hand" else "rollback_skipped")


def test_a_rollback_that_worked_the_second_time_is_still_told_as_not_clean(start: Start) -> None:
    played = start(ONE)
    played.run_step("one", ok=False)
    played.run_step("one", undo=True, ok=False)
    played.run_step("one", undo=True)
    assert (played.status("one"), played.run.outcome) == ("rolled_back", "not_clean")


def test_ending_a_run_says_what_it_was(start: Start) -> None:
    played = start(CHOICE)
    played.decide(player.choose(played.plan, played.run, Choose(run="r", step="way", option="fix")))
    played.run_step("mend")
    played.decide(player.end(played.plan, played.run, EndRun(run="r", note="enough")))
    assert played.run.outcome == "stopped"
    assert played.offered() == ["undo mend"]


def test_a_rollback_that_fails_after_the_end_makes_the_run_not_clean(start: Start) -> None:
    played = start(ONE)
    played.run_step("one")
    assert played.run.outcome == "done"
    played.run_step("one", undo=True, ok=False)
    assert played.run.outcome == "not_clean"
    assert played.offered() == ["undo one", "settle one"]
