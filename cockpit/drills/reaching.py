"""What of a runbook would be real in a drill, in which nothing may touch the world. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from cockpit.platform.drill import STEERING
from cockpit.runbooks.model.commands import Command, Request, Rollback
from cockpit.runbooks.model.runbook import Runbook, Version
from cockpit.runbooks.model.steps import PagerDuty

TOOL = re.compile(r"[a-z][a-z0-9._-]*")
"""A command that a drill can stand in for: a plain name that is looked for in the PATH."""


def reaching(runbook: Runbook) -> Iterator[str]:
    """What of it would reach out of a drill, each as a sentence."""
    for part in _parts(runbook):
        match part:
            case Request():
                yield "a step of the runbook sends a request itself, which a drill cannot answer for"
            case PagerDuty():
                yield "a step of the runbook pages somebody, which a drill must not"
            case Command(run=str()) | Rollback(run=str()):
                yield "a step of the runbook is a script for a shell, in which a drill cannot stand in for programs"
        if isinstance(part, Command | Rollback):
            for name in filter(STEERING.fullmatch, part.env):
                yield f"a step of the runbook sets {name}, and might so run something else than the drill's command"
        for word in _programs(part):
            if not isinstance(word, str):
                yield "which program a step runs is known only when it runs, so a drill cannot stand in for it"
            elif not TOOL.fullmatch(word):
                yield f"{word} is no plain name of a program, so a drill cannot stand in for it"


def programs(runbook: Runbook) -> frozenset[str]:
    """Every program that it runs, or wants to be there, by its plain name."""
    ran = (word for part in _parts(runbook) for word in _programs(part))
    return frozenset(word for word in (*ran, *runbook.requires.commands) if isinstance(word, str))


def _programs(part: BaseModel) -> Iterator[Any]:
    words = {Command: "argv", Version: "argv", Rollback: "command"}.get(type(part))
    argv = getattr(part, words) if words is not None else None
    if argv:
        yield argv[0]


def _parts(value: object) -> Iterator[BaseModel]:
    """Whatever the value is made of, itself among it."""
    if isinstance(value, BaseModel):
        yield value
        for name in type(value).model_fields:
            yield from _parts(getattr(value, name))
    elif isinstance(value, tuple):
        for each in value:
            yield from _parts(each)
    elif isinstance(value, dict):
        for each in value.values():
            yield from _parts(each)
