"""Timelines and reports as files: imported, and held against the rules."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from pydantic import ValidationError

from cockpit.clock import Clock, SystemClock
from cockpit.config.problems import ConfigError, Problem
from cockpit.review import human
from cockpit.review.importing import files, reading, slack
from cockpit.review.importing.files import unusable
from cockpit.review.importing.making import document
from cockpit.review.lint import lint, of_people, placed
from cockpit.review.model import Doubt, Report

_SEALED = "<!-- cockpit report of "


def imported(path: Path, options: Mapping[str, str], clock: Clock | None = None) -> Report:
    """The document of a hand-written timeline; ConfigError with everything that makes it unusable."""
    return document(reading.read(path), options, (clock or SystemClock()).now())


def linted(paths: Sequence[Path], options: Mapping[str, str], clock: Clock | None = None) -> tuple[Problem, ...]:
    """What stands against each file: a report as JSON or Markdown, or a timeline; ConfigError for unusable ones."""
    found: list[Problem] = []
    broken: list[Problem] = []
    for path in paths:
        try:
            found += problems(path, _linted(path, options, clock))
        except ConfigError as error:
            broken += error.problems
    if broken:
        raise ConfigError(broken)
    return tuple(found)


def problems(path: Path, doubts: Sequence[Doubt]) -> tuple[Problem, ...]:
    """Doubts as problems of a file."""
    return tuple(
        Problem(
            str(path), doubt.line or 0, 1 if doubt.line else 0, doubt.rule.replace("_", " "), doubt.text, doubt.mend,
            "warning", doubt.rule,
        )
        for doubt in doubts
    )  # fmt: skip


def as_json(found: Sequence[Problem]) -> str:
    """What was found, for programs."""
    rows = [
        {"path": one.path, "line": one.line or None, "rule": one.rule, "text": one.message, "mend": one.mend}
        for one in found
    ]
    return json.dumps(rows, indent=2, ensure_ascii=False)


def _linted(path: Path, options: Mapping[str, str], clock: Clock | None) -> Sequence[Doubt]:
    if path.suffix.lower() == ".json" and path.is_file():
        text = files.text(files.raw(path), str(path))
        told = slack.data(text, str(path))
        if isinstance(told, dict) and "header" in told:
            return lint(_report(text, str(path)))
    if path.suffix.lower() == ".md" and path.is_file():
        text = files.text(files.raw(path), str(path))
        if _SEALED in text:
            # A report of ours: its figures come from the journal, and only people's parts can be wrong.
            return placed(of_people(human.read(text, str(path)).human), text.split("\n"))
    return imported(path, options, clock).data_quality


def _report(text: str, path: str) -> Report:
    try:
        return Report.model_validate_json(text)
    except ValidationError as error:
        found = [
            Problem(path, 0, 0, ".".join(str(step) for step in one["loc"]), one["msg"])
            for one in error.errors(include_url=False)
        ]
        raise ConfigError(found) from None
    except RecursionError:
        raise unusable(path, "is nested too deep") from None
