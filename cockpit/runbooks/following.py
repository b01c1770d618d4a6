"""What follows from a run's state by itself, to the end of it. Pure.

It starts nothing that a person has not confirmed: see `intending`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cockpit.clock import SECOND
from cockpit.incident import running
from cockpit.incident.event import Body, Event
from cockpit.incident.run import Run, StepState
from cockpit.incident.runs import (
    AttemptSettled,
    DecisionOpened,
    RepeatEnded,
    RunFinished,
    RunOutcome,
    StepRecalled,
    StepSkipped,
    VerifyStarted,
)
from cockpit.incident.vocabulary import Figures
from cockpit.runbooks.conditions import needless
from cockpit.runbooks.intending import announced_attempt, held_up, next_attempt, tries_again
from cockpit.runbooks.ladder import pinned_by, target_of
from cockpit.runbooks.model.steps import Repeat
from cockpit.runbooks.moment import Moment
from cockpit.runbooks.plan import Plan
from cockpit.runbooks.standing import announced, clean, current, in_flight, outcome, seen_after, unknown


def consequences(plan: Plan, run: Run, moment: Moment) -> tuple[Body, ...]:
    """What follows by itself: once these are recorded, nothing more follows at that moment."""
    bodies: list[Body] = []
    rules: tuple[Callable[[Run], Iterator[Body]], ...] = (
        lambda so_far: _recalled(plan, so_far, moment),
        lambda so_far: _announced(plan, so_far, moment),
        lambda so_far: _checked(so_far),
        lambda so_far: _pinned(plan, so_far),
        lambda so_far: _needless_rungs(plan, so_far),
        lambda so_far: _turned_down(plan, so_far),
        lambda so_far: _series(plan, so_far, moment),
        lambda so_far: _held_up(plan, so_far, moment),
        lambda so_far: _going_on(plan, so_far, moment),
        lambda so_far: _verifications(plan, so_far, moment),
        lambda so_far: _not_needed(plan, so_far, moment),
        lambda so_far: _decisions(plan, so_far, moment),
        lambda so_far: _ending(plan, so_far, moment),
    )
    for rule in rules:
        for body in tuple(rule(run)):
            run = running.reduce({run.id: run}, Event("", 0, moment.now, moment.now, "", "", body))[run.id]
            bodies.append(body)
    return tuple(bodies)


FALLEN = "the confirmation does not stand any more: the engine was restarted, or the host slept"


def _recalled(plan: Plan, run: Run, moment: Moment) -> Iterator[Body]:
    """An announcement whose confirmation does not stand any more, or that would run something else by now."""
    step = announced(run)
    if step is None or step.announced is None:
        return
    if step.announced.attempt not in moment.held:
        yield StepRecalled(run=run.id, step=step.outline.id, reason=f"{FALLEN}. Confirm it again.")
    elif run.lost:
        yield StepRecalled(run=run.id, step=step.outline.id, reason=run.lost)
    elif moment.now >= step.announced.until and announced_attempt(plan, run, step, moment) is None:
        why = "what would run now is not what was confirmed"
        yield StepRecalled(run=run.id, step=step.outline.id, reason=f"{why}. Look at it again.")


def _announced(plan: Plan, run: Run, moment: Moment) -> Iterator[Body]:
    step = announced(run)
    intended = announced_attempt(plan, run, step, moment) if step is not None else None
    if intended is not None:
        yield intended


def _checked(run: Run) -> Iterator[Body]:
    """What a step's own check says of an attempt that nobody knows about: 0 it took effect, 1 it did not."""
    for step in run.steps:
        if step.status not in {"unknown", "rollback_unknown"}:
            continue
        attempts = run.of(step.outline.id)
        lost = next(each for each in reversed(attempts) if each.purpose == "act")
        last = attempts[-1]
        # A check that was ended says nothing, whatever code it left with.
        ended = last.finished if last.finished is not None and last.finished.ended_by == "itself" else None
        code = ended.exit_code if ended is not None else None
        if last.purpose != "check" or last.order < lost.order or not lost.to_settle or code not in {0, 1}:
            continue
        if code == 1 and lost.pid:
            # What still runs may take effect after the look: run again now, it would be run twice.
            continue
        verdict, words = ("took_effect", "it took effect") if code == 0 else ("no_effect", "it had no effect")
        yield AttemptSettled(
            run=run.id, step=step.outline.id, attempt=lost.id,
            verdict="took_effect" if verdict == "took_effect" else "no_effect",
            reason=f"its check ended with {code}: {words}",
        )  # fmt: skip


def _pinned(plan: Plan, run: Run) -> Iterator[Body]:
    for step in run.steps:
        pinned = pinned_by(run, plan.steps[step.outline.id]) if step.status == "done" else None
        if pinned is not None:
            yield pinned


def _needless_rungs(plan: Plan, run: Run) -> Iterator[Body]:
    """Rungs below one that helped, and those that there is no release for."""
    helped = {
        step.outline.ladder: step.outline
        for step in run.steps
        if step.outline.ladder and step.status == "done" and step.verdict == "pass"
    }
    for step in run.steps:
        if run.outcome is not None or step.status != "pending" or not step.outline.ladder:
            continue
        rung = helped.get(step.outline.ladder)
        if rung is not None and step.outline.rung > rung.rung:
            yield StepSkipped(run=run.id, step=step.outline.id, reason=f"not needed: {rung.title} helped")
        elif plan.steps[step.outline.id].before is not None and _found_all(plan, run, step):
            found = step.outline.ladder in run.ladders
            why = "there is no further release to go back to" if found else "nobody knows the releases to go back to"
            yield StepSkipped(run=run.id, step=step.outline.id, reason=why)


def _found_all(plan: Plan, run: Run, step: StepState) -> bool:
    """Whether the releases were looked for, and none is there for this rung."""
    lists = [each for each in run.steps if each.outline.ladder == step.outline.ladder and _lists(plan, each)]
    return all(each.status in {"done", "skipped"} for each in lists) and target_of(run, step.outline) is None


def _lists(plan: Plan, step: StepState) -> bool:
    return bool(plan.steps[step.outline.id].at_most)


def _turned_down(plan: Plan, run: Run) -> Iterator[Body]:
    """What a choice makes needless: the steps it names, and those it goes past."""
    for place, step in enumerate(run.steps):
        asked = plan.steps[step.outline.id].choose
        if run.outcome is not None or asked is None or not step.chosen:
            continue
        option = next((each for each in asked.options if each.id == step.chosen), None)
        needless_ids = set(option.skip) if option is not None else set()
        ahead = [{other.outline.id, other.outline.ladder} for other in run.steps[place + 1 :]]
        goto = option.goto if option is not None else None
        if goto is not None and any(goto in names for names in ahead):
            for names in ahead:
                if goto in names:
                    break
                needless_ids |= names - {""}
        for other in run.steps[place + 1 :]:
            if other.status == "pending" and {other.outline.id, other.outline.ladder} & needless_ids:
                yield StepSkipped(run=run.id, step=other.outline.id, reason=f"not needed: chosen was {step.words}")


def _series(plan: Plan, run: Run, moment: Moment) -> Iterator[Body]:
    """A series of batches that is over, well or not."""
    for step in run.steps:
        repeat = plan.steps[step.outline.id].repeat
        if step.status != "repeating" or repeat is None:
            continue
        root = run.attempts[step.attempt].root
        batches = sum(each.root == root and each.purpose == "act" for each in run.of(step.outline.id))
        reached, words = _over(repeat, run, step, batches, moment)
        if words:
            yield RepeatEnded(run=run.id, step=step.outline.id, reached=reached, batches=batches, words=words)


def _over(repeat: Repeat, run: Run, step: StepState, batches: int, moment: Moment) -> tuple[bool, str]:
    so_far = f"{batches} batch{'es' if batches != 1 else ''}"
    since = moment.steady.get(repeat.until.probe)
    last = run.attempts[step.attempt]
    # A sample from before this batch says nothing about what it did.
    if since is not None and moment.now - max(since, step.changed_at) >= int(repeat.until.hold * SECOND):
        figures = moment.figures.get(repeat.until.probe, Figures())
        if figures.at >= step.changed_at or since >= step.changed_at:
            return True, f"{repeat.until.probe} is up after {so_far}"
    if last.stop_asked:
        return False, f"stopped by {last.stop_asked} after {so_far}"
    if run.lost or last.order <= run.lost_after:
        return False, f"held after {so_far}: the lock was taken over; run it to go on"
    if last.root not in moment.held:
        return False, f"held after {so_far}: the confirmation does not stand any more; run it to go on"
    due = step.changed_at + int(repeat.pause * SECOND)
    if batches >= repeat.at_most and moment.now >= due and since is None:
        return False, f"{repeat.until.probe} is not up after {so_far}, which is as many as the runbook allows"
    return False, ""


def _held_up(plan: Plan, run: Run, moment: Moment) -> Iterator[Body]:
    """What does not follow by itself because the confirmation has fallen; said once, for somebody waits for it."""
    found = None if announced(run) else held_up(plan, run, moment)
    if found is None:
        return
    last, purpose, step = found
    words = f"{_NOT_DONE.get(purpose, 'it was not run')}: {FALLEN}. Run it to go on."
    if purpose == "check":
        words = f"{run.step(step).words}; {words}"
    yield StepRecalled(run=run.id, step=step, reason=words, attempt=last.id)


_NOT_DONE = {"after": "what serves now was not read", "check": "its check was not run"}


def _going_on(plan: Plan, run: Run, moment: Moment) -> Iterator[Body]:
    intended = next_attempt(plan, run, moment)
    if intended is not None:
        yield intended


def _verifications(plan: Plan, run: Run, moment: Moment) -> Iterator[Body]:
    for step in run.steps:
        planned = plan.steps[step.outline.id]
        verify = planned.verify
        if run.outcome is not None or verify is None or step.status != "done" or step.verdict is not None:
            continue
        if not seen_after(planned, run, step) and not run.attempts[step.attempt].settled:
            continue
        before = step.before or moment.figures.get(verify.probe) or Figures()
        until = moment.now + int(verify.within * SECOND)
        yield VerifyStarted(run=run.id, step=step.outline.id, probe=verify.probe, before=before, until=until)


def _not_needed(plan: Plan, run: Run, moment: Moment) -> Iterator[Body]:
    """The steps that come now and are not needed, one after the other."""
    while run.outcome is None and not in_flight(run) and not tries_again(plan, run, moment):
        step = current(plan, run)
        if step is None or step.status != "pending":
            return
        why = needless(plan, run, plan.steps[step.outline.id])
        if not why:
            return
        skipped = StepSkipped(run=run.id, step=step.outline.id, reason=why)
        run = running.reduce({run.id: run}, Event("", 0, 0, 0, "", "", skipped))[run.id]
        yield skipped


def _decisions(plan: Plan, run: Run, moment: Moment) -> Iterator[Body]:
    """The timebox of a decision runs from the moment that it comes up."""
    step = current(plan, run)
    if run.outcome is not None or step is None or step.status != "pending" or in_flight(run) or unknown(run):
        return
    if tries_again(plan, run, moment):
        return
    asked = plan.steps[step.outline.id].choose
    if asked is not None:
        until = moment.now + int(asked.timebox * SECOND)
        yield DecisionOpened(run=run.id, step=step.outline.id, until=until)


def _ending(plan: Plan, run: Run, moment: Moment) -> Iterator[Body]:
    """The end, when nothing is left to do; after the end another outcome, when undoing has changed it."""
    if run.outcome is None:
        if in_flight(run) or unknown(run) or announced(run) or current(plan, run) is not None:
            return
        if tries_again(plan, run, moment):
            return
        yield RunFinished(run=run.id, outcome=outcome(run, "done"))
    elif not clean(run) or not (in_flight(run) or announced(run)):
        # What was not clean while an undo had not succeeded yet may be so by now.
        ended: RunOutcome = "stopped" if current(plan, run) is not None else "done"
        now_called = outcome(run, ended if run.outcome == "not_clean" else run.outcome)
        if now_called != run.outcome:
            yield RunFinished(run=run.id, outcome=now_called, note="by what was undone after it ended")
