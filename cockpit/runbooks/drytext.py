"""A dry run as text for people, and as JSON for programs. Pure."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from dataclasses import asdict

from cockpit.runbooks.dry import DryCommand, DryRun, DryStep

NOTHING_DONE = "DRY RUN: nothing is run, and nothing is looked up."
WIDTH = 100
_SHOWN = ("argv", "env")
"""What the command line itself shows already."""


def as_document(dry: DryRun) -> str:
    """One JSON document."""
    return json.dumps(asdict(dry), indent=2, ensure_ascii=False)


def as_text(dry: DryRun) -> str:
    """Every step in order, in words."""
    return "\n".join(_lines(dry))


def _lines(dry: DryRun) -> Iterator[str]:
    yield NOTHING_DONE
    yield f"{dry.title} ({dry.runbook}), {len(dry.steps)} steps"
    if dry.lock:
        yield f"works alone on: {dry.lock}"
    for name, value in dry.params.items():
        yield f"value: {name} = {value}"
    for name in dry.asked:
        yield f"asked for: {name}"
    for what, names in dry.requires.items():
        if names:
            yield f"needs {what}: {', '.join(names)}"
    section = ""
    for number, step in enumerate(dry.steps, 1):
        if step.section != section:
            section = step.section
            yield from ("", section.upper())
        yield from ("", *_step(step, number, len(dry.steps)))


def _step(step: DryStep, number: int, of: int) -> Iterator[str]:
    effect = {"write": "  CHANGES something", "destructive": "  DESTROYS something"}.get(step.effect, "")
    skipped = "  NOT NEEDED" if step.needed == "no" else ""
    yield f"{number} of {of}  {step.title}  [{step.id}]{effect}{skipped}"
    for why in step.why:
        yield f"  only when {why}"
    for command in step.commands:
        yield from _command(command)
    for about, words in step.facts.items():
        yield from textwrap.wrap(f"{about}: {words}", WIDTH, initial_indent="  ", subsequent_indent="    ")


def _command(command: DryCommand) -> Iterator[str]:
    first, *rest = command.shown.splitlines() or [""]
    yield f"  {command.what}:  {first}"
    yield from (f"    {line}" for line in rest)
    how = {name: value for name, value in command.how.items() if name not in _SHOWN}
    secrets = {name: value for name, value in command.how.get("env", {}).items() if value.startswith("<secret ")}
    told = [f"{name.replace('_', ' ')} {_inline(value)}" for name, value in {**secrets, **how}.items()]
    yield f"    {', '.join(told)}"
    if command.missing:
        yield f"    known at run time: {', '.join(command.missing)}"


def _inline(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
