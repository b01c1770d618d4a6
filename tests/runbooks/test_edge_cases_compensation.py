"""What an expert tries on undoing, each by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cockpit.incident.runs import AttemptAbandoned, AttemptIntended
from cockpit.protocol.commands import Choose, Confirm, EndRun, Settle, Skip
from cockpit.runbooks import player
from cockpit.runbooks.player import Refused

TEXT = """\
version: 1
id: b
title: B
steps:
  - id: find
    title: Find
    effect: read
    command: {argv: [find]}
    outputs: {release: {line: last}}
  - id: first
    title: First
    effect: write
    command: {argv: [first, {output: find.release}]}
    rollback: {command: [unfirst, {output: find.release}]}
  - id: second
    title: Second
    effect: write
    command: {argv: [second]}
    rollback: {command: [unsecond], check: {argv: [artefact]}}
  - id: again
    title: Again
    choose:
      question: Once more?
      options: [{id: "yes", title: Once more, goto: find}, {id: "no", title: Enough}]
  - {id: third, title: Third, effect: write, command: {argv: [third]}, rollback: {command: [unthird]}}
"""
Start = Callable[[str], Any]


@pytest.fixture
def twice(start: Start) -> Any:
    """Two steps that were taken, then at the decision."""
    played = start(TEXT)
    once(played, "v1")
    return played


def once(played: Any, release: str) -> None:
    played.intend("find")
    played.ends(release)
    for step in ("first", "second"):
        played.intend(step)
        played.ends()


def undo(played: Any) -> str:
    """Undo what comes first, whatever is looked at before; its command."""
    action = next(each for each in played.offers() if each.kind == "undo")
    played.intend(action.step, undo=True)
    while any(attempt.open for attempt in played.run.attempts.values()):
        played.ends()
    shown: str = action.command.shown
    return shown


@pytest.mark.parametrize("ended", ["failed", "timeout", "unknown"])
def test_a_half_failed_step_is_undone_too_and_before_the_ones_below_it(start: Start, ended: str) -> None:
    played = start(TEXT)
    played.intend("find")
    played.ends("v1")
    played.intend("first")
    played.ends()
    attempt = played.intend("second")
    if ended == "unknown":
        played.lost()
        settle = Settle(run="r", attempt=attempt, verdict="skipped", reason="nobody can tell")
        played.decide(player.settle(played.plan, played.run, settle))
    else:
        played.ends(code=1, ended_by="timeout" if ended == "timeout" else "itself")
    assert [undo(played), undo(played)] == ["unsecond", "unfirst v1"]
    assert "undo" not in " ".join(played.offered())


@pytest.mark.parametrize("ended", ["abandoned", "not_found", "no effect"])
def test_what_certainly_did_not_start_is_not_undone(start: Start, ended: str) -> None:
    played = start(TEXT)
    played.intend("find")
    played.ends("v1")
    attempt = played.intend("first")
    if ended == "abandoned":
        played.take(AttemptAbandoned(run="r", step="first", attempt=attempt, why="the engine died first"))
    elif ended == "not_found":
        played.ends(code=127, ended_by="not_found")
    else:
        played.lost()
        settle = Settle(run="r", attempt=attempt, verdict="no_effect", reason="I looked")
        played.decide(player.settle(played.plan, played.run, settle))
    assert "undo first" not in played.offered()


def test_a_rollback_is_not_run_twice(twice: Any) -> None:
    old = next(each for each in twice.offers() if each.kind == "undo")
    assert undo(twice) == "unsecond"
    again = Confirm(run="r", step="second", digest=old.digest, undo=True)
    refused = player.confirm(twice.plan, twice.run, again, player.Confirming("x", "ann", twice.now))
    assert isinstance(refused, Refused) and refused.code == "not_offered"
    assert undo(twice) == "unfirst v1"


def test_a_rollback_confirmed_twice_at_once_runs_once(twice: Any) -> None:
    action = next(each for each in twice.offers() if each.kind == "undo")
    twice.intend("second", undo=True)
    exact = Confirm(run="r", step="second", digest=action.digest, undo=True)
    refused = player.confirm(twice.plan, twice.run, exact, player.Confirming("x", "bob", twice.now))
    assert isinstance(refused, Refused) and refused.code == "not_offered"


def test_a_loop_that_runs_a_step_twice_has_one_compensation_for_each_time(twice: Any) -> None:
    twice.decide(player.choose(twice.plan, twice.run, Choose(run="r", step="again", option="yes")))
    once(twice, "v2")
    # Each with what was known when it was done.
    assert [undo(twice) for _ in range(4)] == ["unsecond", "unfirst v2", "unsecond", "unfirst v1"]
    assert "undo" not in " ".join(twice.offered())


def test_a_choice_in_the_second_round_is_not_bound_by_the_one_of_the_first(start: Start) -> None:
    played = start(
        "version: 1\nid: b\ntitle: B\nsteps:\n"
        "  - id: way\n    title: Way\n    choose:\n      question: Which?\n      options:\n"
        "        - {id: with, title: With}\n        - {id: without, title: Without, skip: [last]}\n"
        "  - id: again\n    title: Again\n    choose:\n      question: Once more?\n      options:\n"
        "        - {id: once, title: Once more, goto: way}\n        - {id: enough, title: Enough}\n"
        "  - {id: last, title: Last, manual: do it}\n"
    )
    for step, option in (("way", "without"), ("again", "once"), ("way", "with"), ("again", "enough")):
        played.decide(player.choose(played.plan, played.run, Choose(run="r", step=step, option=option)))
    assert played.status("last") == "pending"


def test_a_crash_during_a_rollback_waits_for_a_person_and_never_ends_clean(twice: Any) -> None:
    twice.intend("second", undo=True)
    twice.ends()
    twice.lost()
    assert twice.offered() == ["settle second"]
    settle = Settle(run="r", attempt=twice.run.step("second").attempt, verdict="took_effect", reason="it is gone")
    twice.decide(player.settle(twice.plan, twice.run, settle))
    assert undo(twice) == "unfirst v1"
    twice.decide(player.end(twice.plan, twice.run, EndRun(run="r")))
    assert twice.run.outcome == "not_clean"


def test_a_crash_between_the_confirmation_of_a_rollback_and_its_start_leaves_it_to_do(twice: Any) -> None:
    twice.holding = False
    attempt = twice.intend("second", undo=True)
    twice.take(AttemptAbandoned(run="r", step="second", attempt=attempt, why="the engine died first"))
    assert twice.follow() == ()
    assert "undo second" in twice.offered()


def test_a_rollback_whose_artefact_is_gone_does_not_run_and_can_be_done_by_hand(twice: Any) -> None:
    twice.intend("second", undo=True)
    twice.ends(code=1)
    assert not any(isinstance(body, AttemptIntended) and body.direction == "rollback" and body.purpose == "act"
                   for body in twice.took)  # fmt: skip
    settle = next(each for each in twice.offers() if each.kind == "settle")
    assert [name for name, _ in settle.options] == ["by_hand", "skipped"]
    by_hand = Settle(run="r", attempt=settle.attempt, verdict="by_hand", reason="from the backup")
    twice.decide(player.settle(twice.plan, twice.run, by_hand))
    assert undo(twice) == "unfirst v1"
    twice.decide(player.end(twice.plan, twice.run, EndRun(run="r")))
    assert twice.run.outcome == "not_clean"


def test_a_rollback_that_its_check_held_back_once_may_still_run(twice: Any) -> None:
    twice.intend("second", undo=True)
    twice.ends(code=1)
    assert undo(twice) == "unsecond"
    assert twice.run.outcome is None and twice.status("second") == "rolled_back"
    assert undo(twice) == "unfirst v1"
    twice.decide(player.end(twice.plan, twice.run, EndRun(run="r")))
    assert twice.run.outcome == "rolled_back"


def test_a_step_that_was_passed_over_is_not_undone(twice: Any) -> None:
    twice.decide(player.choose(twice.plan, twice.run, Choose(run="r", step="again", option="no")))
    twice.decide(player.skip(twice.plan, twice.run, Skip(run="r", step="third", reason="no need")))
    assert twice.offered() == ["undo second"]


def test_what_cannot_be_undone_by_its_command_is_settled_by_a_person_and_does_not_end_clean(start: Start) -> None:
    played = start("""\
version: 1
id: b
title: B
steps:
  - {id: below, title: Below, effect: write, command: {argv: [below]}, rollback: {command: [unbelow]}}
  - id: make
    title: Make
    effect: write
    command: {argv: [make]}
    outputs: {id: {line: last}}
    rollback: {command: [unmake, {output: make.id}]}
""")
    played.intend("below")
    played.ends()
    attempt = played.intend("make")
    played.ends(code=1)
    settle = next(action for action in played.offers() if action.kind == "settle")
    assert settle.attempt == attempt
    assert settle.said == "its rollback cannot be run: <make.id, known at run time>"
    assert "undo below" not in played.offered()
    done = Settle(run="r", attempt=attempt, verdict="by_hand", reason="removed it in the console")
    played.decide(player.settle(played.plan, played.run, done))
    assert played.status("make") == "rolled_back"
    assert undo(played) == "unbelow"
    assert played.run.outcome == "not_clean"
