"""Runbooks as text, for the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from cockpit.clock import span
from cockpit.config.load import read
from cockpit.config.model import Config
from cockpit.config.problems import ConfigError
from cockpit.runbooks.library import Entry, library, read_entry
from cockpit.runbooks.plan import Plan, PlannedStep, command_line, plan

Told = tuple[str, bool]
"""A text, and whether all is well."""


def listing(config: Path | None, *, as_json: bool) -> Told:
    """Every runbook of the config and the bundled ones, with what is wrong with each."""
    try:
        settings = read(config, Config) if config is not None else Config(version=1)
    except ConfigError as error:
        return str(error), False
    base = config.parent if config is not None else Path()
    probes = [probe.name for service in settings.services for probe in service.probes] if config else None
    entries = library([base / directory for directory in settings.runbooks], probes)
    if as_json:
        return json.dumps([_data(entry) for entry in entries], indent=2, ensure_ascii=False), True
    return "\n".join(line for entry in entries for line in _lines(entry)) or "no runbooks", True


def linted(files: Sequence[Path], *, as_json: bool = False) -> Told:
    """Every problem of these files, each with its place and the way to mend it."""
    entries = [read_entry(file) for file in files]
    problems = [str(problem) for entry in entries for problem in entry.problems]
    good = all(entry.runbook is not None for entry in entries)
    if as_json:
        return json.dumps([_data(entry) for entry in entries], indent=2, ensure_ascii=False), good
    return "\n".join(problems) or f"{len(entries)} runbook{'s' if len(entries) != 1 else ''}, no problems", good


def shown(file: Path, *, as_json: bool = False) -> Told:
    """The steps of a runbook: what each does, what it changes and what undoes it."""
    entry = read_entry(file)
    if entry.runbook is None:
        return "\n".join(map(str, entry.problems)), False
    if as_json:
        whole = _data(entry) | {"runbook": entry.runbook.model_dump(mode="json")}
        return json.dumps(whole, indent=2, ensure_ascii=False), True
    title = f"{entry.runbook.title}  ({entry.runbook.id})"
    return "\n".join([title, "", *_steps(plan(entry.runbook))]), True


def _data(entry: Entry) -> dict[str, object]:
    runbook = entry.runbook
    return {
        "id": runbook.id if runbook is not None else None,
        "title": runbook.title if runbook is not None else None,
        "service": runbook.service if runbook is not None else None,
        "path": entry.path,
        "digest": entry.digest,
        "bundled": entry.bundled,
        "problems": [str(problem) for problem in entry.problems],
    }


def _lines(entry: Entry) -> Iterator[str]:
    if entry.runbook is None:
        yield f"UNUSABLE  {entry.path}"
    else:
        yield f"{entry.runbook.id:<24}{entry.runbook.title}{'  (bundled)' if entry.bundled else ''}"
    yield from (f"    {problem}" for problem in entry.problems)


def _steps(planned: Plan) -> Iterator[str]:
    for number, step in enumerate(planned.steps.values(), 1):
        yield f"{number:>2}  {step.outline.title}"
        yield from (f"      {line}" for line in _details(step))


def _details(step: PlannedStep) -> Iterator[str]:
    if step.manual:
        yield step.manual.strip()
    if step.command is not None:
        yield f"{step.outline.effect:<6} {command_line(step.command.argv)}"
        if step.outline.undo:
            yield f"undo   {step.outline.undo}"
        if step.outline.irreversible:
            yield f"cannot be undone: {step.outline.irreversible}"
    if step.verify is not None:
        yield f"verify {step.verify.probe} up for {span(step.verify.hold)} within {span(step.verify.within)}"
    if step.wait is not None:
        watched = f", starting over when one of these is not up: {', '.join(step.wait.watch)}"
        yield f"wait   {span(step.wait.duration)}{watched if step.wait.watch else ''}"
    if step.choose is not None:
        yield f"choose {step.choose.question}"
        yield from (f"  - {option.title}" for option in step.choose.options)
