"""What the rules look at."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property

from pydantic import BaseModel

from cockpit.config.yaml import Steps
from cockpit.runbooks.model.runbook import Runbook
from cockpit.runbooks.model.steps import Step

MAX_NAMED = 12


@dataclass(frozen=True, slots=True)
class Finding:
    """One breach of a rule, at a place in the file."""

    rule: str
    at: Steps
    message: str
    mend: str = ""


@dataclass(frozen=True)
class Book:
    """One runbook. `parts` holds for each step those it stands for: itself, or those of the file it includes.

    `unsure` are the ids of steps that could not be read whole, empty ones among them: what they hold is not known.
    `probes` are the names a config knows, if one is at hand.
    """

    runbook: Runbook
    parts: tuple[tuple[Step, ...], ...]
    unsure: frozenset[str] = frozenset()
    probes: Collection[str] | None = None

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps of this very file."""
        return self.runbook.steps

    @cached_property
    def places(self) -> dict[str, int]:
        """Where each id is first: steps, rungs and looks, also those of included files."""
        found: dict[str, int] = {}
        for place, (step, part) in enumerate(zip(self.steps, self.parts, strict=True)):
            for step_id in (step.id, *(each for inner in part for each in inner.ids)):
                found.setdefault(step_id, place)
        return found

    @cached_property
    def promised(self) -> frozenset[str]:
        """The outputs that steps give, by the id of the step, a dot, and their name."""
        return frozenset(f"{step.id}.{name}" for part in self.parts for step in part for name in step.outputs)

    def step(self, step_id: str) -> Step | None:
        """The step of that id, also one of an included file."""
        return next((each for part in self.parts for each in part if each.id == step_id), None)

    def sure(self, step_id: str) -> bool:
        """Whether it is known what is, or is not, under that id."""
        return not any(not each or step_id == each or step_id.startswith(f"{each}.") for each in self.unsure)


def walk(value: object, at: Steps) -> Iterator[tuple[Steps, object]]:
    """Everything that a model says, with the way to it in the file."""
    yield at, value
    if isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            if name in value.model_fields_set:
                yield from walk(getattr(value, name), (*at, field.alias or name))
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from walk(item, (*at, index))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from walk(item, (*at, key))


def in_steps(book: Book) -> Iterator[tuple[Steps, object]]:
    """Everything that the steps of this file say."""
    for place, step in enumerate(book.steps):
        yield from walk(step, ("steps", place))


def nearest(name: str, known: Collection[str]) -> str:
    """How to mend a name that is not known."""
    names = sorted(known)
    close = get_close_matches(name, names, n=1)
    if close:
        return f"did you mean {close[0]}?"
    more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
    return f"known: {', '.join(names[:MAX_NAMED]) or 'none'}{more}"
