"""The fold of a run: the first recorded fate of an attempt stands."""

from __future__ import annotations

from typing import Literal

import pytest

from cockpit.incident import running
from cockpit.incident.event import Body, Event
from cockpit.incident.run import Run, Runs
from cockpit.incident.runs import (
    AttemptAbandoned,
    AttemptFinished,
    AttemptIntended,
    AttemptSettled,
    AttemptStarted,
    AttemptUnknown,
    RunStarted,
    StepOutline,
    StepSkipped,
)

Settled = Literal["took_effect", "no_effect", "by_hand", "skipped"]
OUTLINES = (
    StepOutline("a", "A", "command", "write", undo="undo a"),
    StepOutline("b", "B", "command", "write", undo="undo b"),
    StepOutline("c", "C", "command", "read"),
)
STARTED = RunStarted(run="r", runbook="b", title="B", digest="", source="", path="", steps=OUTLINES)


def intended(step: str, attempt: str) -> AttemptIntended:
    return AttemptIntended(run="r", step=step, attempt=attempt, command=step, digest="d")


def undoing(step: str, attempt: str) -> AttemptIntended:
    return AttemptIntended(run="r", step=step, attempt=attempt, command=step, digest="d", direction="rollback")


def finished(step: str, attempt: str, ok: bool = True) -> AttemptFinished:
    return AttemptFinished(run="r", step=step, attempt=attempt, ok=ok)


def unknown(step: str, attempt: str) -> AttemptUnknown:
    return AttemptUnknown(run="r", step=step, attempt=attempt, why="lost")


def fold(*bodies: Body) -> Run:
    runs: Runs = {}
    for seq, body in enumerate((STARTED, *bodies), start=1):
        runs = running.reduce(runs, Event("s", seq, seq, seq, "ann", "h", body))
    return runs["r"]


def stack(run: Run) -> list[str]:
    return [each.step for each in run.undo_stack]


def test_undo_is_over_what_started_the_latest_first() -> None:
    run = fold(intended("b", "1"), finished("b", "1"), intended("a", "2"), finished("a", "2", ok=False))
    assert stack(run) == ["a", "b"]


def test_what_was_skipped_after_it_started_can_still_be_undone() -> None:
    run = fold(intended("a", "1"), finished("a", "1", ok=False), StepSkipped(run="r", step="a", reason="enough"))
    assert run.step("a").status == "skipped"
    assert stack(run) == ["a"]


def test_an_abandoned_retry_leaves_the_first_start_to_undo() -> None:
    run = fold(
        intended("a", "1"), finished("a", "1", ok=False),
        intended("a", "2"), AttemptAbandoned(run="r", step="a", attempt="2", why="died first"),
    )  # fmt: skip
    assert (run.step("a").status, run.step("a").order) == ("pending", 1)
    assert stack(run) == ["a"]


def test_an_unknown_attempt_stays_unknown_until_it_is_settled() -> None:
    run = fold(intended("a", "1"), unknown("a", "1"), finished("a", "1"))
    assert run.step("a").status == "unknown"
    assert run.attempts["1"].finished is None


def test_the_first_fate_stands() -> None:
    run = fold(
        intended("a", "1"), finished("a", "1"), finished("a", "1", ok=False), unknown("a", "1"), intended("a", "1")
    )
    assert run.step("a").status == "done"


@pytest.mark.parametrize("named", ["b", "gone"])
def test_news_of_an_attempt_is_of_the_step_it_was_intended_for(named: str) -> None:
    run = fold(intended("a", "1"), finished(named, "1", ok=False))
    assert (run.step("a").status, run.step("b").status) == ("failed", "pending")


@pytest.mark.parametrize(
    ("verdict", "status", "undo"),
    [("took_effect", "done", ["a"]), ("by_hand", "done", ["a"]), ("no_effect", "pending", []),
     ("skipped", "skipped", ["a"])],
)  # fmt: skip
def test_settling_a_start(verdict: Settled, status: str, undo: list[str]) -> None:
    settled = AttemptSettled(run="r", step="a", attempt="1", verdict=verdict, reason="looked")
    run = fold(intended("a", "1"), unknown("a", "1"), settled)
    assert run.step("a").status == status
    assert stack(run) == undo


@pytest.mark.parametrize(
    ("verdict", "status"),
    [("took_effect", "rolled_back"), ("by_hand", "rolled_back"), ("no_effect", "rollback_failed"),
     ("skipped", "rollback_skipped")],
)  # fmt: skip
def test_settling_a_rollback(verdict: Settled, status: str) -> None:
    settled = AttemptSettled(run="r", step="a", attempt="2", verdict=verdict, reason="looked")
    run = fold(intended("a", "1"), finished("a", "1"), undoing("a", "2"), unknown("a", "2"), settled)
    assert run.step("a").status == status
    assert stack(run) == (["a"] if status == "rollback_failed" else [])


def test_a_start_that_was_recorded_counts_though_it_was_called_abandoned() -> None:
    run = fold(
        intended("a", "1"), AttemptStarted(run="r", step="a", attempt="1", pid=7),
        AttemptAbandoned(run="r", step="a", attempt="1", why="contradiction"),
    )  # fmt: skip
    assert stack(run) == ["a"]
