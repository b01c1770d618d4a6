"""A runbook laid out as the steps of a run, the ladder's rungs among them."""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cockpit.incident.runs import StepOutline
from cockpit.runbooks.model import Choose, Command, Ladder, Rollback, Runbook, Step, Verify, Wait


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One step: its outline, and exactly one of manual, command, wait, choose.

    `fallback` is set where a failure is no end: on a look, and on each rung but the last.
    """

    outline: StepOutline
    manual: str = ""
    command: Command | None = None
    wait: Wait | None = None
    choose: Choose | None = None
    verify: Verify | None = None
    rollback: Command | None = None
    fallback: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps by id, in the order they are taken; `env` names the variables their commands are given."""

    steps: dict[str, PlannedStep]
    env: tuple[str, ...] = ()

    @property
    def outlines(self) -> tuple[StepOutline, ...]:
        """What the run will show."""
        return tuple(step.outline for step in self.steps.values())


def plan(runbook: Runbook) -> Plan:
    """The runbook as flat steps."""
    steps = [planned for step in runbook.steps for planned in _planned(step)]
    return Plan({planned.outline.id: planned for planned in steps}, runbook.requires.env)


def command_line(argv: Sequence[str]) -> str:
    """The command as a person would type it."""
    return shlex.join(argv)


def digest(command: Command) -> str:
    """The identity of a command: the very words, the directory and the deadline that were shown to a person."""
    shown = json.dumps([command.argv, command.workdir, command.timeout])
    return hashlib.sha256(shown.encode()).hexdigest()


def _planned(step: Step) -> Iterator[PlannedStep]:
    if step.ladder is not None:
        yield from _rungs(step, step.ladder)
    elif step.command is not None:
        undo = _undo(step.rollback, step.command)
        outline = StepOutline(
            step.id,
            step.title,
            "command",
            step.effect or "read",
            undo=command_line(undo.argv) if undo else "",
            irreversible=step.irreversible or "",
        )
        yield PlannedStep(outline, command=step.command, verify=step.verify, rollback=undo)
    elif step.wait is not None:
        yield PlannedStep(StepOutline(step.id, step.title, "wait"), wait=step.wait)
    elif step.choose is not None:
        yield PlannedStep(StepOutline(step.id, step.title, "choose"), choose=step.choose)
    else:
        yield PlannedStep(StepOutline(step.id, step.title, "manual"), manual=step.manual or "")


def _rungs(step: Step, ladder: Ladder) -> Iterator[PlannedStep]:
    for number, rung in enumerate(ladder.rungs, start=1):
        rung_id = f"{step.id}.{rung.id}"
        if rung.look is not None:
            outline = StepOutline(
                f"{rung_id}.look", f"Look before: {rung.title}", "command", ladder=step.id, rung=number
            )
            yield PlannedStep(outline, command=rung.look, fallback=True)
        undo = _undo(rung.rollback, rung.apply)
        outline = StepOutline(
            rung_id,
            rung.title,
            "command",
            rung.effect,
            undo=command_line(undo.argv) if undo else "",
            irreversible=rung.irreversible or "",
            ladder=step.id,
            rung=number,
        )
        verify = rung.verify or ladder.verify
        last = number == len(ladder.rungs)
        yield PlannedStep(outline, command=rung.apply, verify=verify, rollback=undo, fallback=not last)


def _undo(rollback: Rollback | None, forward: Command) -> Command | None:
    if rollback is None:
        return None
    return Command(argv=rollback.command, timeout=rollback.timeout, workdir=forward.workdir)
