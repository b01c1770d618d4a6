"""Secrets, taken from the environment by the names that a config gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel

from cockpit.config.fields import EnvReference
from cockpit.config.problems import Problem
from cockpit.text import SHORTEST_SECRET


@dataclass(frozen=True, slots=True)
class Secrets:
    """Values by variable name, kept out of every representation; `problems` names the variables that are unset."""

    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    problems: tuple[Problem, ...] = ()

    def reveal(self, value: str | EnvReference) -> str:
        """The text itself, or the value of the variable it refers to; KeyError when that is unset."""
        return self.values[value.env] if isinstance(value, EnvReference) else value


def resolve(model: BaseModel, environ: Mapping[str, str], path: str) -> Secrets:
    """Every variable that the model refers to; `path` is the file it came from."""
    values: dict[str, str] = {}
    problems: list[Problem] = []
    for where, name in _references(model, ""):
        # What is read from a file ends in a newline: no secret is meant to, and a blank one would let anybody in.
        value = environ.get(name, "").strip()
        if not value:
            mend = f"export {name}, then `cockpit restart`"
            problems.append(Problem(path, 0, 0, where, f"the environment variable {name} is not set", mend))
            continue
        values[name] = value
        if len(value) < SHORTEST_SECRET:
            problems.append(Problem(path, 0, 0, where, f"{name} is too short to be kept out of texts", "", "warning"))
    return Secrets(values, tuple(problems))


def _references(value: Any, where: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, EnvReference):
        yield where.removeprefix("."), value.env
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _references(getattr(value, name), f"{where}.{name}")
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _references(inner, f"{where}.{name}")
    elif isinstance(value, tuple):
        for index, inner in enumerate(value):
            yield from _references(inner, f"{where}.{index}")
