"""A runbook within another: the step that includes it is replaced by its steps.

The ids of those get the step's own id and a dot in front, and so does everything that refers to them. All this is done
on texts that somebody else reads: a run carries them, and is read from them again without a file.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from cockpit.config.problems import ConfigError, Problem
from cockpit.config.yaml import dotted
from cockpit.incident.runs import Included
from cockpit.runbooks.model.runbook import MAX_STEPS, Recovery, Requires, Runbook
from cockpit.runbooks.model.steps import ChooseOption, Step
from cockpit.runbooks.model.values import Condition, FromOutput
from cockpit.runbooks.reading import Source, read

MAX_DEPTH = 5
MAX_ID = 63

Reader = Callable[[str], str]
"""Gives the text of a file by its name, relative to the directory of the first one; ConfigError when it cannot."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """One file, and for each of its steps those that it stands for. `unsure` are ids of which not all is known."""

    source: Source
    parts: tuple[tuple[Step, ...], ...]
    unsure: frozenset[str]


@dataclass(frozen=True, slots=True)
class Whole:
    """A runbook with all it includes: None when a file cannot be read. `chapters` are the files that can.

    `problems` are those of every file and of the including itself.
    """

    runbook: Runbook | None
    included: tuple[Included, ...]
    chapters: tuple[Chapter, ...]
    problems: tuple[Problem, ...]


def assemble(text: str, path: str, reader: Reader) -> Whole:
    """The runbook with this text, which came from `path`, and all it includes; nothing is raised."""
    binding = _Binding(path, reader)
    runbook = binding.bound(read(text, path, os.path.basename(path)), ())
    problems = tuple(dict.fromkeys(binding.problems))
    chapters = tuple(binding.chapters.values())
    return Whole(None if problems else runbook, binding.included, chapters, problems)


def expand(source: str, path: str, included: Sequence[Included]) -> Runbook:
    """The runbook of a run from the texts that the run carries; ConfigError when they cannot be read (any more)."""
    texts = {each.name: each.source for each in included}

    def reader(name: str) -> str:
        if name not in texts:
            raise ConfigError([Problem(name, 0, 0, "", "is not among what was stored")])
        return texts[name]

    whole = assemble(source, path, reader)
    if whole.runbook is None:
        raise ConfigError(whole.problems)
    return whole.runbook


Trail = tuple[tuple[str, str], ...]
"""The files on the way here, and where each of them includes the next."""


class _Binding:
    """Reads each file once, and puts its steps where it is included."""

    def __init__(self, path: str, reader: Reader) -> None:
        self._directory = os.path.dirname(path)
        self._reader = reader
        self._texts: dict[str, str] = {}
        self._sources: dict[str, Source] = {}
        self._steps = 0
        self.chapters: dict[str, Chapter] = {}
        self.problems: list[Problem] = []

    @property
    def included(self) -> tuple[Included, ...]:
        return tuple(Included(name, text) for name, text in sorted(self._texts.items()))

    def bound(self, source: Source, trail: Trail) -> Runbook | None:
        """The runbook of that file with all it includes; None when that cannot be told."""
        self._sources.setdefault(source.name, source)
        self.problems += source.problems
        if source.runbook is None:
            return None
        merged, unsure = source.runbook, set(source.unsure)
        parts: list[tuple[Step, ...]] = []
        for place, step in enumerate(source.runbook.steps):
            if step.include is None:
                self._steps += 1
                parts.append((step,))
                continue
            before = len(self.problems)
            inner = self._inner(source, place, step.include, trail)
            part = tuple(_taken_in(step, inner)) if inner is not None else ()
            if inner is not None:
                merged = self._merged(source, place, merged, inner)
                self._fits(source, place, part)
            if len(self.problems) > before:
                unsure.add(step.id)
            parts.append(part)
        self.chapters[source.name] = Chapter(source, tuple(parts), frozenset(unsure))
        return merged.model_copy(update={"steps": tuple(_aimed(source.runbook.steps, parts))})

    def _inner(self, source: Source, place: int, file: str, trail: Trail) -> Runbook | None:
        name = os.path.normpath(os.path.join(os.path.dirname(source.name), file))
        line, column = source.document.at(("steps", place, "include"))
        trail = (*trail, (source.name, f"{source.document.path}:{line}:{column}"))
        for other, where in trail:
            if other == name:
                message = f"{name} would include itself without end: it is on its way already, from {where}"
                self._blame(source, place, message, "remove one of the two")
                return None
        if len(trail) > MAX_DEPTH:
            self._blame(source, place, f"is included more than {MAX_DEPTH} deep", "include it further up")
            return None
        if self._steps > MAX_STEPS:
            self._blame(source, place, f"makes more than {MAX_STEPS} steps", "split the runbook")
            return None
        if name not in self._sources:
            try:
                self._texts[name] = self._reader(name)
            except ConfigError as error:
                self._blame(source, place, f"cannot be included: {error}")
                return None
            self._sources[name] = read(self._texts[name], os.path.join(self._directory, name), name)
        return self.bound(self._sources[name], trail)

    def _fits(self, source: Source, place: int, part: Sequence[Step]) -> None:
        if long := next((step.id for step in part if len(step.id) > MAX_ID), ""):
            self._blame(source, place, f"{long} is longer than {MAX_ID} characters", "shorten the ids")

    def _merged(self, source: Source, place: int, outer: Runbook, inner: Runbook) -> Runbook:
        for what, own, theirs in (
            ("the parameter", outer.params, inner.params),
            ("the version of", outer.requires.versions, inner.requires.versions),
        ):
            if odd := sorted(name for name in own.keys() & theirs.keys() if own[name] != theirs[name]):
                message = f"{what} {', '.join(odd)} is declared otherwise there than here"
                self._blame(source, place, message, "declare it in the same words in both")
        return outer.model_copy(
            update={
                "params": {**inner.params, **outer.params},
                "requires": _required(outer.requires, inner.requires),
                "probes": _union(outer.probes, inner.probes),
                "recovery": _recovered(outer.recovery, inner.recovery),
            }
        )

    def _blame(self, source: Source, place: int, message: str, mend: str = "") -> None:
        at = ("steps", place, "include")
        where = source.document.at(at)
        self.problems.append(Problem(source.document.path, *where, dotted(at), message, mend, rule="include"))


def _union(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))


def _required(outer: Requires, inner: Requires) -> Requires:
    return Requires(
        commands=_union(outer.commands, inner.commands),
        versions={**inner.versions, **outer.versions},
        env=_union(outer.env, inner.env),
        secrets=_union(outer.secrets, inner.secrets),
    )


def _recovered(outer: Recovery, inner: Recovery) -> Recovery:
    """What both want; the longer hold of those that hold something."""
    holds = [each.hold for each in (outer, inner) if each.probes]
    return Recovery(
        probes=_union(outer.probes, inner.probes),
        hold=max(holds, default=outer.hold),
        downstream=_union(outer.downstream, inner.downstream),
        quotas=_union(outer.quotas, inner.quotas),
    )


def _taken_in(step: Step, inner: Runbook) -> Iterator[Step]:
    """The steps in the place of the one that includes them: what holds for it holds for each of them."""
    for each in inner.steps:
        moved: Step = _changed(each, lambda value: _prefixed(value, f"{step.id}."))
        yield moved.model_copy(
            update={"section": moved.section or step.section, "when": (*moved.conditions, *step.conditions)}
        )


def _aimed(steps: Sequence[Step], parts: Sequence[tuple[Step, ...]]) -> Iterator[Step]:
    """All steps; what names a step that includes others now names those."""
    stand_in = {
        step.id: tuple(each.id for each in part)
        for step, part in zip(steps, parts, strict=True)
        if step.include is not None and part
    }
    for step, part in zip(steps, parts, strict=True):
        if step.include is not None:
            yield from part
        else:
            yield _changed(step, lambda value: _redirected(value, stand_in)) if stand_in else step


def _changed(value: Any, change: Callable[[Any], Any]) -> Any:
    """The same with each part changed, from the inside out."""
    if isinstance(value, BaseModel):
        parts = {name: getattr(value, name) for name in value.model_fields_set}
        new = {name: _changed(part, change) for name, part in parts.items()}
        odd = {name: part for name, part in new.items() if part is not parts[name]}
        return change(value.model_copy(update=odd) if odd else value)
    if isinstance(value, tuple):
        items = tuple(_changed(item, change) for item in value)
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    if isinstance(value, dict):
        made = {key: _changed(item, change) for key, item in value.items()}
        return made if any(made[key] is not value[key] for key in value) else value
    return value


def _prefixed(value: Any, prefix: str) -> Any:
    match value:
        case Step():
            return value.model_copy(update={"id": prefix + value.id})
        case FromOutput():
            return value.model_copy(update={"output": prefix + value.output})
        case Condition(output=str(output)):
            return value.model_copy(update={"output": prefix + output})
        case Condition(chosen=str(chosen)):
            return value.model_copy(update={"chosen": prefix + chosen})
        case ChooseOption():
            new: dict[str, Any] = {"skip": tuple(prefix + each for each in value.skip)} if value.skip else {}
            new |= {"goto": prefix + value.goto} if value.goto is not None else {}
            return value.model_copy(update=new) if new else value
    return value


def _redirected(value: Any, stand_in: Mapping[str, tuple[str, ...]]) -> Any:
    if not isinstance(value, ChooseOption):
        return value
    skip = tuple(each for target in value.skip for each in stand_in.get(target, (target,)))
    goto = stand_in.get(value.goto or "", (value.goto,))[0]
    if (skip, goto) == (value.skip, value.goto):
        return value
    return value.model_copy(update={"skip": skip, "goto": goto})
