"""Where a run stands: which step comes now, and whether it can still end clean."""

from __future__ import annotations

from cockpit.incident.run import Attempt, Run, StepState
from cockpit.incident.runs import RunOutcome
from cockpit.runbooks.plan import Plan, PlannedStep

IN_FLIGHT = frozenset({"checking", "intended", "running", "rolling_back"})
"""Statuses in which a command of the step has been confirmed and has not ended."""
GOING_ON = frozenset({"announced", "repeating", "sending", "verifying", "waiting"})
"""Statuses that end by themselves."""
CLOSED = frozenset({"skipped", "rolled_back", "rollback_skipped"})


def in_flight(run: Run) -> StepState | None:
    """The step whose command has been confirmed and has not ended."""
    return next((step for step in run.steps if step.status in IN_FLIGHT), None)


def announced(run: Run) -> StepState | None:
    """The step whose command waits for objections."""
    return next((step for step in run.steps if step.status == "announced"), None)


def unknown(run: Run) -> StepState | None:
    """The step of which nobody knows whether its command took effect."""
    return next((step for step in run.steps if step.status in {"unknown", "rollback_unknown"}), None)


def stuck(run: Run) -> StepState | None:
    """The step whose rollback failed."""
    return next((step for step in run.steps if step.status == "rollback_failed"), None)


def seen_after(planned: PlannedStep, run: Run, step: StepState) -> bool:
    """Whether what had to be read after the step was read."""
    if planned.after is None:
        return True
    acts = _forward(run, step)
    return bool(acts) and (acts[-1].purpose == "after" and acts[-1].succeeded)


def settled(planned: PlannedStep, run: Run, step: StepState) -> bool:
    """Whether the run may go on to the step after this one."""
    if step.status in CLOSED:
        return True
    if step.status == "failed":
        return planned.fallback
    if step.status != "done" or not (seen_after(planned, run, step) or _by_hand(run, step)):
        return False
    if step.outline.ladder and step.verdict == "inconclusive":
        # Nobody knows whether it helped: going further down is for a person to decide, with a reason.
        return False
    return planned.verify is None or step.verdict == "pass" or (step.verdict is not None and planned.fallback)


def _by_hand(run: Run, step: StepState) -> bool:
    return any(attempt.settled for attempt in _forward(run, step)[-1:])


def _forward(run: Run, step: StepState) -> list[Attempt]:
    return [each for each in run.of(step.outline.id, step.visit) if each.direction == "forward"]


def current(plan: Plan, run: Run) -> StepState | None:
    """The step that comes now, None when all are behind."""
    return next((step for step in run.steps if not settled(plan.steps[step.outline.id], run, step)), None)


def latest(run: Run) -> StepState | None:
    """The step that started last."""
    started = [step for step in run.steps if step.order]
    return max(started, key=lambda step: step.order) if started else None


def clean(run: Run) -> bool:
    """Whether every rollback that was tried did what it should, without a person having to say so."""
    return not run.left and not any(_spoiled(attempt) for attempt in run.attempts.values()) and stuck(run) is None


def outcome(run: Run, otherwise: RunOutcome) -> RunOutcome:
    """What to call a run that ends now."""
    if not clean(run):
        return "not_clean"
    undone = any(attempt.undid for attempt in run.attempts.values())
    return "rolled_back" if undone and not _standing(run) else otherwise


def _spoiled(attempt: Attempt) -> bool:
    if attempt.direction != "rollback" or attempt.purpose != "act":
        return bool(attempt.settled) and attempt.direction == "rollback"
    failed = attempt.finished is not None and not attempt.finished.ok
    return bool(failed or attempt.unknown or attempt.settled)


def _standing(run: Run) -> bool:
    """Whether some change that the run made is still in place."""
    undone = {(attempt.step, attempt.visit) for attempt in run.attempts.values() if attempt.undid}
    writes = {step.outline.id for step in run.steps if step.outline.effect != "read"}
    return any(
        attempt.direction == "forward" and attempt.acted and attempt.step in writes
        and (attempt.step, attempt.visit) not in undone
        for attempt in run.attempts.values()
    )  # fmt: skip
