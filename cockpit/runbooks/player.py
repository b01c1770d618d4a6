"""The player: a person's decisions as events or refusals, and what follows from a run's state by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from cockpit.clock import SECOND
from cockpit.incident import running
from cockpit.incident.event import Body, Event
from cockpit.incident.running import Run
from cockpit.incident.runs import (
    AttemptIntended,
    AttemptSettled,
    OptionChosen,
    RunFinished,
    StepDone,
    StepSkipped,
    VerifyStarted,
    WaitStarted,
)
from cockpit.incident.vocabulary import Figures
from cockpit.protocol.commands import Choose, Confirm, EndRun, FinishStep, Settle, Skip, StopAttempt
from cockpit.runbooks.offers import Action, ActionKind, offers
from cockpit.runbooks.plan import Plan, command_line
from cockpit.runbooks.standing import clean, current, in_flight, outcome, unknown

__all__ = [
    "Action", "Decision", "Refused", "choose", "confirm", "consequences", "end", "finish", "offers", "settle", "skip",
    "stop",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a command was not accepted, and in words how to go on."""

    code: Literal["stale", "invalid", "not_offered"]
    text: str


Decision = tuple[Body, ...] | Refused


def confirm(
    plan: Plan, run: Run, command: Confirm, attempt_id: str, before: Figures | None
) -> AttemptIntended | Refused:
    """The intent to run a step's command, or its rollback, exactly as it was shown."""
    action = _offered(plan, run, "undo" if command.undo else "run", command.step)
    if isinstance(action, Refused):
        return action
    if attempt_id in run.attempts:
        return Refused("invalid", "this attempt has been started before")
    if action.command is None or command.digest != action.digest:
        return Refused("stale", "the command is not the one that was shown; look at it again")
    if command.typed.strip() != action.typed and action.typed:
        return Refused("invalid", f"type {action.typed} to run it")
    return AttemptIntended(
        run=run.id,
        step=command.step,
        attempt=attempt_id,
        command=command_line(action.command.argv),
        digest=action.digest,
        direction="rollback" if command.undo else "forward",
        before=before,
    )


def finish(plan: Plan, run: Run, command: FinishStep, now: int) -> Decision:
    """A manual step is done, or a wait begins."""
    action = _offered(plan, run, "done", command.step)
    if isinstance(action, Refused):
        return action
    wait = plan.steps[command.step].wait
    if wait is None:
        return (StepDone(run=run.id, step=command.step, note=command.note),)
    return (WaitStarted(run=run.id, step=command.step, until=now + int(wait.duration * SECOND)),)


def choose(plan: Plan, run: Run, command: Choose) -> Decision:
    """A decision, with what it turned down."""
    action = _offered(plan, run, "choose", command.step)
    if isinstance(action, Refused):
        return action
    titles = dict(action.options)
    if command.option not in titles:
        return Refused("invalid", f"choose one of {', '.join(titles)}")
    chosen = titles.pop(command.option)
    rejected = tuple(titles.values())
    return (
        OptionChosen(
            run=run.id, step=command.step, option=command.option, title=chosen, rejected=rejected, why=command.why
        ),
    )


def skip(plan: Plan, run: Run, command: Skip) -> Decision:
    """A step is passed over, for a reason."""
    action = _offered(plan, run, "skip", command.step)
    if isinstance(action, Refused):
        return action
    if not command.reason.strip():
        return Refused("invalid", "say why it is skipped")
    return (StepSkipped(run=run.id, step=command.step, reason=command.reason),)


def settle(plan: Plan, run: Run, command: Settle) -> Decision:
    """A person says what became of an attempt."""
    attempt = run.attempts.get(command.attempt)
    action = _offered(plan, run, "settle", attempt.step if attempt else "")
    if isinstance(action, Refused):
        return action
    if action.attempt != command.attempt:
        return Refused("stale", "another attempt has been made since; look again")
    if command.verdict not in dict(action.options):
        return Refused("invalid", f"it can be settled as {', '.join(dict(action.options))}")
    if not command.reason.strip():
        return Refused("invalid", "say how you know")
    return (
        AttemptSettled(
            run=run.id, step=action.step, attempt=command.attempt, verdict=command.verdict, reason=command.reason
        ),
    )


def stop(plan: Plan, run: Run, command: StopAttempt) -> Decision:
    """A running command may be ended: nothing is so until it has."""
    attempt = run.attempts.get(command.attempt)
    action = _offered(plan, run, "stop", attempt.step if attempt else "")
    if isinstance(action, Refused):
        return action
    return () if action.attempt == command.attempt else Refused("stale", "that command has ended")


def end(plan: Plan, run: Run, command: EndRun) -> Decision:
    """The run is over because a person says so."""
    action = _offered(plan, run, "end", "")
    if isinstance(action, Refused):
        return action
    return (RunFinished(run=run.id, outcome=outcome(run, "stopped"), note=command.note),)


def _offered(plan: Plan, run: Run, kind: ActionKind, step: str) -> Action | Refused:
    open_to = offers(plan, run)
    for action in open_to:
        if action.kind == kind and action.step == step:
            return action
    if not open_to:
        return Refused("not_offered", "the run has ended, and nothing of it is left to undo")
    now = ", ".join(dict.fromkeys(f"{action.kind} {action.step}".strip() for action in open_to))
    return Refused("not_offered", f"not possible now; what is: {now}")


def consequences(plan: Plan, run: Run, now: int, figures: Mapping[str, Figures]) -> tuple[Body, ...]:
    """What follows by itself, to the end of it: once these are recorded, nothing more follows. Never starts a command.

    `now` is in microseconds; `figures` are the latest by probe.
    """
    bodies: list[Body] = []
    rules: tuple[Callable[[Run], Iterator[Body]], ...] = (
        lambda so_far: _needless_rungs(plan, so_far),
        lambda so_far: _turned_down(plan, so_far),
        lambda so_far: _verifications(plan, so_far, now, figures),
        lambda so_far: _ending(plan, so_far),
    )
    for rule in rules:
        for body in tuple(rule(run)):
            run = running.reduce({run.id: run}, Event("", 0, now, now, "", "", body))[run.id]
            bodies.append(body)
    return tuple(bodies)


def _needless_rungs(plan: Plan, run: Run) -> Iterator[Body]:
    helped = {
        step.outline.ladder: step.outline
        for step in run.steps
        if step.outline.ladder and step.status == "done" and step.verdict == "pass"
    }
    for step in run.steps:
        rung = helped.get(step.outline.ladder)
        if run.outcome is None and rung is not None and step.status == "pending" and step.outline.rung > rung.rung:
            yield StepSkipped(run=run.id, step=step.outline.id, reason=f"not needed: {rung.title} helped")


def _turned_down(plan: Plan, run: Run) -> Iterator[Body]:
    for step in run.steps:
        asked = plan.steps[step.outline.id].choose
        if run.outcome is not None or asked is None or not step.chosen:
            continue
        needless = {name for option in asked.options if option.id == step.chosen for name in option.skip}
        for other in run.steps:
            if other.status == "pending" and {other.outline.id, other.outline.ladder} & needless:
                yield StepSkipped(run=run.id, step=other.outline.id, reason=f"not needed: chosen was {step.words}")


def _verifications(plan: Plan, run: Run, now: int, figures: Mapping[str, Figures]) -> Iterator[Body]:
    for step in run.steps:
        verify = plan.steps[step.outline.id].verify
        if run.outcome is None and verify is not None and step.status == "done" and step.verdict is None:
            before = step.before or figures.get(verify.probe) or Figures()
            until = now + int(verify.within * SECOND)
            yield VerifyStarted(run=run.id, step=step.outline.id, probe=verify.probe, before=before, until=until)


def _ending(plan: Plan, run: Run) -> Iterator[Body]:
    """The end, when nothing is left to do; after the end another outcome, when undoing has changed it."""
    if run.outcome is None:
        if in_flight(run) or unknown(run) or not all_behind(plan, run):
            return
        yield RunFinished(run=run.id, outcome=outcome(run, "done"))
    elif not clean(run) or not in_flight(run):
        now_called = outcome(run, run.outcome)
        if now_called != run.outcome:
            yield RunFinished(run=run.id, outcome=now_called, note="by what was undone after it ended")


def all_behind(plan: Plan, run: Run) -> bool:
    """Whether no step is left."""
    return current(plan, run) is None
