"""What a rehearsal is told to have happened, instead of running anything, version 1."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from cockpit.config.fields import Duration, Line, Name, Ratio, Strict
from cockpit.runbooks.model.values import Key

DECIDING = ("choose", "skip", "settle", "approve_by", "accept", "check", "before", "after")
"""What a result is about when it is not about a command, a step done by hand, a wait or a message."""
ENDING = frozenset({"exit", "signal", "ended_by", "output", "outputs", "unknown", "undo", "verify", "errors", "said"})
"""What belongs to the end of a command only."""


class Errors(Strict):
    """The error rate before a step and after it, from 0 to 1."""

    before: Ratio
    after: Ratio


class Result(Strict):
    """One thing that happens at a step; with nothing said, the command ends with 0, or the step by hand is done.

    `unknown` says why nobody can know what became of it; a person's `settle` follows, or the step's own `check` with
    its exit code. `undo` is the result of the rollback. `verify` is what the measuring after it comes to, with the
    error rates if there are any, or with the words `said`. `before` and `after` are what a look finds serving; without
    them it finds what should serve. `outputs` are the values it gives, in place of reading them in `output`.
    """

    exit: Annotated[int, Field(ge=0, le=255)] = 0
    signal: Annotated[int, Field(ge=1, le=64)] | None = None
    ended_by: Literal["itself", "timeout", "person", "not_found"] = "itself"
    seconds: Duration = 1.0
    output: str = ""
    outputs: dict[Key, str] = {}
    unknown: Line | None = None
    undo: bool = False
    verify: Literal["pass", "no_effect", "better", "worse", "inconclusive"] | None = None
    errors: Errors | None = None
    said: str = ""
    note: str = ""
    choose: Name | None = None
    skip: Line | None = None
    settle: Literal["took_effect", "no_effect", "by_hand", "skipped"] | None = None
    approve_by: Line | None = None
    accept: Line | None = None
    check: Annotated[int, Field(ge=0, le=255)] | None = None
    before: str | None = None
    after: str | None = None
    why: Line = "as declared"

    @model_validator(mode="after")
    def _one_thing(self) -> Result:
        about = [name for name in DECIDING if getattr(self, name) is not None]
        if len(about) > 1:
            raise ValueError(f"one thing at a time: {' and '.join(about)} are results of their own")
        if about and (amiss := sorted(ENDING & self.model_fields_set)):
            raise ValueError(f"{', '.join(amiss)} cannot stand beside {about[0]}: they are of a command that ended")
        return self

    @property
    def about(self) -> str:
        """What it is the result of: one of DECIDING, `undo`, or `act`."""
        decided = next((name for name in DECIDING if getattr(self, name) is not None), None)
        return decided or ("undo" if self.undo else "act")


class Rehearsal(Strict):
    """The results by step, each list in the order in which they happen; `params` are the values given."""

    version: Literal[1]
    runbook: Name | None = None
    params: dict[Key, str] = {}
    steps: dict[str, tuple[Result, ...]]
