"""Secrets, taken from the environment by the names that a config gives, or from files that only their owner reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from cockpit.config.fields import EnvReference, FileReference
from cockpit.config.problems import Problem
from cockpit.config.secretfiles import Unfit, read_secret
from cockpit.text import SHORTEST_SECRET


@dataclass(frozen=True, slots=True)
class Secrets:
    """Values by the name of their variable or file, kept out of every representation; `problems` names the missing."""

    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    problems: tuple[Problem, ...] = ()

    def reveal(self, value: str | EnvReference | FileReference) -> str:
        """The text itself, or the secret it refers to; KeyError, with the name, when that is missing."""
        return value if isinstance(value, str) else self.values[value.name]


def resolve(model: BaseModel, environ: Mapping[str, str], path: str) -> Secrets:
    """Every secret that the model refers to; `path` is the file it came from, beside which relative paths begin."""
    values: dict[str, str] = {}
    problems: list[Problem] = []
    for where, reference in _references(model, ""):
        try:
            value = _value(reference, environ, Path(path).parent)
        except Unfit as unfit:
            problems.append(Problem(path, 0, 0, where, unfit.message, unfit.mend))
            continue
        values[reference.name] = value
        if len(value) < SHORTEST_SECRET:
            words = f"{reference.name} is too short to be kept out of texts"
            problems.append(Problem(path, 0, 0, where, words, "", "warning"))
    return Secrets(values, tuple(problems))


def missing(name: str) -> str:
    """What is said of a secret of that name that there is none of."""
    return f"the {name} gives no secret" if name.startswith("file ") else f"the environment variable {name} is not set"


def _value(reference: EnvReference | FileReference, environ: Mapping[str, str], base: Path) -> str:
    """The secret without what surrounds it: what is read from a file ends in a newline, and no secret is meant to."""
    if isinstance(reference, FileReference):
        return read_secret(base / Path(reference.file).expanduser())
    # A blank one would let anybody in.
    if not (value := environ.get(reference.env, "").strip()):
        raise Unfit(missing(reference.name), f"export {reference.env}, then `cockpit restart`")
    return value


def _references(value: Any, where: str) -> Iterator[tuple[str, EnvReference | FileReference]]:
    if isinstance(value, EnvReference | FileReference):
        yield where.removeprefix("."), value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _references(getattr(value, name), f"{where}.{name}")
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _references(inner, f"{where}.{name}")
    elif isinstance(value, tuple):
        for index, inner in enumerate(value):
            yield from _references(inner, f"{where}.{index}")
