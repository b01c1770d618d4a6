"""The commands of a recorded incident, and what they answered. Pure."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from cockpit.incident.event import Event
from cockpit.incident.runs import AttemptFinished, AttemptIntended, AttemptStarted, RunStarted

TOOL = re.compile(r"[a-z][a-z0-9._-]*")
"""A command that a drill can stand in for: a plain name that is looked for in the PATH."""


@dataclass(frozen=True)
class Ran:
    """One command that came to its end. `began` is in microseconds; `position` counts the changes made before it."""

    argv: tuple[str, ...]
    began: int
    seconds: float
    exit_code: int
    said: tuple[str, ...]
    changes: bool
    position: int


def ran(events: Sequence[Event]) -> tuple[Ran, ...]:
    """Every command whose end was recorded, in the order they began."""
    started = {each.body.attempt: each.occurred_at for each in events if isinstance(each.body, AttemptStarted)}
    ended = {each.body.attempt: each.body for each in events if isinstance(each.body, AttemptFinished)}
    effects = {
        (each.body.run, step.id): step.effect
        for each in events
        if isinstance(each.body, RunStarted)
        for step in each.body.steps
    }
    found: list[Ran] = []
    position = 0
    for event in events:
        body = event.body
        if not isinstance(body, AttemptIntended) or body.attempt not in ended:
            continue
        changes = body.purpose == "act" and effects.get((body.run, body.step)) != "read"
        end = ended[body.attempt]
        found.append(
            Ran(
                argv=tuple(shlex.split(body.command)),
                began=started.get(body.attempt, event.occurred_at),
                seconds=end.seconds,
                exit_code=_code(end),
                said=tuple(line for line in end.tail.splitlines() if line.strip()) or ("",),
                changes=changes,
                position=position,
            )
        )
        position += changes
    return tuple(found)


def _code(end: AttemptFinished) -> int:
    return end.exit_code if end.exit_code is not None else 128 + (end.signal or 15)


def unplayable(events: Sequence[Event]) -> list[str]:
    """What of the runbooks would reach out of a drill, each as a sentence: nothing in a drill may touch the world."""
    return sorted({
        problem
        for source in _sources(events)
        for problem in reaching_out(yaml.safe_load(source))
    })  # fmt: skip


def tools(events: Sequence[Event]) -> dict[str, tuple[str, ...]]:
    """Every program that the recorded commands or their runbooks name, with the words that were recorded for it."""
    named = {argv[0] for source in _sources(events) for argv in argvs(yaml.safe_load(source))}
    words: dict[str, list[str]] = {name: [] for name in sorted(named | {each.argv[0] for each in ran(events)})}
    for each in ran(events):
        line = shlex.join(each.argv[1:])[:300]
        if line and line not in words[each.argv[0]]:
            words[each.argv[0]].append(line)
    return {name: tuple(lines) or ("(nothing was recorded)",) for name, lines in words.items()}


def _sources(events: Sequence[Event]) -> Iterator[str]:
    for event in events:
        if isinstance(event.body, RunStarted):
            yield event.body.source
            yield from (each.source for each in event.body.included)


def reaching_out(node: Any) -> Iterator[str]:
    """What of a runbook, as plain data, would reach out of a drill, each as a sentence."""
    if isinstance(node, dict):
        if "http" in node:
            yield "a step of the runbook sends a request itself, which a drill cannot answer for"
        if isinstance(node.get("run"), str):
            yield "a step of the runbook is a script for a shell, in which a drill cannot stand in for programs"
        for value in node.values():
            yield from reaching_out(value)
    elif isinstance(node, list):
        for value in node:
            yield from reaching_out(value)
    for argv in argvs(node) if isinstance(node, dict) else ():
        if not TOOL.fullmatch(argv[0]):
            yield f"{argv[0]} is no plain name of a program, so a drill cannot stand in for it"


def argvs(node: Any) -> Iterator[tuple[str, ...]]:
    """Every list of words in the document that is run as a command."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key in _COMMANDS and isinstance(value, list) and value and all(isinstance(one, str) for one in value):
                yield tuple(value)
            else:
                yield from argvs(value)
    elif isinstance(node, list):
        for value in node:
            yield from argvs(value)


_COMMANDS = frozenset({"argv", "command", "check", "apply", "look", "rollback", "before", "after"})
