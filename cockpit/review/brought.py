"""Reports of incidents from elsewhere, kept beside the journal and listed with its own."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from cockpit.clock import SECOND
from cockpit.config.problems import ConfigError, Problem
from cockpit.review.keeping import document
from cockpit.review.model import Report
from cockpit.review.summary import IMPORTED, KEPT_WORDS, Summary, spoken

log = logging.getLogger(__name__)

FOLDER = "reports"
_NAME = re.compile(r"(?!INC-)[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


def keep(report: Report, home: Path) -> Path:
    """Keep a report below `home`; ConfigError when its id is no name for it or one of that name is there."""
    name = report.header.id
    if not named(name):
        raise _unkept(name, "cannot be the name of a kept report", "--id takes letters, digits, `.`, `_` and `-`")
    folder = home / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise _unkept(name, f"is kept already, in {path}", "give this one another --id, or move that away") from None
    with open(handle, "w", encoding="utf-8") as file:
        file.write(report.model_dump_json(indent=2))
    return path


def named(incident: str) -> bool:
    """Whether this is what a kept report is called, and no incident of the journal."""
    return _NAME.fullmatch(incident) is not None


def find(name: str, home: Path) -> Path | None:
    """Where the kept report of that name is; None when there is none."""
    path = home / FOLDER / f"{name}.json"
    return path if named(name) and path.is_file() else None


def summaries(home: Path) -> tuple[Summary, ...]:
    """The kept reports in as few words as the incidents of the journal; one that cannot be read or found is logged."""
    found = []
    for path in sorted((home / FOLDER).glob("*.json")):
        try:
            told = document(path)
        except ConfigError as error:
            log.warning("a kept report is left out: %s", error)
            continue
        if told.header.id == path.stem and named(path.stem):
            found.append(summary(told))
        else:
            # It could not be asked for by what it calls itself, or would be taken for an incident of the journal.
            log.warning("a kept report is left out: %s calls itself %r", path, told.header.id)
    return tuple(found)


def summary(report: Report) -> Summary:
    """What a list tells of it: nothing was measured, so that nothing is said to have helped."""
    began = [one.started_at for one in report.intervals if one.start in {"declared", "impact_start", "first_entry"}]
    ended = [one.ended_at for one in report.intervals if one.end == "resolved"]
    ended += [entry.time for entry in report.timeline if entry.kind == "resolved" and entry.time is not None]
    head = report.header
    words = spoken(" ".join(_said(report)))[:KEPT_WORDS]
    return Summary(
        incident=head.id, head=0, title=head.title, severity=head.severity, status=IMPORTED, drill="", lead=head.lead,
        declared=_micros(min(began)) if began else 0, resolved=_micros(max(ended)) if began and ended else 0,
        turned=(), changed=(), deeds=(), words=words,
    )  # fmt: skip


def _said(report: Report) -> Iterator[str]:
    yield from (report.header.title, report.human.summary, report.human.trigger, report.impact.text)
    yield from report.human.contributing_factors
    for entry in report.timeline:
        yield f"{entry.actor} {entry.text}"


def _micros(at: datetime) -> int:
    return int((at - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()) * SECOND


def _unkept(name: str, message: str, mend: str) -> ConfigError:
    return ConfigError([Problem(name, 0, 0, "", message, mend)])
