"""What an incident recorded, as the results of a rehearsal: played again, the same comes of it."""

from __future__ import annotations

import pytest

from cockpit.config.load import parse
from cockpit.incident.event import AnyBody, Event
from cockpit.incident.runs import AttemptAbandoned, AttemptIntended, RunStarted, StepDone, StepSkipped
from cockpit.review.recorded import recorded
from cockpit.runbooks.model.rehearsal import Rehearsal
from cockpit.runbooks.model.runbook import Runbook
from cockpit.runbooks.rehearsing import Rehearsed, rehearse

BOOK = """\
version: 1
id: b
title: B
params: {word: {default: x}}
steps:
  - id: hand
    title: By hand
    manual: Look
  - id: which
    title: Which
    choose: {question: Which, options: [{id: l, title: L}, {id: r, title: R, skip: [batch]}]}
  - id: find
    title: Find
    command: {argv: [find]}
    effect: read
    retries: {times: 2, pause: 5s}
    outputs: {build: {line: last}}
  - id: put
    title: Put
    approve: {}
    command: {argv: [put, {output: find.build}]}
    effect: write
    rollback: {command: [undo, {param: word}]}
    check: {argv: [took]}
    verify: {probe: p, within: 1m, hold: 10s}
  - id: batch
    title: Batch
    repeat: {command: {argv: [batch]}, until: {probe: q, hold: 10s}, at_most: 5, pause: 3s}
    effect: write
    irreversible: gone
  - id: back
    title: Back
    ladder:
      verify: {probe: p, within: 1m, hold: 10s}
      releases: {current: {argv: [cur]}, list: {argv: [ls]}, apply: {argv: [set, {target: id}]}, at_most: 2}
  - id: pause
    title: Pause
    wait: {for: 1m}
"""
START = "hand: [{note: seen}]\nfind: [{exit: 1}, {output: b7}]\n"
LADDER = 'back.current: [{output: v4}]\nback.list: [{output: "v4\\nv3\\nv2\\n"}]\n'


def play(results: str, **values: str) -> Rehearsed:
    steps = "".join(f"  {line}\n" for line in results.splitlines())
    return rehearse(book(), parse(f"version: 1\nsteps:\n{steps}", "r.yaml", Rehearsal), values)


def book() -> Runbook:
    return parse(BOOK, "book.yaml", Runbook)


def events(found: Rehearsed) -> list[Event]:
    return [event for turn in found.turns for event in turn.events]


def same(one: Rehearsed, other: Rehearsed) -> bool:
    told = [
        (
            [(step.outline.id, step.status, step.verdict, step.words, step.visit) for step in each.run.steps],
            each.run.outcome, each.run.params, [(left.step, left.visit) for left in each.run.undo_stack],
            [turn.did for turn in each.turns],
        )
        for each in (one, other)
    ]  # fmt: skip
    return told[0] == told[1]


@pytest.mark.parametrize(
    "results",
    [
        START + "which: [{choose: r, why: it is late}]\nput: [{approve_by: bob}, {verify: pass, seconds: 7s}]\n"
        + LADDER + "back.1: [{verify: no_effect, errors: {before: 0.5, after: 0.5}}]\n"
        "back.2: [{verify: pass}]\npause: [{}]",
        START + "which: [{choose: l}]\nput: [{approve_by: bob}, {unknown: it died}, {check: 0}]",
        START + "which: [{choose: l}]\nput: [{approve_by: bob}, {unknown: it died}, {check: 2}, {settle: by_hand}]",
        START + "which: [{choose: l}]\nput: [{approve_by: bob}, {verify: worse}, {undo: true, exit: 4}, "
        "{settle: by_hand, why: put it back}]\nbatch: [{skip: no time}]\n" + LADDER,
        START + "which: [{choose: l}]\nput: [{skip: needless}]\nbatch: [{}, {}, {verify: pass}]\n" + LADDER
        + "back.1: [{before: v9}, {accept: bob did it}, {before: v9}, {after: v8}]",
        START + "which: [{skip: needless}]\nput: [{approve_by: bob}, {signal: 9}]",
        START + "which: [{skip: needless}]\nput: [{approve_by: bob}, {ended_by: timeout, seconds: 60s}]",
    ],
)  # fmt: skip
def test_what_was_recorded_comes_out_the_same_when_it_is_played_again(results: str) -> None:
    first = play(results, word="w")
    assert len(first.run.attempts) > 2
    tape = recorded(events(first), "b")
    assert tape is not None
    again = rehearse(book(), tape, {})
    assert same(first, again), again.stopped
    assert again.left == ()


def _event(body: AnyBody, actor: str = "ada") -> Event:
    return Event("INC-1", 1, 0, 0, actor, "", body)


def _start(run: str) -> Event:
    return _event(RunStarted(run=run, runbook="b", title="B", digest="", source="", path="", steps=()))


def test_the_latest_run_of_the_runbook_counts() -> None:
    first, second = (_event(StepDone(run=run, step="hand", note=run)) for run in ("r1", "r2"))
    tape = recorded([_start("r1"), first, _start("r2"), second], "b")
    assert tape is not None and [result.note for result in tape.steps["hand"]] == ["r2"]
    assert recorded([_start("r1"), first], "other") is None and recorded([], "b") is None


def test_what_followed_by_itself_or_never_ran_is_no_result() -> None:
    intended = AttemptIntended(run="r", step="put", attempt="a", command="put", digest="d")
    never = AttemptAbandoned(run="r", step="put", attempt="a", why="the engine stopped")
    skipped = _event(StepSkipped(run="r", step="batch", reason="not needed"), "cockpit")
    tape = recorded([_start("r"), _event(intended), _event(never), skipped], "b")
    assert tape is not None and tape.steps == {}
