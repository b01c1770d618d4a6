"""The whole file."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from cockpit.config.fields import Deadline, EnvName, Line, Name, Strict, repeated
from cockpit.runbooks.model.steps import Step
from cockpit.runbooks.model.values import Key, Param, Pattern

TWICE = "a step's id must be its own"
MAX_STEPS = 500


class Version(Strict):
    """How to learn the version of a program, and the oldest that will do: `pattern` has the number in its group."""

    argv: Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)]
    at_least: Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+)*$")]
    pattern: Pattern = r"([0-9]+(?:\.[0-9]+)+)"


class Requires(Strict):
    """What must be there before the first step: programs on the PATH and their versions, variables in the
    environment; `secrets` are those whose values nobody may read."""

    commands: tuple[Annotated[str, Field(min_length=1)], ...] = ()
    versions: dict[Name, Version] = {}
    env: tuple[EnvName, ...] = ()
    secrets: tuple[EnvName, ...] = ()


class Recovery(Strict):
    """What must be so before the incident may be called resolved.

    `probes` have been up for `hold` without a break; `downstream` are up; `quotas` are probes of what was raised or
    lowered for the time being, up again when it was put back.
    """

    probes: tuple[Name, ...] = ()
    hold: Deadline = 900.0
    downstream: tuple[Name, ...] = ()
    quotas: tuple[Name, ...] = ()


class Runbook(Strict):
    """The whole file. `lock` is what only one run at a time may work on, the service if it names none."""

    version: Literal[1]
    id: Name
    title: Line
    service: str = ""
    lock: Name | None = None
    owners: tuple[str, ...] = ()
    requires: Requires = Requires()
    params: dict[Key, Param] = {}
    probes: tuple[Name, ...] = ()
    recovery: Recovery = Recovery()
    steps: Annotated[tuple[Step, ...], Field(min_length=1, max_length=MAX_STEPS)]

    @field_validator("steps")
    @classmethod
    def _unique_ids(cls, steps: tuple[Step, ...]) -> tuple[Step, ...]:
        if twice := repeated([step_id for step in steps for step_id in step.ids]):
            raise ValueError(f"{TWICE}: {', '.join(twice)}")
        return steps
