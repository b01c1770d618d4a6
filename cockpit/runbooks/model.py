"""What a runbook may say, version 1."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from cockpit.config.fields import Deadline, Duration, EnvName, Line, Name, Strict, repeated

Argv = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)]
"""A command as separate words, never a shell line."""


class Verify(Strict):
    """How to tell whether a step helped: the probe must be up and stay up for `hold`, before `within` has passed.

    `settle` is the time after the command in which nothing is judged yet.
    """

    probe: Name
    within: Deadline = 180.0
    hold: Duration = 30.0
    settle: Duration = 0.0

    @model_validator(mode="after")
    def _can_pass(self) -> Verify:
        if self.settle + self.hold > self.within:
            raise ValueError("settle and hold together must fit into within, or nothing could ever pass")
        return self


class Rollback(Strict):
    """The command that undoes a step, run where the step's own command ran."""

    command: Argv
    timeout: Deadline = 300.0


class Command(Strict):
    """A command with its deadline; after TERM it has `kill_grace` to end before KILL."""

    argv: Argv
    timeout: Deadline = 60.0
    kill_grace: Duration = 10.0
    success_codes: tuple[int, ...] = (0,)
    workdir: str | None = None


class Wait(Strict):
    """A wait. With `watch`, it starts over whenever one of these probes is not up."""

    duration: Deadline = Field(alias="for")
    watch: tuple[Name, ...] = ()


class ChooseOption(Strict):
    """One way to decide; `skip` names steps that this choice makes needless."""

    id: Name
    title: Line
    skip: tuple[Name, ...] = ()


class Choose(Strict):
    """A decision with a timebox; running out of time decides nothing."""

    question: Line
    timebox: Deadline = 300.0
    options: Annotated[tuple[ChooseOption, ...], Field(min_length=2)]


class Rung(Strict):
    """One older state to go back to. `look` is a read-only command that shows why, run before it."""

    id: Name
    title: Line
    look: Command | None = None
    apply: Command
    effect: Literal["write", "destructive"] = "write"
    rollback: Rollback | None = None
    irreversible: Line | None = None
    verify: Verify | None = None

    @model_validator(mode="after")
    def _undo_is_stated(self) -> Rung:
        if (self.rollback is None) == (self.irreversible is None):
            raise ValueError("a rung needs either a rollback or irreversible: with the reason")
        return self


class Ladder(Strict):
    """States to go back to, the nearest first: the next is offered when one was applied and did not help."""

    verify: Verify
    rungs: Annotated[tuple[Rung, ...], Field(min_length=2)]


class Step(Strict):
    """One step: exactly one of `manual`, `command`, `wait`, `choose`, `ladder`."""

    id: Name
    title: Line
    manual: str | None = None
    command: Command | None = None
    wait: Wait | None = None
    choose: Choose | None = None
    ladder: Ladder | None = None
    effect: Literal["read", "write", "destructive"] | None = None
    verify: Verify | None = None
    rollback: Rollback | None = None
    irreversible: Line | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Step:
        kinds = [kind for kind in ("manual", "command", "wait", "choose", "ladder") if getattr(self, kind) is not None]
        if len(kinds) != 1:
            raise ValueError("a step is exactly one of manual, command, wait, choose, ladder")
        changes = self.effect in {"write", "destructive"}
        if kinds == ["command"]:
            if self.effect is None:
                raise ValueError("a command needs effect: read, write or destructive")
            if changes and (self.rollback is None) == (self.irreversible is None):
                raise ValueError(
                    "a step that changes something needs either a rollback or irreversible: with the reason"
                )
            if not changes and (self.rollback is not None or self.irreversible is not None):
                raise ValueError("a step that only reads has nothing to roll back: remove rollback, or mend effect")
        elif {"effect", "verify", "rollback", "irreversible"} & self.model_fields_set:
            raise ValueError(
                "effect, verify, rollback and irreversible belong to a command step; a ladder has them on its rungs"
            )
        return self

    @property
    def ids(self) -> tuple[str, ...]:
        """The step's id, and for a ladder those of its rungs and their looks, as a run has them."""
        if self.ladder is None:
            return (self.id,)
        rungs = (
            (f"{self.id}.{rung.id}", *((f"{self.id}.{rung.id}.look",) if rung.look else ()))
            for rung in self.ladder.rungs
        )
        return (self.id, *(step_id for ids in rungs for step_id in ids))


class Requires(Strict):
    """What must be there before the first step: programs on the PATH, variables in the environment."""

    commands: tuple[str, ...] = ()
    env: tuple[EnvName, ...] = ()


class Runbook(Strict):
    """The whole file."""

    version: Literal[1]
    id: Name
    title: Line
    service: str = ""
    owners: tuple[str, ...] = ()
    requires: Requires = Requires()
    steps: Annotated[tuple[Step, ...], Field(min_length=1)]

    @field_validator("steps")
    @classmethod
    def _unique_ids(cls, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        if twice := repeated([step_id for step in steps for step_id in step.ids]):
            raise ValueError(f"a step's id must be its own: {', '.join(twice)}")
        return steps
