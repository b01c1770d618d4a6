"""Rehearsals: the very player, told what happened."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cockpit.config.load import parse, read
from cockpit.config.problems import ConfigError
from cockpit.runbooks.declared import Undeclared
from cockpit.runbooks.model.rehearsal import Rehearsal
from cockpit.runbooks.model.runbook import Runbook
from cockpit.runbooks.rehearsing import Rehearsed, rehearse
from cockpit.runbooks.transcript import as_document, as_text

LADDER = Path(__file__).parent / "rehearsals" / "login-flag.yaml"
STEP = """\
version: 1
id: b
title: B
params: {word: {default: x}}
steps:
"""


def played(steps: str, results: str, **values: str) -> Rehearsed:
    """A runbook of these steps, with these results."""
    rehearsal = parse(f"version: 1\nsteps:\n{results}", "results.yaml", Rehearsal)
    return rehearse(parse(STEP + steps, "book.yaml", Runbook), rehearsal, values)


def states(found: Rehearsed) -> dict[str, str]:
    return {step.outline.id: step.status for step in found.run.steps}


def did(found: Rehearsed) -> list[str]:
    return [turn.did for turn in found.turns]


WRITE = """\
  - id: a
    title: A
    command: {argv: [do, {param: word}]}
    effect: write
    rollback: {command: [undo, {param: word}]}
    verify: {probe: p, within: 1m, hold: 10s}
  - id: z
    title: Z
    manual: Look
"""


def test_the_ladder_of_the_login_flag_says_no_effect_and_then_finds_what_helps(login_flag: str) -> None:
    found = rehearse(parse(login_flag, "login-flag.yaml", Runbook), read(LADDER, Rehearsal), {})
    assert found.stopped == ""
    assert found.run.outcome == "done"
    assert found.run.step("restore.revert").verdict == "no_effect"
    assert found.run.step("restore.override").verdict == "pass"
    assert [each.step for each in found.run.undo_stack] == ["restore.override", "restore.revert"]
    text = as_text(found)
    assert "> you: confirmed restore.revert: configctl revert 4711" in text
    assert "NO EFFECT  err 79.0 -> 79.0 %" in text
    assert "If going back changed nothing, that change may not be the cause." in text
    assert text.index("NO EFFECT") < text.index("confirmed restore.override:") < text.index("err 79.0 -> 0.0 %")
    assert "\ncan still be undone, the latest first: restore.override, restore.revert" in text


def test_values_are_filled_in_and_nothing_declared_stops_it() -> None:
    found = played(WRITE, "  a: [{verify: pass}]\n", word="w w")
    assert did(found) == ["start", "confirmed a: do 'w w'"]
    assert found.stopped == "no result declared for z"
    assert found.run.outcome is None
    text = as_text(found)
    assert "stopped: no result declared for z" in text and "outcome: still open" in text


def test_a_result_that_leaves_the_measuring_open_stops_it_there() -> None:
    found = played(WRITE, "  a: [{}]\n  z: [{}]\n")
    assert found.stopped == "no result declared for the measuring after a: say verify"
    assert states(found)["a"] == "verifying"
    assert found.left == ("z: 1 not used",)


def test_what_got_worse_is_undone_first_if_that_is_declared() -> None:
    found = played(WRITE, "  a: [{verify: worse}, {undo: true}]\n  z: [{note: seen}]\n")
    assert did(found) == ["start", "confirmed a: do x", "confirmed the undo of a: undo x", "done z"]
    assert found.turns[1].offered[0].kind == "undo"
    assert found.run.outcome == "rolled_back"
    assert states(found) == {"a": "rolled_back", "z": "done"}


def test_an_undo_that_fails_never_ends_clean() -> None:
    results = "  a: [{verify: worse}, {undo: true, exit: 3}, {settle: by_hand, why: put back by hand}]\n  z: [{}]\n"
    found = played(WRITE, results)
    assert found.run.outcome == "not_clean"
    assert "settled a" in did(found)


def test_an_unknown_is_settled_by_a_person() -> None:
    steps = WRITE.replace("    verify: {probe: p, within: 1m, hold: 10s}\n", "")
    found = played(steps, "  a: [{unknown: the supervisor died}, {settle: took_effect, why: seen}]\n  z: [{}]\n")
    assert found.run.outcome == "done"
    assert did(found) == ["start", "confirmed a: do x", "settled a", "done z"]


@pytest.mark.parametrize(("code", "status"), [(0, "done"), (1, "pending")])
def test_an_unknown_is_settled_by_the_check_of_the_step(code: int, status: str) -> None:
    steps = WRITE.replace("    verify: {probe: p, within: 1m, hold: 10s}\n", "    check: {argv: [took]}\n")
    found = played(steps, f"  a: [{{unknown: it died}}, {{check: {code}}}]\n")
    assert states(found)["a"] == status
    assert found.stopped == ("no result declared for z" if code == 0 else "no result declared for a")


def test_a_step_is_tried_again_as_often_as_it_says_and_each_time_needs_a_result() -> None:
    steps = "  - id: a\n    title: A\n    command: {argv: [x]}\n    effect: read\n    retries: {times: 2, pause: 5s}\n"
    found = played(steps, "  a: [{exit: 1}, {exit: 1}, {exit: 0, seconds: 2s}]\n")
    assert found.run.outcome == "done" and len(found.run.attempts) == 3
    assert played(steps, "  a: [{exit: 1}, {exit: 1}]\n").stopped == "no result declared for a"
    spent = played(steps, "  a: [{exit: 1}, {exit: 1}, {exit: 1}, {skip: never mind}]\n")
    assert states(spent)["a"] == "skipped"


def test_a_series_goes_on_until_its_probe_is_up() -> None:
    steps = """\
  - id: a
    title: A
    repeat: {command: {argv: [batch]}, until: {probe: q, hold: 10s}, at_most: 5, pause: 3s}
    effect: write
    irreversible: gone
"""
    found = played(steps, "  a: [{}, {}, {verify: pass}]\n")
    assert found.run.outcome == "done" and len(found.run.attempts) == 3
    assert found.run.step("a").words == "q is up after 3 batches"


def test_what_a_command_prints_is_taken_and_used() -> None:
    steps = """\
  - id: a
    title: A
    command: {argv: [find]}
    effect: read
    outputs: {build: {pattern: "build=([0-9]+)"}}
  - id: b
    title: B
    when: {output: a.build, is_not: "0"}
    command: {argv: [put, {output: a.build}]}
    effect: read
"""
    assert did(played(steps, "  a: [{output: 'build=41'}]\n  b: [{}]\n"))[-1] == "confirmed b: put 41"
    assert states(played(steps, "  a: [{output: 'build=0'}]\n"))["b"] == "skipped"
    assert states(played(steps, "  a: [{output: nothing}]\n"))["a"] == "failed"


RELEASES = """\
  - id: back
    title: Back
    ladder:
      verify: {probe: p, within: 1m, hold: 10s}
      releases:
        current: {argv: [current]}
        list: {argv: [list]}
        apply: {argv: [apply, {target: id}]}
        at_most: 2
"""
LISTED = '  back.current: [{output: v4}]\n  back.list: [{output: "v4\\nv3\\nv2\\n"}]\n'


def test_releases_are_pinned_and_looks_find_what_should_serve() -> None:
    found = played(RELEASES, LISTED + "  back.1: [{verify: no_effect}]\n  back.2: [{verify: pass}]\n")
    assert found.stopped == "" and found.run.outcome == "done"
    assert "confirmed back.1: apply v3" in as_text(found)
    assert [each.step for each in found.run.undo_stack] == ["back.2", "back.1"]


def test_a_look_that_finds_something_else_holds_until_a_person_accepts_it() -> None:
    stranger = "  back.1: [{before: v9}, {accept: bob hotfixed it}, {before: v9}, {verify: pass}]\n"
    found = played(RELEASES, LISTED + stranger)
    assert "accepted what serves at back.1" in did(found)
    assert found.run.step("back.1").verdict == "pass"
    held = played(RELEASES, LISTED + "  back.1: [{before: v9}]\n")
    assert held.stopped == "no result declared for accepting what serves at back.1"
    assert "somebody else has deployed meanwhile" in held.run.step("back.1").words


@pytest.mark.parametrize(("result", "status"), [("{}", "done"), ("{unknown: the channel is gone}", "failed")])
def test_a_call_for_somebody_is_delivered_or_not(result: str, status: str) -> None:
    steps = "  - id: a\n    title: A\n    escalate: {whom: the lead, message: We need you}\n"
    assert states(played(steps, f"  a: [{result}]\n"))["a"] == status


def test_a_decision_that_goes_back_takes_its_steps_anew() -> None:
    steps = """\
  - id: a
    title: A
    command: {argv: [x]}
    effect: read
  - id: c
    title: C
    choose: {question: Again, options: [{id: again, title: Again, goto: a}, {id: no-more, title: Enough}]}
"""
    found = played(steps, "  a: [{}, {}]\n  c: [{choose: again}, {choose: no-more}]\n")
    assert found.run.outcome == "done" and found.run.step("a").visit == 2
    assert did(found)[1:] == ["confirmed a: x", "decided at c", "confirmed a: x", "decided at c"]


def test_an_approval_is_given_by_somebody_else() -> None:
    steps = "  - id: a\n    title: A\n    approve: {}\n    command: {argv: [x]}\n    effect: read\n"
    found = played(steps, "  a: [{approve_by: bob}, {}]\n")
    assert found.run.outcome == "done"
    assert [(turn.did, turn.who) for turn in found.turns][1] == ("approved a: x", "bob")
    own = played(steps, "  a: [{approve_by: you}, {}]\n")
    assert own.stopped.startswith("not yet: needs the approval of 1 person who does not run it")


def test_wrong_values_and_a_choice_that_there_is_not_are_said() -> None:
    with pytest.raises(Undeclared, match="there is no parameter wrod"):
        played(WRITE, "  a: [{}]\n", wrod="x")
    choose = "  - id: c\n    title: C\n    choose: {question: Which, options: [{id: l, title: L}, {id: r, title: R}]}\n"
    assert played(choose, "  c: [{choose: middle}]\n").stopped == "choose one of l, r"
    assert played(choose, "  c: [{choose: r}]\n  d: [{}]\n").left == ("d: no such step",)


@pytest.mark.parametrize(
    ("results", "said"),
    [
        ("  a: [{choose: x, skip: y}]\n", "one thing at a time: choose and skip"),
        ("  a: [{skip: y, exit: 1}]\n", "exit cannot stand beside skip"),
        ("  a: [{exti: 1}]\n", "did you mean exit?"),
        ("  a: [{verify: fine}]\n", "verify"),
    ],
)
def test_mistakes_in_the_results_are_told_with_their_line(results: str, said: str) -> None:
    with pytest.raises(ConfigError, match="results.yaml:3:") as error:
        parse(f"version: 1\nsteps:\n{results}", "results.yaml", Rehearsal)
    assert said in str(error.value)


def test_the_document_holds_every_turn_the_outcome_and_what_can_be_undone() -> None:
    told = json.loads(as_document(played(WRITE, "  a: [{verify: pass, seconds: 3s}]\n  z: [{}]\n")))
    assert (told["outcome"], told["stopped"]) == ("done", "")
    assert [turn["did"] for turn in told["turns"]] == ["start", "confirmed a: do x", "done z"]
    assert {event["kind"] for event in told["turns"][1]["events"]} >= {"attempt.finished", "verify.finished"}
    assert told["undo"] == [{"step": "a", "visit": 1}]
