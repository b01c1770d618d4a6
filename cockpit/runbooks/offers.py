"""What a person may do now in a run, the suggested thing first. Nothing else is accepted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from cockpit.incident.running import Run, StepState
from cockpit.runbooks.model import Command
from cockpit.runbooks.plan import Plan, PlannedStep, digest
from cockpit.runbooks.standing import current, in_flight, latest, settled, stuck, unknown

ActionKind = Literal["run", "done", "choose", "skip", "undo", "settle", "stop", "end"]

TOOK_EFFECT = ("took_effect", "It took effect")
NO_EFFECT = ("no_effect", "It had no effect")
BY_HAND = ("by_hand", "I did it by hand")
LEAVE = ("skipped", "Leave it so, and go on")


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do. `said` is what to know before doing it.

    `digest` is that of `command`; `typed` is the word to type first, empty when one key is enough;
    `options` are ids with titles, of a decision or of what may have become of an attempt.
    """

    kind: ActionKind
    step: str = ""
    attempt: str = ""
    command: Command | None = None
    digest: str = ""
    typed: str = ""
    options: tuple[tuple[str, str], ...] = ()
    said: str = ""


def offers(plan: Plan, run: Run) -> tuple[Action, ...]:
    """Everything that may be done now."""
    if flying := in_flight(run):
        return (Action("stop", flying.outline.id, flying.attempt),)
    if lost := unknown(run):
        options = (TOOK_EFFECT, NO_EFFECT, BY_HAND, LEAVE)
        return (Action("settle", lost.outline.id, lost.attempt, options=options, said=lost.words),)
    end = () if run.outcome else (Action("end"),)
    if failed := stuck(run):
        settle = Action("settle", failed.outline.id, failed.attempt, options=(BY_HAND, LEAVE), said=failed.words)
        return (*_undo(plan, run), settle, *end)
    if run.outcome:
        return tuple(_undo(plan, run))
    forward = tuple(_forward(plan, run))
    undo = tuple(_undo(plan, run))
    return (*undo, *forward, *end) if _undo_is_better(plan, run) else (*forward, *undo, *end)


def _undo(plan: Plan, run: Run) -> Iterator[Action]:
    for step in run.undo_stack[:1]:
        command = plan.steps[step.outline.id].rollback
        if command is not None:
            yield Action("undo", step.outline.id, command=command, digest=digest(command), said=step.words)


def _undo_is_better(plan: Plan, run: Run) -> bool:
    last = latest(run)
    if last is None or run.undo_stack[:1] != (last,):
        return False
    if last.status != "done" or last.verdict in {None, "pass"}:
        return False
    return last.verdict == "worse" or not settled(plan.steps[last.outline.id], last)


def _forward(plan: Plan, run: Run) -> Iterator[Action]:
    step = current(plan, run)
    if step is not None:
        planned = plan.steps[step.outline.id]
        said = step.words or _said_before(run)
        if step.status in {"pending", "failed"}:
            yield _next(planned, said)
        if step.status != "verifying":
            yield Action("skip", step.outline.id, said=said)
    last = latest(run)
    if last is not None and last is not step and last.status == "failed":
        yield _next(plan.steps[last.outline.id], last.words)


def _next(planned: PlannedStep, said: str) -> Action:
    step = planned.outline.id
    if planned.command is not None:
        typed = step if planned.outline.effect == "destructive" else ""
        return Action("run", step, command=planned.command, digest=digest(planned.command), typed=typed, said=said)
    if planned.choose is not None:
        return Action("choose", step, options=tuple((each.id, each.title) for each in planned.choose.options))
    return Action("done", step, said=said)


def _said_before(run: Run) -> str:
    """What the last start that did not help came to: the reason why the next rung is offered."""
    last = latest(run)
    if last is None or not last.outline.ladder or not _disappointing(last):
        return ""
    said = f"{last.outline.title}: {last.words or last.status.replace('_', ' ')}"
    if last.verdict == "no_effect":
        return f"{said}. If going back changed nothing, that change may not be the cause."
    return said


def _disappointing(step: StepState) -> bool:
    return step.status in {"failed", "rolled_back"} or step.verdict not in {None, "pass"}
