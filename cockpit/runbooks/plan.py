"""A runbook laid out as the steps of a run, the ladder's rungs among them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from cockpit.incident.runs import Effect, StepKind, StepOutline
from cockpit.runbooks.commandline import unfilled
from cockpit.runbooks.model.commands import Command, Request, Retries, Rollback
from cockpit.runbooks.model.runbook import Recovery, Runbook
from cockpit.runbooks.model.steps import (
    Approve,
    Choose,
    Escalate,
    Ladder,
    PagerDuty,
    Releases,
    Repeat,
    Rung,
    Step,
    Verify,
    Wait,
)
from cockpit.runbooks.model.values import Condition, Output, Outputs, Param

CURRENT = "current"
"""The output of a look at what serves now."""
TARGETS = "targets"
"""The output of a list of releases."""


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One step: its outline, and exactly one of manual, command, wait, choose, message.

    `fallback` is set where a failure is no end: on a look, on each rung but the last, and where the runbook says so.
    `before` and `after` read what serves; `undo_check` reads whether there is what the rollback restores.
    `follows` says that it is taken by itself when the step before it has ended well.
    """

    outline: StepOutline
    manual: str = ""
    command: Command | Request | PagerDuty | None = None
    wait: Wait | None = None
    choose: Choose | None = None
    message: str = ""
    whom: str = ""
    repeat: Repeat | None = None
    verify: Verify | None = None
    rollback: Command | Request | None = None
    undo_check: Command | None = None
    before: Command | None = None
    after: Command | None = None
    check: Command | None = None
    conditions: tuple[Condition, ...] = ()
    confirm: str = "key"
    approve: Approve | None = None
    retries: Retries | None = None
    outputs: Outputs = field(default_factory=dict)
    at_least: int = 0
    at_most: int = 0
    on_failure: str = "hold"
    fallback: bool = False
    follows: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps by id, in the order they are taken; `env` names the variables their commands are given, `secrets`
    those among them that nobody may read."""

    steps: dict[str, PlannedStep]
    env: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    params: Mapping[str, Param] = field(default_factory=dict)
    recovery: Recovery = field(default_factory=Recovery)
    lock: str = ""

    @property
    def outlines(self) -> tuple[StepOutline, ...]:
        """What the run will show."""
        return tuple(step.outline for step in self.steps.values())

    def before(self, step_id: str) -> PlannedStep | None:
        """The step that comes right before this one."""
        ids = list(self.steps)
        place = ids.index(step_id)
        return self.steps[ids[place - 1]] if place else None


def plan(runbook: Runbook) -> Plan:
    """The runbook as flat steps."""
    steps = [planned for step in runbook.steps for planned in _planned(step)]
    requires = runbook.requires
    return Plan(
        {planned.outline.id: planned for planned in steps},
        tuple(dict.fromkeys((*requires.env, *requires.secrets))),
        requires.secrets,
        runbook.params,
        runbook.recovery,
        runbook.lock or runbook.service,
    )


def _planned(step: Step) -> Iterator[PlannedStep]:
    for planned in _of_kind(step):
        outline = _outlined(planned.outline, step)
        # Of a ladder it is the rungs that somebody says yes to, not what only looks before them.
        approve = None if step.ladder is not None and outline.effect == "read" else step.approve
        yield replace(
            planned, outline=outline, conditions=(*planned.conditions, *step.conditions),
            approve=planned.approve or approve,
            fallback=planned.fallback or step.on_failure == "continue", on_failure=step.on_failure,
        )  # fmt: skip


def _outlined(outline: StepOutline, step: Step) -> StepOutline:
    return StepOutline(
        outline.id, outline.title, outline.kind, outline.effect, outline.undo, outline.irreversible, outline.ladder,
        outline.rung, section=step.section or "", role=step.role or "", broadcast=step.broadcast or "",
    )  # fmt: skip


def _of_kind(step: Step) -> Iterator[PlannedStep]:
    if step.ladder is not None:
        yield from _ladder(step, step.ladder)
    elif step.command is not None or step.http is not None or step.repeat is not None:
        yield _acting(step)
    elif step.wait is not None:
        yield PlannedStep(StepOutline(step.id, step.title, "wait"), wait=step.wait)
    elif step.choose is not None:
        yield PlannedStep(StepOutline(step.id, step.title, "choose"), choose=step.choose)
    elif step.escalate is not None:
        yield _escalation(step.id, step.title, step.escalate)
    else:
        yield PlannedStep(StepOutline(step.id, step.title, "manual"), manual=step.manual or "")


def _acting(step: Step) -> PlannedStep:
    command = step.command or step.http or (step.repeat.command if step.repeat else None)
    undo = _undo(step.rollback, command)
    kind: StepKind = "repeat" if step.repeat else "command"
    effect: Effect = step.effect or "read"
    outline = StepOutline(
        step.id, step.title, kind, effect, undo=unfilled(undo) if undo else "", irreversible=step.irreversible or ""
    )
    return PlannedStep(
        outline, command=command, repeat=step.repeat, verify=step.verify, rollback=undo,
        undo_check=step.rollback.check if step.rollback else None, check=step.check,
        confirm="type" if effect == "destructive" else step.confirm or "key",
        retries=step.retries, outputs=step.outputs,
    )  # fmt: skip


def _escalation(step_id: str, title: str, escalate: Escalate, ladder: str = "", rung: int = 0) -> PlannedStep:
    return PlannedStep(
        StepOutline(step_id, title, "escalate", ladder=ladder, rung=rung),
        command=escalate.command or escalate.pagerduty, message=escalate.message or "", whom=escalate.whom,
    )  # fmt: skip


def _ladder(step: Step, ladder: Ladder) -> Iterator[PlannedStep]:
    rungs = 0
    for rung in ladder.rungs or ():
        rungs += 1
        yield from _written(step, ladder, rung, rungs)
    if ladder.releases is not None:
        rungs = ladder.releases.at_most
        yield from _found(step, ladder, ladder.releases)
    if ladder.exhausted is not None:
        title = f"Call {ladder.exhausted.whom}: nothing of this has helped"
        yield _escalation(f"{step.id}.exhausted", title, ladder.exhausted, step.id, rungs + 1)


def _written(step: Step, ladder: Ladder, rung: Rung, number: int) -> Iterator[PlannedStep]:
    rung_id = f"{step.id}.{rung.id}"
    if rung.look is not None:
        title = f"Look before: {rung.title}"
        outline = StepOutline(f"{rung_id}.look", title, "command", ladder=step.id, rung=number)
        yield PlannedStep(outline, command=rung.look, fallback=True)
    undo = _undo(rung.rollback, rung.apply)
    outline = StepOutline(
        rung_id, rung.title, "command", rung.effect, undo=unfilled(undo) if undo else "",
        irreversible=rung.irreversible or "", ladder=step.id, rung=number,
    )  # fmt: skip
    last = number == len(ladder.rungs or ()) and ladder.exhausted is None
    yield PlannedStep(
        outline, command=rung.apply, verify=rung.verify or ladder.verify, rollback=undo,
        undo_check=rung.rollback.check if rung.rollback else None,
        confirm="type" if rung.effect == "destructive" else "key", fallback=not last,
    )  # fmt: skip


def _found(step: Step, ladder: Ladder, releases: Releases) -> Iterator[PlannedStep]:
    """The looks that pin the targets, then a rung for each that there may be."""
    outline = StepOutline(f"{step.id}.current", "Read what serves now", "command", ladder=step.id)
    yield PlannedStep(outline, command=releases.current, outputs={CURRENT: Output(line="last")})
    outline = StepOutline(f"{step.id}.list", "Find the releases to go back to", "command", ladder=step.id)
    yield PlannedStep(
        outline, command=releases.list, outputs={TARGETS: Output(line="last")}, follows=True,
        at_least=releases.at_least, at_most=releases.at_most,
    )  # fmt: skip
    last = releases.at_most if ladder.exhausted is None else 0
    for number in range(1, releases.at_most + 1):
        outline = StepOutline(
            f"{step.id}.{number}", f"{step.title}: {_ORDINALS[number - 1]} release back", "command", releases.effect,
            undo="restore the release that served before it", ladder=step.id, rung=number,
        )  # fmt: skip
        yield PlannedStep(
            outline, command=releases.apply, rollback=releases.apply, before=releases.current, after=releases.current,
            undo_check=releases.current, verify=ladder.verify,
            confirm="type" if releases.effect == "destructive" else "key",
            fallback=number != last,
        )  # fmt: skip


_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def _undo(rollback: Rollback | None, forward: Command | Request | PagerDuty | None) -> Command | Request | None:
    if rollback is None:
        return None
    if rollback.http is not None:
        return rollback.http
    return Command(
        argv=rollback.command, timeout=rollback.timeout, kill_grace=rollback.kill_grace, env=rollback.env,
        success_codes=rollback.success_codes, pty=rollback.pty,
        workdir=forward.workdir if isinstance(forward, Command) else None, run=rollback.run,
    ).model_copy(update={"shell": rollback.shell})  # fmt: skip
