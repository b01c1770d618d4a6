"""Values in a runbook: what may be asked for, what a step gives, and where each may stand."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from cockpit.config.fields import EnvName, Line, Name, Strict

KEY = r"^[a-z][a-z0-9_-]{0,62}$"
Key = Annotated[str, Field(pattern=KEY)]
"""The name of a parameter or an output."""


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"is no regular expression: {error}") from error
    return pattern


Pattern = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_compiles)]
"""A regular expression, as Python has them."""


class Param(Strict):
    """A value that a person gives before the first step. A secret one is never stored, and reaches a command by its
    environment only.

    A value that begins with `-` is refused unless `dash` allows it: a command would take it for an option.
    """

    title: Line | None = None
    type: Literal["text", "integer", "number", "boolean"] = "text"
    pattern: Pattern | None = None
    enum: Annotated[tuple[str, ...], Field(min_length=1)] | None = None
    default: str | None = None
    secret: bool = False
    dash: bool = False

    @model_validator(mode="after")
    def _consistent(self) -> Param:
        if self.secret and (self.default is not None or self.enum is not None):
            raise ValueError("a secret has no default and no enum: it would stand in this file")
        if self.type != "text" and (self.pattern is not None or self.enum is not None):
            raise ValueError("pattern and enum are for text: remove them, or the type")
        return self


class FromParam(Strict):
    """`{param: release}`: the value a person gave."""

    param: Key


class FromOutput(Strict):
    """`{output: find.release}`: what an earlier step gave, by its id and the output's name."""

    output: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*\.[a-z][a-z0-9_-]*$")]

    @property
    def step(self) -> str:
        """The id of the step that gives it."""
        return self.output.rpartition(".")[0]

    @property
    def name(self) -> str:
        """The name of the output."""
        return self.output.rpartition(".")[2]


class FromTarget(Strict):
    """`{target: id}`: within a ladder, the absolute id of the release to restore."""

    target: Literal["id"]


Value = Annotated[str, Field(min_length=1)] | FromParam | FromOutput | FromTarget
"""A literal, or a reference that is filled in whole: a value never becomes a part of a word."""

Argv = Annotated[tuple[Value, ...], Field(min_length=1)]
"""A command as separate words, never a shell line."""

Environment = dict[EnvName, Value]
"""Variables a command gets beside those of the person who confirms it."""


class Output(Strict):
    """What to take from what a command printed: a line, the first group of a pattern's last match, or a JSON value.

    A step that does not print what it promises has failed.
    """

    line: Literal["first", "last"] | None = None
    pattern: Pattern | None = None
    json_path: Annotated[str, Field(alias="json", pattern=r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$")] | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Output:
        if sum(way is not None for way in (self.line, self.pattern, self.json_path)) != 1:
            raise ValueError("an output is exactly one of line, pattern, json")
        if self.pattern is not None and re.compile(self.pattern).groups < 1:
            raise ValueError("the pattern needs a group in parentheses: what is in it is the value")
        return self


Outputs = dict[Key, Output]


class Condition(Strict):
    """One thing that must be so for a step to be needed: what was given, printed or chosen, and what it must be."""

    param: Key | None = None
    output: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*\.[a-z][a-z0-9_-]*$")] | None = None
    chosen: Name | None = None
    equals: Annotated[tuple[str, ...] | str, Field(alias="is")] | None = None
    differs: Annotated[tuple[str, ...] | str, Field(alias="is_not")] | None = None
    matches: Pattern | None = None

    @model_validator(mode="after")
    def _whole(self) -> Condition:
        if sum(each is not None for each in (self.param, self.output, self.chosen)) != 1:
            raise ValueError("a condition looks at exactly one of param, output, chosen")
        if sum(each is not None for each in (self.equals, self.differs, self.matches)) != 1:
            raise ValueError("a condition needs exactly one of is, is_not, matches")
        return self
