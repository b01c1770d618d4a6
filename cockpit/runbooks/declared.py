"""What a declared result comes to: a person's decision, the end of a command, what measuring found. Pure."""

from __future__ import annotations

from cockpit.incident.broadcasts import UpdateDelivered, UpdateUndelivered
from cockpit.incident.event import Body
from cockpit.incident.run import Attempt, Run, StepState
from cockpit.incident.runs import AttemptFinished, AttemptUnknown, VerifyFinished
from cockpit.incident.vocabulary import Figures
from cockpit.protocol import commands
from cockpit.runbooks import player
from cockpit.runbooks.accepting import Accepted, accept
from cockpit.runbooks.model.rehearsal import Result
from cockpit.runbooks.plan import Plan
from cockpit.runbooks.player import Action
from cockpit.runbooks.verify import judgement

RUN = "rehearsal"
PERSON = "you"
CHANNEL = "the channel"
ROLES = frozenset({"incident_commander", "operations", "communications"})
"""A rehearsal takes it that whoever approves has the role that is asked for."""


class Undeclared(Exception):
    """The rehearsal cannot go on; the message says what is missing, or why the player refuses."""


def decision(plan: Plan, run: Run, action: Action, result: Result, now: int) -> player.Decision:
    """What the player makes of an offer that is taken up as the result says."""
    step = action.step
    match action.kind:
        case "run" | "undo":
            undo = action.kind == "undo"
            yes = commands.Confirm(run=RUN, step=step, digest=action.digest, undo=undo, typed=action.typed)
            by = player.Confirming(f"{RUN}-{len(run.attempts) + 1}", PERSON, now)
            body = player.confirm(plan, run, yes, by)
            return body if isinstance(body, player.Refused) else (body,)
        case "done":
            note = commands.FinishStep(run=RUN, step=step, note=result.note)
            return player.finish(plan, run, note, now, f"update-{step}")
        case "choose":
            chosen = commands.Choose(run=RUN, step=step, option=result.choose or "", why=result.why)
            return player.choose(plan, run, chosen, now)
        case "skip":
            return player.skip(plan, run, commands.Skip(run=RUN, step=step, reason=result.skip or ""))
        case "approve":
            attested = commands.Approve(run=RUN, step=step, digest=action.digest, reason=result.why)
            return player.approve(plan, run, attested, now, ROLES)
        case "accept":
            return player.accept(plan, run, commands.Accept(run=RUN, step=step, reason=result.accept or ""))
        case "settle":
            verdict = result.settle or "took_effect"
            said = commands.Settle(run=RUN, attempt=action.attempt, verdict=verdict, reason=result.why)
            return player.settle(plan, run, said)
    raise Undeclared(f"a rehearsal cannot {action.kind.replace('_', ' ')}")


def ending(plan: Plan, run: Run, attempt: Attempt, result: Result) -> Body:
    """How an attempt ended, with what it printed judged as that of a real command."""
    if result.unknown is not None:
        return AttemptUnknown(run=RUN, step=attempt.step, attempt=attempt.id, why=result.unknown)
    code = result.exit if result.check is None else result.check
    ended = None if result.signal is not None or result.ended_by != "itself" else code
    accepted = _accepted(plan, run, attempt, ended, result)
    return AttemptFinished(
        run=RUN, step=attempt.step, attempt=attempt.id, ok=accepted.ok, exit_code=ended, signal=result.signal,
        ended_by=result.ended_by, seconds=result.seconds, output_bytes=len(result.output.encode()),
        tail=result.output, outputs=accepted.outputs, why=accepted.why,
    )  # fmt: skip


def _accepted(plan: Plan, run: Run, attempt: Attempt, code: int | None, result: Result) -> Accepted:
    planned = plan.steps[attempt.step]
    doing = planned.rollback if attempt.direction == "rollback" else planned.command
    # A request ends with 0 when its answer is one that was expected.
    good = getattr(doing, "success_codes", (0,)) if attempt.purpose == "act" else (0,)
    ok = code in good
    if ok and result.outputs:
        return Accepted(True, dict(result.outputs))
    return accept(plan, run, (run,), attempt, ok, result.output)


def measured(plan: Plan, step: StepState, result: Result) -> VerifyFinished:
    """What the measuring after a step came to; Undeclared when the result leaves that open."""
    name = step.outline.id
    verify = plan.steps[name].verify
    if verify is None or result.verify is None:
        raise Undeclared(f"no result declared for the measuring after {name}: say verify")
    seconds = verify.settle + verify.hold if result.verify == "pass" else verify.within
    before, after = Figures(), Figures()
    if result.errors is not None:
        before, after = Figures(error_rate=result.errors.before), Figures(error_rate=result.errors.after)
    words = result.said or judgement(result.verify, before, after, seconds).words
    return VerifyFinished(
        run=RUN, step=name, probe=verify.probe, verdict=result.verify, before=before, after=after, words=words,
        seconds=seconds,
    )  # fmt: skip


def sent(step: StepState, result: Result) -> Body:
    """Whether the call for somebody was delivered."""
    if result.exit == 0 and result.unknown is None:
        return UpdateDelivered(update=step.update, destination=CHANNEL)
    why = result.unknown or "it could not be delivered"
    return UpdateUndelivered(update=step.update, destination=CHANNEL, why=why, final=True)
