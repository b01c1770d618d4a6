"""The player: a person's decisions as events or refusals. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cockpit.clock import SECOND
from cockpit.incident.broadcasts import UpdatePosted
from cockpit.incident.event import Body
from cockpit.incident.run import Run
from cockpit.incident.runs import (
    AttemptIntended,
    AttemptSettled,
    AttemptStopAsked,
    EscalationPosted,
    LadderAccepted,
    OptionChosen,
    RunFinished,
    StepAnnounced,
    StepApproved,
    StepDone,
    StepRecalled,
    StepSkipped,
    UndoSettled,
    WaitStarted,
)
from cockpit.incident.vocabulary import Figures
from cockpit.protocol.commands import (
    Accept,
    Approve,
    Choose,
    Confirm,
    EndRun,
    FinishStep,
    Object,
    Settle,
    Skip,
    StopAttempt,
)
from cockpit.runbooks import gates
from cockpit.runbooks.following import consequences
from cockpit.runbooks.intending import first_attempt
from cockpit.runbooks.ladder import serves_instead
from cockpit.runbooks.offers import Action, ActionKind, offers
from cockpit.runbooks.plan import Plan
from cockpit.runbooks.standing import outcome

__all__ = [
    "Action", "Decision", "Refused", "accept", "approve", "choose", "confirm", "consequences", "end", "finish",
    "object_to", "offers", "settle", "skip", "stop",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a command was not accepted, and in words how to go on."""

    code: Literal["stale", "invalid", "not_offered"]
    text: str


Decision = tuple[Body, ...] | Refused


@dataclass(frozen=True, slots=True)
class Confirming:
    """Who confirms, when in microseconds, and under which new id; `before` is what the verifying probe measures.

    `window` are the microseconds in which others may object, 0 for none.
    """

    attempt: str
    actor: str
    now: int
    before: Figures | None = None
    window: int = 0


def confirm(plan: Plan, run: Run, command: Confirm, by: Confirming) -> AttemptIntended | StepAnnounced | Refused:
    """The intent to run a step's command, or its rollback, exactly as it was shown; or its announcement."""
    action = _offered(plan, run, "undo" if command.undo else "run", command.step)
    if isinstance(action, Refused):
        return action
    if by.attempt in run.attempts:
        return Refused("invalid", "this attempt has been started before")
    if action.command is None or command.digest != action.digest:
        return Refused("stale", "the command is not the one that was shown; look at it again")
    if action.command.missing:
        return Refused("invalid", f"it cannot be filled in: {', '.join(action.command.missing)} is not known")
    if command.typed.strip() != action.typed and action.typed:
        return Refused("invalid", f"type {action.typed} to run it")
    step, planned = run.step(command.step), plan.steps[command.step]
    if not command.undo and action.purpose == "act":
        if why := gates.held_up(planned, run, step, action.digest, by.actor, by.now):
            return Refused("not_offered", why)
    direction: Literal["forward", "rollback"] = "rollback" if command.undo else "forward"
    if by.window and action.purpose == "act" and (command.undo or planned.outline.effect != "read"):
        return StepAnnounced(
            run=run.id, step=command.step, attempt=by.attempt, command=action.command.shown, digest=action.digest,
            until=by.now + by.window, direction=direction,
        )  # fmt: skip
    return first_attempt(plan, run, action, by.attempt, direction, by.before)


def finish(
    plan: Plan, run: Run, command: FinishStep, now: int, new_id: str = "", next_due: int = 0, reaches: bool = True
) -> Decision:
    """A manual step is done, a wait begins, or a message goes out: as the update `new_id`, if it `reaches` anybody."""
    action = _offered(plan, run, "done", command.step)
    if isinstance(action, Refused):
        return action
    planned = plan.steps[command.step]
    if planned.message:
        if not reaches:
            return Refused("invalid", "there is nowhere to send it: the configuration names no destination")
        posted = UpdatePosted(update=new_id, reason="escalation", headline=planned.message, next_due=next_due)
        return EscalationPosted(run=run.id, step=command.step, update=new_id, whom=planned.whom), posted
    if planned.wait is None:
        return (StepDone(run=run.id, step=command.step, note=command.note),)
    return (WaitStarted(run=run.id, step=command.step, until=now + int(planned.wait.duration * SECOND)),)


def choose(plan: Plan, run: Run, command: Choose, now: int = 0) -> Decision:
    """A decision, with what it turned down and how long it took."""
    action = _offered(plan, run, "choose", command.step)
    if isinstance(action, Refused):
        return action
    titles = dict(action.options)
    if command.option not in titles:
        return Refused("invalid", f"choose one of {', '.join(titles)}")
    chosen = titles.pop(command.option)
    step, asked = run.step(command.step), plan.steps[command.step].choose
    goto = next((option.goto or "" for option in asked.options if option.id == command.option), "") if asked else ""
    open_since = step.changed_at if step.status == "deciding" else now
    return (
        OptionChosen(
            run=run.id, step=command.step, option=command.option, title=chosen, rejected=tuple(titles.values()),
            why=command.why, goto=goto, seconds=max(0, now - open_since) / SECOND,
            late=step.status == "deciding" and now > step.until,
        ),
    )  # fmt: skip


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
    if attempt is not None and not attempt.to_settle:
        verdict: Literal["by_hand", "skipped"] = "by_hand" if command.verdict == "by_hand" else "skipped"
        return (
            UndoSettled(run=run.id, step=action.step, visit=action.visit, verdict=verdict, reason=command.reason),
        )  # fmt: skip
    return (
        AttemptSettled(
            run=run.id, step=action.step, attempt=command.attempt, verdict=command.verdict, reason=command.reason
        ),
    )


def approve(plan: Plan, run: Run, command: Approve, now: int, roles: frozenset[str]) -> Decision:
    """A person says that the very command shown may run; `roles` are theirs."""
    action = _offered(plan, run, "approve", command.step)
    if isinstance(action, Refused):
        return action
    if command.digest != action.digest:
        return Refused("stale", "the command is not the one that was shown; look at it again")
    planned = plan.steps[command.step]
    asked = gates.approval_of(planned, run)
    if asked is None:
        return Refused("not_offered", "it needs no approval")
    if asked.role is not None and asked.role not in roles:
        return Refused("invalid", f"only {asked.role.replace('_', ' ')} may approve it; take that role first")
    if gates.barriers(run, planned) and not command.reason.strip():
        return Refused("invalid", "say why it may go below the barrier")
    until = now + int(asked.expires * SECOND)
    return (
        StepApproved(run=run.id, step=command.step, digest=command.digest, until=until, reason=command.reason),
    )  # fmt: skip


def object_to(plan: Plan, run: Run, command: Object) -> Decision:
    """An announced command is not to run."""
    action = _offered(plan, run, "object", command.step)
    if isinstance(action, Refused):
        return action
    if not command.reason.strip():
        return Refused("invalid", "say what stands against it")
    return (StepRecalled(run=run.id, step=command.step, reason=command.reason),)


def accept(plan: Plan, run: Run, command: Accept) -> Decision:
    """A person has seen that something else serves, and goes on from there."""
    action = _offered(plan, run, "accept", command.step)
    if isinstance(action, Refused):
        return action
    if not command.reason.strip():
        return Refused("invalid", "say who deployed it, or why it may be restored over")
    step = run.step(command.step)
    current = serves_instead(run, step)
    return (LadderAccepted(run=run.id, ladder=step.outline.ladder, current=current, reason=command.reason),)


def stop(plan: Plan, run: Run, command: StopAttempt) -> Decision:
    """A running command may be ended, and a series between two batches: nothing is so until it has."""
    attempt = run.attempts.get(command.attempt)
    action = _offered(plan, run, "stop", attempt.step if attempt else "")
    if isinstance(action, Refused):
        return action
    if attempt is None or action.attempt != command.attempt:
        return Refused("stale", "that command has ended")
    return (AttemptStopAsked(run=run.id, step=attempt.step, attempt=attempt.id),)


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
