"""Checking a config file, for the command line."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from cockpit.config.broadcasting import FileDestination
from cockpit.config.load import read
from cockpit.config.model import Config
from cockpit.config.problems import ConfigError, Problem
from cockpit.config.secrets import resolve
from cockpit.config.templates import lint
from cockpit.platform.places import no_config


def check(path: Path | None, *, as_json: bool = False) -> tuple[str, bool]:
    """Everything wrong with the file and what it refers to; and whether an engine would start with all of it."""
    if path is None:
        return (told([Problem("", 0, 0, "", no_config())]) if as_json else no_config()), False
    try:
        config = read(path, Config)
    except ConfigError as error:
        return told(error.problems) if as_json else str(error), False
    doubtful = tuple(doubts(config, path))
    problems = (*resolve(config, os.environ, str(path)).problems, *doubtful)
    whole = all(problem.severity == "warning" for problem in doubtful)
    if as_json:
        return told(problems), whole
    watched = f"{_count(_probes(config), 'probe')} in {_count(len(config.services), 'service')}"
    usable = f"{path} can be used: {watched}" if whole else f"{path} can be used, but not the templates it names"
    return "\n".join([usable, *map(str, problems)]), whole


def told(problems: Sequence[Problem]) -> str:
    """Problems as a JSON list."""
    return json.dumps([asdict(problem) for problem in problems], indent=2, ensure_ascii=False)


def doubts(config: Config, path: Path) -> Iterator[Problem]:
    """What is allowed but unwise, or not there, as warnings."""
    for index, service in enumerate(config.services):
        for number, probe in enumerate(service.probes):
            if probe.timeout > probe.interval and "timeout" in probe.model_fields_set:
                field = f"services.{index}.probes.{number}.timeout"
                message = "is longer than the interval: while the endpoint hangs, looks are skipped"
                yield _warning(path, field, message, "make it no longer than the interval")
    for index, name in enumerate(config.runbooks):
        if not (path.parent / name).exists():
            yield _warning(path, f"runbooks.{index}", f"there is no {name}", "make it, or take it out")
    for index, destination in enumerate(config.broadcast.destinations):
        if not isinstance(destination, FileDestination):
            continue
        directory = (path.parent / destination.path).parent
        if not os.access(directory, os.W_OK):
            field = f"broadcast.destinations.{index}.path"
            yield _warning(path, field, f"nothing can be written in {directory}", "updates would wait there unsent")
    if config.broadcast.templates:
        # Without them an engine speaks in the program's own words, as it must on a bad night.
        yield from lint(path.parent / Path(config.broadcast.templates).expanduser())


def _warning(path: Path, field: str, message: str, mend: str) -> Problem:
    return Problem(str(path), 0, 0, field, message, mend, "warning")


def _probes(config: Config) -> int:
    return sum(len(service.probes) for service in config.services)


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
