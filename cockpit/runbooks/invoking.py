"""The very command of each thing that a step can have done."""

from __future__ import annotations

from cockpit.incident.run import Attempt, Run
from cockpit.incident.runs import Direction, Purpose
from cockpit.runbooks.ladder import served_before, target_of
from cockpit.runbooks.plan import Plan, PlannedStep
from cockpit.runbooks.values import Invocation, fill, known


def forward(plan: Plan, run: Run, planned: PlannedStep) -> Invocation | None:
    """What the step does; None for one that runs nothing."""
    if planned.command is None:
        return None
    target = target_of(run, planned.outline)
    values = known(plan, run, target=target.id if target is not None else "")
    return fill(planned.command, values, dedup=f"{run.id}-{planned.outline.id}")


def undoing(plan: Plan, run: Run, planned: PlannedStep, visit: int) -> Invocation | None:
    """What undoes that visit of the step, by what was known when it was made."""
    if planned.rollback is None:
        return None
    started = [each.order for each in run.of(planned.outline.id, visit) if each.direction == "forward"]
    back = served_before(run, planned.outline.id, visit)
    return fill(planned.rollback, known(plan, run, until=max(started, default=0), target=back))


def looking(plan: Plan, run: Run, planned: PlannedStep, purpose: Purpose, direction: Direction) -> Invocation | None:
    """What reads whether all is as it should be before or after, or whether the step took effect."""
    undo = planned.undo_check if purpose == "before" else None
    looks = {"before": planned.before, "after": planned.after, "check": planned.check}
    command = undo if direction == "rollback" else looks.get(purpose)
    return None if command is None else fill(command, known(plan, run))


def invocation(
    plan: Plan, run: Run, planned: PlannedStep, purpose: Purpose, direction: Direction, visit: int
) -> Invocation | None:
    """The command of an attempt with that purpose and direction; None where the step has no such."""
    if purpose != "act":
        return looking(plan, run, planned, purpose, direction)
    if direction == "rollback":
        return undoing(plan, run, planned, visit)
    return forward(plan, run, planned)


def of_attempt(plan: Plan, run: Run, attempt: Attempt) -> Invocation | None:
    """The command of an attempt that was intended."""
    planned = plan.steps[attempt.step]
    return invocation(plan, run, planned, attempt.purpose, attempt.direction, attempt.visit)
