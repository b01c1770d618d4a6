"""Where a run stands: which step comes now, and whether it can still end clean."""

from __future__ import annotations

from cockpit.incident.running import Attempt, Run, StepState
from cockpit.incident.runs import RunOutcome
from cockpit.runbooks.plan import Plan, PlannedStep

IN_FLIGHT = frozenset({"intended", "running", "rolling_back"})
CLOSED = frozenset({"skipped", "rolled_back", "rollback_skipped"})


def in_flight(run: Run) -> StepState | None:
    """The step whose command has been confirmed and has not ended."""
    return next((step for step in run.steps if step.status in IN_FLIGHT), None)


def unknown(run: Run) -> StepState | None:
    """The step of which nobody knows whether its command took effect."""
    return next((step for step in run.steps if step.status in {"unknown", "rollback_unknown"}), None)


def stuck(run: Run) -> StepState | None:
    """The step whose rollback failed."""
    return next((step for step in run.steps if step.status == "rollback_failed"), None)


def settled(planned: PlannedStep, step: StepState) -> bool:
    """Whether the run may go on to the step after this one."""
    if step.status in CLOSED:
        return True
    if step.status == "failed":
        return planned.fallback
    if step.status != "done":
        return False
    return planned.verify is None or step.verdict == "pass" or (step.verdict is not None and planned.fallback)


def current(plan: Plan, run: Run) -> StepState | None:
    """The step that comes now, None when all are behind."""
    return next((step for step in run.steps if not settled(plan.steps[step.outline.id], step)), None)


def latest(run: Run) -> StepState | None:
    """The step that started last."""
    started = [step for step in run.steps if step.order]
    return max(started, key=lambda step: step.order) if started else None


def clean(run: Run) -> bool:
    """Whether every rollback that was tried did what it should, without a person having to say so."""
    return not any(_spoiled(attempt) for attempt in run.attempts.values()) and stuck(run) is None


def outcome(run: Run, otherwise: RunOutcome) -> RunOutcome:
    """What to call a run that ends now."""
    if not clean(run):
        return "not_clean"
    undone = any(step.status == "rolled_back" for step in run.steps)
    return "rolled_back" if undone and not _standing(run) else otherwise


def _spoiled(attempt: Attempt) -> bool:
    failed = attempt.finished is not None and not attempt.finished.ok
    return attempt.direction == "rollback" and bool(failed or attempt.unknown or attempt.settled)


def _standing(run: Run) -> bool:
    """Whether some change that the run made is still in place."""
    return any(
        step.outline.effect != "read" and step.status != "rolled_back" and run.acted(step.outline.id)
        for step in run.steps
    )
