"""The attempts of a step: the first, which a person confirms, and those that follow from it by themselves.

What follows stands under the same confirmation, and only while the engine holds it: a look before and after, another
try of what may be tried again, the next batch of a series, the check of what nobody knows. Each is intended once.
"""

from __future__ import annotations

from itertools import takewhile

from cockpit.clock import SECOND
from cockpit.incident.run import Attempt, Run, StepState
from cockpit.incident.runs import AttemptIntended, Direction, Purpose
from cockpit.incident.vocabulary import Figures
from cockpit.runbooks.invoking import invocation
from cockpit.runbooks.moment import Moment
from cockpit.runbooks.offers import Action
from cockpit.runbooks.plan import Plan, PlannedStep


def first_attempt(
    plan: Plan, run: Run, action: Action, attempt: str, direction: Direction, before: Figures | None
) -> AttemptIntended:
    """The attempt that a confirmation makes: the look before it where there is one, else the command itself."""
    planned = plan.steps[action.step]
    purpose: Purpose = action.purpose
    if purpose == "act" and invocation(plan, run, planned, "before", direction, action.visit) is not None:
        purpose = "before"
    return _intent(plan, run, planned, attempt, purpose, direction, action.visit, before=before, digest=action.digest)


def announced_attempt(plan: Plan, run: Run, step: StepState, moment: Moment) -> AttemptIntended | None:
    """The attempt of an announcement nobody has objected to in time, while its confirmation still stands."""
    told = step.announced
    if told is None or moment.now < told.until or told.attempt not in moment.held:
        return None
    planned = plan.steps[step.outline.id]
    visit = run.undo_stack[0].visit if told.direction == "rollback" and run.undo_stack else step.visit
    command = invocation(plan, run, planned, "act", told.direction, visit)
    if command is None or command.digest != told.digest:
        return None
    looks = invocation(plan, run, planned, "before", told.direction, visit) is not None
    before = moment.figures.get(planned.verify.probe) if planned.verify is not None else None
    purpose: Purpose = "before" if looks else "act"
    return _intent(plan, run, planned, told.attempt, purpose, told.direction, visit, before=before, digest=told.digest)


def next_attempt(plan: Plan, run: Run, moment: Moment) -> AttemptIntended | None:
    """The attempt that follows by itself now, if any does."""
    last = _followed(run, moment)
    if last is None:
        return None
    planned, step = plan.steps[last.step], run.step(last.step)
    purpose = _what_follows(planned, run, step, last, moment)
    if purpose is not None:
        return _following(plan, run, planned, last, purpose, moment)
    return _the_next_step(plan, run, last, moment)


def tries_again(plan: Plan, run: Run, moment: Moment) -> bool:
    """Whether a command that failed is started again by itself, now or after its pause."""
    last = _followed(run, moment)
    if last is None or last.purpose != "act" or last.direction != "forward":
        return False
    return run.step(last.step).status == "failed" and _tries_left(plan.steps[last.step], run, last)


def held_up(plan: Plan, run: Run, moment: Moment) -> tuple[Attempt, Purpose, str] | None:
    """From which attempt what would follow by itself, at which step, if its confirmation still stood; until told.

    A series says so itself.
    """
    last = _latest(run)
    if last is None or last.root in moment.held or last.recalled or run.step(last.step).status == "repeating":
        return None
    planned, step = plan.steps[last.step], run.step(last.step)
    forward = last.purpose == "act" and last.direction == "forward"
    if forward and step.status == "failed" and _tries_left(planned, run, last):
        return last, "act", last.step
    if purpose := _what_follows(planned, run, step, last, moment):
        return last, purpose, last.step
    following = _the_next_step(plan, run, last, moment)
    return None if following is None else (last, "act", following.step)


def _followed(run: Run, moment: Moment) -> Attempt | None:
    """The last attempt, if something may follow from it under the confirmation it stands under."""
    last = _latest(run)
    return last if last is not None and last.root in moment.held else None


def _latest(run: Run) -> Attempt | None:
    """The last attempt, if it has ended and nobody wants no more of it."""
    last = max(run.attempts.values(), key=lambda attempt: attempt.order, default=None)
    if last is None or last.open or last.stop_asked:
        return None
    if run.lost or last.order <= run.lost_after or (run.outcome is not None and last.direction != "rollback"):
        return None
    return last


def _what_follows(planned: PlannedStep, run: Run, step: StepState, last: Attempt, moment: Moment) -> Purpose | None:
    if last.purpose == "before":
        return "act" if last.succeeded else None
    if last.purpose != "act" or last.direction != "forward":
        return None
    if last.unknown and not last.settled:
        # While something of it still runs, a check tells what is so now, not what will be.
        return "check" if planned.check is not None and not last.pid else None
    if last.succeeded and planned.after is not None and step.status == "done":
        return "after"
    if step.status == "failed" and _again(planned, run, last, moment):
        return "act"
    if step.status == "repeating" and planned.repeat is not None:
        due = step.changed_at + int(planned.repeat.pause * SECOND)
        # While its probe is up it is over, or will be once that has held: a batch would only begin the hold anew.
        return "act" if moment.now >= due and moment.steady.get(planned.repeat.until.probe) is None else None
    return None


def _again(planned: PlannedStep, run: Run, last: Attempt, moment: Moment) -> bool:
    """Whether a command that failed by itself is tried again now."""
    pause = planned.retries.pause if planned.retries is not None else 0.0
    due = run.step(last.step).changed_at + int(pause * SECOND)
    return _tries_left(planned, run, last) and moment.now >= due


def _tries_left(planned: PlannedStep, run: Run, last: Attempt) -> bool:
    if planned.retries is None or last.finished is None or last.finished.ended_by not in {"itself", "timeout"}:
        return False
    tries = [each for each in run.of(last.step, last.visit) if each.purpose == "act" and each.root == last.root]
    # Of a series each batch has its own: those before the last that succeeded are over.
    failed = len(list(takewhile(lambda each: not each.succeeded, reversed(tries))))
    return 0 < failed <= planned.retries.times


def _following(
    plan: Plan, run: Run, planned: PlannedStep, last: Attempt, purpose: Purpose, moment: Moment
) -> AttemptIntended | None:
    command = invocation(plan, run, planned, purpose, last.direction, last.visit)
    if command is None or command.missing:
        return None
    if purpose == "act" and command.digest != last.digest:
        # What was confirmed is not what would run now: a person has to look at it again.
        return None
    before = run.step(last.step).before
    if purpose == "act" and planned.verify is not None and last.purpose == "before":
        before = moment.figures.get(planned.verify.probe)
    return _intent(
        plan, run, planned, _next_id(run), purpose, last.direction, last.visit,
        before=before, digest=command.digest if purpose == "act" else last.digest, under=last.root,
    )  # fmt: skip


def _the_next_step(plan: Plan, run: Run, last: Attempt, moment: Moment) -> AttemptIntended | None:
    """A look that is taken right after the one before it has ended well."""
    ids = list(plan.steps)
    place = ids.index(last.step) + 1
    if place == len(ids) or not last.succeeded or last.purpose != "act" or last.direction != "forward":
        return None
    planned = plan.steps[ids[place]]
    if not planned.follows or run.step(ids[place]).status != "pending":
        return None
    visit = run.step(ids[place]).visit
    command = invocation(plan, run, planned, "act", "forward", visit)
    if command is None or command.missing:
        return None
    return _intent(
        plan, run, planned, _next_id(run), "act", "forward", visit,
        before=None, digest=command.digest, under=last.root,
    )  # fmt: skip


def _next_id(run: Run) -> str:
    """Unique for ever: no attempt of a run is ever taken away."""
    return f"{run.id}-{len(run.attempts) + 1}"


def _intent(
    plan: Plan, run: Run, planned: PlannedStep, attempt: str, purpose: Purpose, direction: Direction, visit: int, *,
    before: Figures | None, digest: str, under: str = "",
) -> AttemptIntended:  # fmt: skip
    command = invocation(plan, run, planned, purpose, direction, visit)
    if command is None:
        raise RuntimeError(f"step {planned.outline.id} has no command to {purpose}")
    return AttemptIntended(
        run=run.id, step=planned.outline.id, attempt=attempt, command=command.shown, digest=digest,
        direction=direction, before=before, purpose=purpose, under=under, visit=visit,
    )  # fmt: skip
