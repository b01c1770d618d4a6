"""What must be given before a command may run: approvals of the very command that is shown."""

from __future__ import annotations

from cockpit.incident.run import Approval, Run, StepState
from cockpit.runbooks.ladder import target_of
from cockpit.runbooks.model.steps import Approve
from cockpit.runbooks.plan import PlannedStep

BARRIER = Approve(people=1, others=False)
"""Whoever goes below a barrier says once more, and why, that it may be; alone at night that is the same person."""


def approval_of(planned: PlannedStep, run: Run) -> Approve | None:
    """Who must say yes first; None when nobody has to."""
    target = target_of(run, planned.outline)
    if target is not None and barriers(run, planned):
        return planned.approve or BARRIER
    return planned.approve


def barriers(run: Run, planned: PlannedStep) -> tuple[str, ...]:
    """Why nobody should go down to this rung, in words, the nearest first."""
    pinned = run.ladders.get(planned.outline.ladder)
    targets = pinned.targets[: planned.outline.rung] if pinned is not None else ()
    return tuple(f"{target.id}: {target.barrier}" for target in targets if target.barrier)


def valid(
    approve: Approve, approvals: tuple[Approval, ...], digest: str, now: int, but: str = ""
) -> tuple[str, ...]:  # fmt: skip
    """Who has approved this very command, and still does; `but` is who runs it, where others are asked for."""
    return tuple(
        each.person
        for each in approvals
        if each.digest == digest and now < each.until and not (approve.others and each.person == but)
    )


def needed_approval(planned: PlannedStep, run: Run, step: StepState, digest: str) -> str:
    """What is asked for, and who has said yes so far; empty when no approval is needed."""
    approve = approval_of(planned, run)
    if approve is None:
        return ""
    given = [each.person for each in step.approvals if each.digest == digest]
    who = f"{approve.role.replace('_', ' ')}" if approve.role else "person" if approve.people == 1 else "people"
    other = " who does not run it" if approve.others else ""
    so_far = f"; so far: {', '.join(given)}" if given else ""
    reasons = "; ".join(barriers(run, planned))
    why = f" ({reasons})" if reasons else ""
    return f"needs the approval of {approve.people} {who}{other}{why}{so_far}"


def as_many_as_asked(planned: PlannedStep, run: Run, step: StepState, digest: str) -> bool:
    """Whether as many people have said yes as are asked for; one of them may have expired, or be who runs it."""
    approve = approval_of(planned, run)
    return approve is None or len({each.person for each in step.approvals if each.digest == digest}) >= approve.people


def held_up(planned: PlannedStep, run: Run, step: StepState, digest: str, actor: str, now: int) -> str:
    """Why this person may not run the command yet; empty when they may."""
    approve = approval_of(planned, run)
    if approve is None or len(valid(approve, step.approvals, digest, now, actor)) >= approve.people:
        return ""
    mine = approve.others and any(each.person == actor and each.digest == digest for each in step.approvals)
    why = "you approved it, so that somebody else runs it" if mine else "an approval may have expired"
    return f"not yet: {needed_approval(planned, run, step, digest)}; {why}"
