"""The import as a config file, with all that a person must look at on top."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import yaml

from cockpit.config.load import parse
from cockpit.config.model import Config
from cockpit.config.problems import ConfigError, Problem
from cockpit.importing import blackbox, gatus, prometheus
from cockpit.importing.source import Carried, Foreign, Lined, read

PROMETHEUS = "http://127.0.0.1:9090"


def imported(paths: Sequence[Path], prometheus_url: str = PROMETHEUS) -> tuple[str, tuple[Problem, ...]]:
    """A whole config, and what could not be carried over; ConfigError when a file cannot be read or holds nothing."""
    files: list[Foreign] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            files.append(read(path))
        except ConfigError as error:
            problems.extend(error.problems)
    if problems:
        raise ConfigError(problems)
    carried = Carried()
    modules = blackbox.modules_of(files)
    for foreign in files:
        if not _carry(foreign, modules, carried, prometheus_url):
            problems.append(_strange(foreign))
    if problems:
        raise ConfigError(problems)
    if carried.services and _objection(carried.services):
        _sieve(carried)
    text = _written(carried)
    if carried.services:
        parse(text, "what was imported", Config)
    return text, tuple(carried.notes)


def _sieve(carried: Carried) -> None:
    """Leave out, by name, what our own loader would not take: the rest of a file is of use without it."""
    for service, probes in list(carried.services.items()):
        for probe in list(probes):
            if why := _objection({service: [probe]}):
                path, line = carried.places[probe["name"]]
                carried.note(path, line, f"{probe['name']} was left out: {why}")
                probes.remove(probe)
        if not probes:
            del carried.services[service]


def _objection(services: dict[str, list[dict[str, Any]]]) -> str:
    """Why these are no config of ours, else nothing."""
    try:
        parse(_dumped(services), "what was imported", Config)
    except ConfigError as error:
        first = error.problems[0]
        return f"{first.field.rpartition('probes.0.')[2]}: {first.message}"
    except yaml.YAMLError:
        return "it holds what is no plain value"
    return ""


class _Plain(yaml.SafeDumper):
    """Writes every value out."""

    def ignore_aliases(self, data: Any) -> bool:
        """Anchors are not for people."""
        return True


def _dumped(services: dict[str, list[dict[str, Any]]]) -> str:
    listed = [{"name": name, "probes": probes} for name, probes in services.items()]
    document = {"version": 1, "services": listed}
    return yaml.dump(document, Dumper=_Plain, sort_keys=False, allow_unicode=True, width=120)


def as_document(text: str, notes: Sequence[Problem]) -> str:
    """The same as JSON: the config, and what to look at."""
    document = {"config": yaml.safe_load(text), "notes": [asdict(note) for note in notes]}
    return json.dumps(document, indent=2, ensure_ascii=False)


def _carry(foreign: Foreign, modules: dict[str, tuple[str, Lined]], carried: Carried, url: str) -> bool:
    known = False
    if "endpoints" in foreign.data:
        with carried.reading(foreign.path, foreign.data, "endpoints"):
            gatus.carry(foreign, carried)
        known = True
    if "groups" in foreign.data:
        with carried.reading(foreign.path, foreign.data, "groups"):
            prometheus.carry(foreign, carried, url)
        known = True
    if "scrape_configs" in foreign.data:
        with carried.reading(foreign.path, foreign.data, "scrape_configs"):
            blackbox.carry(foreign, modules, carried)
        known = True
    return known or "modules" in foreign.data


def _strange(foreign: Foreign) -> Problem:
    message = "is none of: Prometheus rules (groups), a Prometheus config (scrape_configs), blackbox modules, Gatus"
    return Problem(foreign.path, 1, 1, "", message, "Gatus endpoints stand under endpoints")


def _written(carried: Carried) -> str:
    notes = "".join(f"# {note.path}:{note.line}: {note.message}{f'; {note.mend}' if note.mend else ''}\n"
                    for note in carried.notes)  # fmt: skip
    head = f"# To look at before use:\n{notes}#\n" if notes else ""
    return f"{head}# Check it with: cockpit --config THIS config check\n{_dumped(carried.services)}"
