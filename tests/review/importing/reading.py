"""Files as people hand them in, imported."""

from __future__ import annotations

from pathlib import Path

from cockpit.clock import SECOND
from cockpit.review.importing.making import document
from cockpit.review.importing.reading import read
from cockpit.review.model import Report

NOW = 1_800_000_000 * SECOND


def imported(tmp_path: Path, text: str | bytes, name: str = "notes.md", **options: str) -> Report:
    """The report of a file with this text."""
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return document(read(path), options, NOW)


def rules(report: Report) -> list[tuple[str, int | None]]:
    """What stands against it: the rule and the line, without the sections nobody wrote."""
    return [(one.rule, one.line) for one in report.data_quality if one.rule != "empty_section" or one.line]
