"""Timelines and reports as files: imported, and held against the rules."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from cockpit.clock import Clock, SystemClock
from cockpit.config.problems import ConfigError, Problem
from cockpit.review import keeping
from cockpit.review.importing import reading
from cockpit.review.importing.making import document
from cockpit.review.lint import lint, of_people, placed
from cockpit.review.model import Doubt, Report
from cockpit.review.sealing import SEALED
from cockpit.review.told_doubts import told_doubts

_ENOUGH = 8_192
"""Bytes by which a report of ours is known."""


def imported(path: Path, options: Mapping[str, str], clock: Clock | None = None) -> Report:
    """The document of a hand-written timeline; ConfigError with everything that makes it unusable."""
    return document(reading.read(path), options, (clock or SystemClock()).now())


def linted(paths: Sequence[Path], options: Mapping[str, str], clock: Clock | None = None) -> tuple[Problem, ...]:
    """What stands against each file: a report as JSON or Markdown, or a timeline.

    Where one is unusable ConfigError, with what stands against the others as well.
    """
    found: list[Problem] = []
    broken: list[Problem] = []
    for path in paths:
        try:
            found += problems(path, _linted(path, options, clock))
        except ConfigError as error:
            broken += error.problems
    if broken:
        raise ConfigError([*found, *broken])
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
    kind = path.suffix.lower() if path.is_file() else ""
    if kind == ".json" and b'"header"' in _part(path, 0):
        return lint(keeping.document(path))
    if kind == ".md" and SEALED.encode() in _part(path, -_ENOUGH):
        # A report of ours, unchanged around people's parts: what stood against its record still does.
        said = keeping.written_by_people(None, path, "")
        lines = path.read_text("utf-8").split("\n")
        return placed((*of_people(said), *told_doubts(lines)), lines)
    return imported(path, options, clock).data_quality


def _part(path: Path, at: int) -> bytes:
    """Some bytes from the beginning of a file, or from its end; none of one that cannot be read."""
    try:
        with open(path, "rb") as file:
            if at < 0:
                file.seek(max(0, file.seek(0, os.SEEK_END) + at))
            return file.read(_ENOUGH)
    except OSError:
        return b""
