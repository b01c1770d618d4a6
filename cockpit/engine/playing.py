"""From what a person asks of a run to what happened, or to a refusal in words. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from cockpit.broadcast.due import standing_due
from cockpit.clock import SECOND
from cockpit.engine.circumstances import Circumstances, Refusal
from cockpit.incident.event import Body
from cockpit.incident.fold import State
from cockpit.incident.run import Run
from cockpit.incident.runs import RunStarted
from cockpit.protocol import commands
from cockpit.runbooks import player
from cockpit.runbooks.params import given
from cockpit.runbooks.plan import Plan

OfRuns = (
    commands.StartRun
    | commands.Confirm
    | commands.FinishStep
    | commands.Choose
    | commands.Skip
    | commands.Settle
    | commands.Approve
    | commands.Object
    | commands.Accept
    | commands.StopAttempt
    | commands.EndRun
)


def of_runs(state: State, command: OfRuns, around: Circumstances) -> tuple[Sequence[Body], str]:
    """What a command of a run means; Refusal when it means nothing there."""
    if isinstance(command, commands.StartRun):
        return _start(state, command, around)
    run = state.runs.get(command.run)
    if run is None:
        raise Refusal("invalid", "there is no such run")
    plan = around.plans.get(run.id)
    if plan is None:
        raise Refusal("invalid", f"this version of cockpit cannot read the runbook of {run.title}")
    outcome = _played(state, plan, run, command, around)
    if isinstance(outcome, player.Refused):
        raise Refusal(outcome.code, outcome.text)
    return outcome, _SAID.get(type(command), "done")


_SAID: dict[type[commands.Command], str] = {
    # Not that it is done: that is said by what comes of it.
    commands.Confirm: "confirmed",
    commands.FinishStep: "confirmed",
    commands.Choose: "decided",
    commands.Skip: "skipped",
    commands.Settle: "noted",
    commands.EndRun: "the run is ended",
    commands.StopAttempt: "stopping: TERM now, KILL after its grace",
    commands.Approve: "approved",
    commands.Object: "it does not run",
}


def _start(state: State, command: commands.StartRun, around: Circumstances) -> tuple[Sequence[Body], str]:
    offered = around.offered
    if offered is None:
        raise Refusal("invalid", "there is no such runbook")
    for run in state.runs.values():
        if run.outcome is None:
            raise Refusal("invalid", f"{run.title} is still open: finish or end it first")
    values, problems = given(offered.plan.params, command.params)
    if problems:
        raise Refusal("invalid", "; ".join(problems))
    started = RunStarted(
        run=around.new_id, runbook=offered.runbook, title=offered.title, digest=offered.digest,
        source=offered.source, path=offered.path, steps=offered.plan.outlines, included=offered.included,
        params=values, lock=offered.plan.lock, took_over=offered.took_over,
    )  # fmt: skip
    return (started,), f"started: {offered.title}"


def _played(
    state: State, plan: Plan, run: Run, command: OfRuns, around: Circumstances
) -> Sequence[Body] | player.Refused:  # fmt: skip
    match command:
        case commands.Confirm():
            intended = _confirmed(plan, run, command, around)
            return intended if isinstance(intended, player.Refused) else (intended,)
        case commands.FinishStep():
            due = standing_due(state, around.now, around.cadence)
            return player.finish(plan, run, command, around.now, around.new_id, due, bool(around.destinations))
        case commands.Choose():
            return player.choose(plan, run, command, around.now)
        case commands.Skip():
            return player.skip(plan, run, command)
        case commands.Settle():
            return player.settle(plan, run, command)
        case commands.Approve():
            roles = frozenset(role for role, person in state.roster.roles.items() if person == around.actor)
            return player.approve(plan, run, command, around.now, roles)
        case commands.Object():
            return player.object_to(plan, run, command)
        case commands.Accept():
            return player.accept(plan, run, command)
        case commands.StopAttempt():
            return player.stop(plan, run, command)
        case commands.EndRun():
            return player.end(plan, run, command)
    raise Refusal("invalid", "this is no command of a run")


def _confirmed(
    plan: Plan, run: Run, command: commands.Confirm, around: Circumstances
) -> Body | player.Refused:  # fmt: skip
    planned = plan.steps.get(command.step)
    if planned is None:
        return player.Refused("invalid", "the run has no such step")
    probe = planned.verify.probe if planned.verify is not None else ""
    alone = not (around.present - {around.actor})
    by = player.Confirming(
        around.new_id, around.actor, around.now, around.figures.get(probe),
        window=0 if alone else int(around.objection * SECOND),
    )  # fmt: skip
    return player.confirm(plan, run, command, by)
