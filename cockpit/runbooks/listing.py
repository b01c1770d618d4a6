"""Runbooks as text, for the command line."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Literal, NamedTuple

from cockpit.config.load import read, schema
from cockpit.config.model import Config
from cockpit.config.problems import ConfigError, Problem
from cockpit.runbooks import sarif
from cockpit.runbooks.choosing import chosen
from cockpit.runbooks.library import Entry, library, read_entry
from cockpit.runbooks.markdown import render
from cockpit.runbooks.model.rehearsal import Rehearsal
from cockpit.runbooks.model.runbook import Runbook

Told = tuple[str, bool]
"""A text, and whether all is well."""


class Linted(NamedTuple):
    """Files that were judged, and everything found in them and in what they include, each once."""

    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]

    @property
    def good(self) -> bool:
        """Whether all of them may run."""
        return all(entry.runbook is not None for entry in self.entries)


def listing(config: Path | None, *, as_json: bool) -> Told:
    """Every runbook of the config and the bundled ones, with what is wrong with each."""
    try:
        settings = read(config, Config) if config is not None else Config(version=1)
    except ConfigError as error:
        return str(error), False
    base = config.parent if config is not None else Path()
    probes = _names(settings) if config else None
    entries = library([base / directory for directory in settings.runbooks], probes, settings.bundled)
    if as_json:
        return _json([_data(entry) for entry in entries]), True
    return "\n".join(line for entry in entries for line in _lines(entry)) or "no runbooks", True


def linted(files: Sequence[Path], config: Path | None = None) -> Linted:
    """These files, judged; with a config also by the probes it has. ConfigError when the config cannot be read."""
    probes = _names(read(config, Config)) if config is not None else None
    entries = tuple(read_entry(file, probes=probes) for file in files)
    return Linted(entries, tuple(dict.fromkeys(problem for entry in entries for problem in entry.problems)))


def as_text(found: Linted) -> str:
    """A line for each problem, with its place and the way to mend it."""
    told = f"{len(found.entries)} runbook{'' if len(found.entries) == 1 else 's'}, no problems"
    return "\n".join(map(str, found.problems)) or told


def as_json(found: Linted) -> str:
    """Each file with its problems."""
    return _json([_data(entry) for entry in found.entries])


def as_sarif(found: Linted) -> str:
    """All problems as SARIF 2.1.0, with files named from this directory."""
    return _json(sarif.log(found.problems, Path.cwd()))


def shown(target: str, config: Path | None, form: Literal["markdown", "json", "source"]) -> Told:
    """The runbook of that id or file. As Markdown: what each step does, what it changes and what undoes it."""
    try:
        entry, runbook = chosen(target, config)
    except ConfigError as error:
        return str(error), False
    match form:
        case "json":
            return _json(_data(entry) | {"runbook": runbook.model_dump(mode="json", by_alias=True)}), True
        case "source":
            return entry.text.rstrip("\n"), True
    return render(runbook).rstrip("\n"), True


def json_schema() -> str:
    """The JSON Schema of runbooks, for editors."""
    return _json(schema(Runbook))


def rehearsal_schema() -> str:
    """The JSON Schema of the results that a rehearsal is told."""
    return _json(schema(Rehearsal))


def _names(config: Config) -> Collection[str]:
    return [probe.name for service in config.services for probe in service.probes]


def _json(document: object) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False)


def _data(entry: Entry) -> dict[str, object]:
    runbook = entry.runbook
    return {
        "id": runbook.id if runbook is not None else None,
        "title": runbook.title if runbook is not None else None,
        "service": runbook.service if runbook is not None else None,
        "path": entry.path,
        "digest": entry.digest,
        "bundled": entry.bundled,
        "included": [each.name for each in entry.included],
        "problems": [asdict(problem) for problem in entry.problems],
    }


def _lines(entry: Entry) -> Iterator[str]:
    if entry.runbook is None:
        yield f"UNUSABLE  {entry.path}"
    else:
        yield f"{entry.runbook.id:<24}{entry.runbook.title}{'  (bundled)' if entry.bundled else ''}"
    yield from (f"    {problem}" for problem in entry.problems)
