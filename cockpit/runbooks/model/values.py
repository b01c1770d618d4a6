"""Values in a runbook: what may be asked for, what a step gives, and where each may stand."""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Callable
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from cockpit.config.fields import EnvName, Line, Name, Strict

KEY = r"^[a-z][a-z0-9_-]{0,62}$"
JSON_PATH = r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$"
OUTPUT = r"^[a-z0-9][a-z0-9._-]*\.[a-z][a-z0-9_-]*$"


def shaped(pattern: str, words: str) -> Callable[[str], str]:
    """A check that a text has this shape; `words` say which in plain language."""
    form = re.compile(pattern)

    def check(text: str) -> str:
        if not form.match(text) or text.endswith("\n"):
            raise ValueError(words)
        return text

    return check


Key = Annotated[
    str,
    AfterValidator(shaped(KEY, "must begin with a lower-case letter; then letters, digits, `_` and `-`, at most 63")),
    WithJsonSchema({"type": "string", "pattern": KEY}),
]
"""The name of a parameter or an output."""

OutputName = Annotated[
    str,
    AfterValidator(shaped(OUTPUT, "must be the id of a step, a dot, and the name of its output, as in find.release")),
    WithJsonSchema({"type": "string", "pattern": OUTPUT}),
]
"""Where an output is found: the id of its step, a dot, its name."""


def _compiles(pattern: str) -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            re.compile(pattern)
    except (re.error, OverflowError, RecursionError, Warning) as error:
        raise ValueError(f"is no regular expression that can be used: {error}") from error
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
        for value in (*(self.enum or ()), *((self.default,) if self.default is not None else ())):
            if why := self.objection(value):
                raise ValueError(f"{value} could never be given: it {why}")
        return self

    def objection(self, value: str) -> str:
        """Why this value cannot be taken, nothing when it can. The value is not repeated: it may be a secret."""
        if not value or any(ord(letter) < 32 or 127 <= ord(letter) < 160 for letter in value):
            return "is empty" if not value else "holds a control character"
        if value.startswith("-") and not self.dash and not (self.type != "text" and _is_number(value)):
            return "begins with -, which a command would take for an option"
        if self.enum is not None and value not in self.enum:
            return f"is none of {', '.join(self.enum)}"
        if self.pattern is not None and not re.fullmatch(self.pattern, value):
            return f"does not look like {self.pattern}"
        match self.type:
            case "integer" if not re.fullmatch(r"[-+]?[0-9]{1,18}", value):
                return "is no whole number"
            case "number" if not _is_number(value):
                return "is no number"
            case "boolean" if value not in {"true", "false"}:
                return "is neither true nor false"
        return ""


def _is_number(value: str) -> bool:
    try:
        return value.isascii() and "_" not in value and math.isfinite(float(value))
    except ValueError:
        return False


class FromParam(Strict):
    """`{param: release}`: the value a person gave."""

    param: Key


class FromOutput(Strict):
    """`{output: find.release}`: what an earlier step gave, by its id and the output's name."""

    output: OutputName

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


JsonPath = Annotated[
    str,
    AfterValidator(shaped(JSON_PATH, "must be keys and positions with dots between, as in items.0.id")),
    WithJsonSchema({"type": "string", "pattern": JSON_PATH}),
]
"""The way to a value in a JSON document."""


class Output(Strict):
    """What to take from what a command printed: a line, the first group of a pattern's last match, or a JSON value.

    A step that does not print what it promises has failed.
    """

    line: Literal["first", "last"] | None = None
    pattern: Pattern | None = None
    json_path: JsonPath | None = Field(default=None, alias="json")

    @model_validator(mode="after")
    def _one_way(self) -> Output:
        if sum(way is not None for way in (self.line, self.pattern, self.json_path)) != 1:
            raise ValueError("an output is exactly one of line, pattern, json")
        if self.pattern is not None and re.compile(self.pattern).groups < 1:
            raise ValueError("the pattern needs a group in parentheses: what is in it is the value")
        return self


Outputs = dict[Key, Output]


Words = Annotated[tuple[str, ...], Field(min_length=1)]


class Condition(Strict):
    """One thing that must be so for a step to be needed: what was given, printed or chosen, and what it must be.

    `chosen` is the id of an earlier decision; what it must be are ids of its options.
    """

    param: Key | None = None
    output: OutputName | None = None
    chosen: Name | None = None
    equals: Words | str | None = Field(default=None, alias="is")
    differs: Words | str | None = Field(default=None, alias="is_not")
    matches: Pattern | None = None

    @model_validator(mode="after")
    def _whole(self) -> Condition:
        if sum(each is not None for each in (self.param, self.output, self.chosen)) != 1:
            raise ValueError("a condition looks at exactly one of param, output, chosen")
        if sum(each is not None for each in (self.equals, self.differs, self.matches)) != 1:
            raise ValueError("a condition needs exactly one of is, is_not, matches")
        return self
