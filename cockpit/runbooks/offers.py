"""What a person may do now in a run, the suggested thing first. Nothing else is accepted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from cockpit.incident.run import Run, StepState
from cockpit.incident.runs import Purpose
from cockpit.runbooks.gates import as_many_as_asked, needed_approval
from cockpit.runbooks.invoking import invocation
from cockpit.runbooks.ladder import serves_instead, target_of
from cockpit.runbooks.plan import Plan, PlannedStep
from cockpit.runbooks.standing import announced, current, in_flight, latest, seen_after, settled, stuck, unknown
from cockpit.runbooks.values import Invocation

ActionKind = Literal[
    "run", "done", "choose", "skip", "undo", "settle", "stop", "end", "approve", "object", "accept", "take_over"
]  # fmt: skip

TOOK_EFFECT = ("took_effect", "It took effect")
NO_EFFECT = ("no_effect", "It had no effect")
BY_HAND = ("by_hand", "I did it by hand")
LEAVE = ("skipped", "Leave it so, and go on")


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do. `said` is what to know before doing it.

    `digest` is that of `command`; `typed` is the word to type first, empty when one key is enough;
    `options` are ids with titles, of a decision or of what may have become of an attempt. `purpose` is what the
    command is run for, `visit` which visit of the step it is about.
    """

    kind: ActionKind
    step: str = ""
    attempt: str = ""
    command: Invocation | None = None
    typed: str = ""
    options: tuple[tuple[str, str], ...] = ()
    said: str = ""
    purpose: Purpose = "act"
    visit: int = 1

    @property
    def digest(self) -> str:
        """The identity of the command, empty where there is none."""
        return self.command.digest if self.command is not None else ""


def offers(plan: Plan, run: Run) -> tuple[Action, ...]:
    """Everything that may be done now."""
    if flying := in_flight(run):
        return (Action("stop", flying.outline.id, flying.attempt),)
    if waiting := announced(run):
        return (Action("object", waiting.outline.id, said=waiting.words),)
    end = () if run.outcome else (Action("end"),)
    if lost := unknown(run):
        return tuple(_of_unknown(plan, run, lost))
    if run.lost and (not run.outcome or run.undo_stack):
        return (Action("take_over", said=run.lost), *end)
    if failed := stuck(run):
        last = _settled_by(run, failed)
        settle = Action("settle", failed.outline.id, last, options=(BY_HAND, LEAVE), said=failed.words)
        return (*_undo(plan, run), settle, *end)
    if run.outcome:
        return tuple(_undo(plan, run))
    forward = tuple(_forward(plan, run))
    undo = tuple(_undo(plan, run))
    return (*undo, *forward, *end) if _undo_is_better(plan, run) else (*forward, *undo, *end)


def _of_unknown(plan: Plan, run: Run, lost: StepState) -> Iterator[Action]:
    planned = plan.steps[lost.outline.id]
    attempt = run.attempts[lost.attempt]
    if lost.status == "unknown" and planned.check is not None and not run.lost:
        yield _running(plan, run, planned, "check", attempt.visit, lost.words)
    options = (TOOK_EFFECT, NO_EFFECT, BY_HAND, LEAVE)
    yield Action("settle", lost.outline.id, _settled_by(run, lost), options=options, said=lost.words)


def _settled_by(run: Run, lost: StepState) -> str:
    """The attempt that nobody knows about; a look that came after it is not meant."""
    return next(each.id for each in reversed(run.of(lost.outline.id)) if each.purpose == "act")


def _undo(plan: Plan, run: Run) -> Iterator[Action]:
    for last in run.undo_stack[:1]:
        planned = plan.steps[last.step]
        command = invocation(plan, run, planned, "act", "rollback", last.visit)
        if command is not None and not command.missing:
            said = run.step(last.step).words
            yield Action("undo", last.step, command=command, said=said, visit=last.visit)
        if stuck(run) is not None:
            # It is settled as what it is: a rollback that failed.
            return
        if command is not None and command.missing:
            said = f"its rollback cannot be run: {', '.join(command.missing)}"
            acts = [each.id for each in run.of(last.step, last.visit) if each.direction == "forward" and each.acted]
            yield Action("settle", last.step, acts[-1], options=(BY_HAND, LEAVE), said=said, visit=last.visit)
        looks = [each for each in run.of(last.step, last.visit) if each.direction == "rollback"]
        if looks and looks[-1].purpose != "act" and looks[-1].to_settle:
            yield Action("settle", last.step, looks[-1].id, options=(BY_HAND, LEAVE), said=run.step(last.step).words)


def _undo_is_better(plan: Plan, run: Run) -> bool:
    last = latest(run)
    if last is None or not run.undo_stack or run.undo_stack[0].step != last.outline.id:
        return False
    planned = plan.steps[last.outline.id]
    if last.status == "failed":
        return planned.on_failure == "undo"
    if last.status != "done" or last.verdict in {None, "pass"}:
        return False
    return last.verdict == "worse" or (last.verdict != "inconclusive" and not settled(planned, run, last))


def _forward(plan: Plan, run: Run) -> Iterator[Action]:
    step = current(plan, run)
    if step is not None:
        planned = plan.steps[step.outline.id]
        said = step.words or _said_before(run)
        if step.status in {"pending", "failed", "deciding"}:
            yield from _next(plan, run, planned, step, said)
        elif step.status == "done" and not seen_after(planned, run, step):
            yield _running(plan, run, planned, "after", step.visit, "what serves now was not read yet")
        elif step.status == "repeating":
            yield Action("stop", step.outline.id, step.attempt, said=step.words)
        if step.status not in {"verifying", "repeating"}:
            yield Action("skip", step.outline.id, said=said)
    last = latest(run)
    if last is not None and last is not step and last.status == "failed":
        yield from _next(plan, run, plan.steps[last.outline.id], last, last.words)


def _next(plan: Plan, run: Run, planned: PlannedStep, step: StepState, said: str) -> Iterator[Action]:
    name = step.outline.id
    if planned.choose is not None:
        options = tuple((each.id, each.title) for each in planned.choose.options)
        asked = f"{planned.choose.question}  {said}".strip()
        yield Action("choose", name, options=options, said=asked)
    elif planned.message:
        yield Action("done", name, said=f"to {planned.whom}: {planned.message}")
    elif planned.command is None:
        yield Action("done", name, said=said)
    elif planned.before is not None and target_of(run, planned.outline) is None:
        return
    else:
        action = _running(plan, run, planned, "act", step.visit, said)
        if action.command is not None and not action.command.missing:
            held_up = needed_approval(planned, run, step, action.digest)
            if serves_instead(run, step):
                yield Action("accept", name, said=said)
            approval = [Action("approve", name, command=action.command, said=held_up)] if held_up else []
            # The suggested thing comes first: once enough have approved, that is to run it.
            enough = as_many_as_asked(planned, run, step, action.digest)
            yield from [action, *approval] if enough else [*approval, action]


def _running(
    plan: Plan, run: Run, planned: PlannedStep, purpose: Purpose, visit: int, said: str
) -> Action:  # fmt: skip
    command = invocation(plan, run, planned, purpose, "forward", visit)
    typed = planned.outline.id if planned.confirm == "type" and purpose == "act" else ""
    return Action("run", planned.outline.id, command=command, typed=typed, said=said, purpose=purpose, visit=visit)


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
