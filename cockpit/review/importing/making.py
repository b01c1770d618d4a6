"""From a sheet to the report document: every time read in its context, every duration computed. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import PurePath
from typing import Any, get_args

from cockpit.clock import SECOND, moment
from cockpit.config.problems import ConfigError, Problem
from cockpit.incident.intervals import SPANS, Marks, intervals
from cockpit.review.importing.headings import LISTS
from cockpit.review.importing.sheet import Fact, Row, Sheet, safe
from cockpit.review.keeping import tidy
from cockpit.review.lint import lint, placed
from cockpit.review.model import (
    Communications,
    Entry,
    Header,
    Human,
    Impact,
    Interval,
    Outcome,
    Placeholder,
    Report,
)
from cockpit.review.rules.sections import heading
from cockpit.review.rules.stamps import UNKNOWN, named_elsewhere, zoneless
from cockpit.review.stated import Context, Stated, read
from cockpit.review.zones import zone_of

MARKS = tuple(dict.fromkeys(mark for pair in SPANS for mark in pair if mark != "first_update_by_person"))
"""Moments that the lines of a file or its facts may name."""
_KINDS = {
    "impact": "impact_start", "impact start": "impact_start", "start": "impact_start", "detection": "detected",
    "declaration": "declared", "acknowledge": "acknowledged", "ack": "acknowledged", "update": "first_update",
    "first update": "first_update", "mitigation": "mitigated", "verification": "verified", "resolution": "resolved",
    "all clear": "resolved", "roll back": "rollback",
}  # fmt: skip
_LAST = frozenset({"mitigated", "verified", "resolved"})
_OUTCOMES = get_args(Outcome)


def document(sheet: Sheet, options: Mapping[str, str], now: int) -> Report:
    """The report of a sheet, with what stands against it; ConfigError with every option or fact that cannot be used.

    What an option says goes before the same fact of the file. `now` is in microseconds.
    """
    facts = {**sheet.facts, **{name: Fact(value) for name, value in options.items() if value}}
    common = _Common(sheet.path, facts)
    entries = tuple(_entry(row, common) for row in sheet.rows)
    when = _marks(entries, common)
    if common.problems:
        raise ConfigError(common.problems)
    impact = "\n".join(sheet.sections.get("impact", ()))
    unaffected = tuple(safe(item) for item in sheet.sections.get("unaffected", ()))
    report = Report(
        header=_header(common, when, now, _zone_shown(common, entries)),
        human=_human(sheet, common),
        impact=Impact(text=safe(impact), unaffected=unaffected, peak=None, impact_minutes=None, probes=()),
        timeline=entries,
        intervals=(*_intervals(when, common.zone or UTC), *_whole(entries)),
        tried=(),
        decisions=(),
        changes=(),
        communications=Communications(updates=(), missed=()),
        roster=(),
        data_quality=tuple(heading(safe(name), line) for name, line in sheet.empty),
    )
    return report.model_copy(update={"data_quality": placed(lint(report), sheet.lines)})


@dataclass
class _Common:
    """What all times of a file share, and what is wrong with what was said of them."""

    path: str
    facts: Mapping[str, Fact]

    def __post_init__(self) -> None:
        self.problems: list[Problem] = []
        self.zone = self._zone()
        day = self._day()
        self.context = Context(day=day, zone=self.zone)
        start = self.moment("t0")
        self.context = Context(day=day, zone=self.zone, start=start)
        words = [word.strip() for word in self.value("placeholders").split(",") if word.strip()]
        known: dict[str, Placeholder] = {one: one for one in get_args(Placeholder)}
        for word in words:
            if word not in known:
                self.blame("placeholders", f"{word} is none of {', '.join(known)}")
        self.placeholders = tuple(known[word] for word in dict.fromkeys(words) if word in known)

    def value(self, name: str) -> str:
        """What is said; empty when nothing is."""
        return self.facts[name].value if name in self.facts else ""

    def blame(self, name: str, message: str, mend: str = "") -> None:
        """Note what is wrong with a fact or option."""
        line = self.facts[name].line
        self.problems.append(Problem(self.path, line, 1 if line else 0, name, message, mend))

    def moment(self, name: str) -> datetime | None:
        """The moment that a fact names."""
        if not (written := self.value(name)):
            return None
        said = read(written, self.context)
        if said.at is None:
            self.blame(name, said.why, "write it as 2026-03-02T10:52Z")
        return None if said.at is None else _in(said.at, self.zone)

    def _zone(self) -> tzinfo | None:
        if not (written := self.value("zone")):
            return None
        zone = zone_of(written)
        if zone is None:
            self.blame("zone", f"{written} names no zone, or several", "name one as Europe/Berlin, UTC or +02:00")
        return zone

    def _day(self) -> date | None:
        if not (written := self.value("date")):
            return None
        day = read(written, Context()).day
        if day is None:
            self.blame("date", f"{written} is no day", "write it as 2026-03-02")
        return day


def _entry(row: Row, common: _Common) -> Entry:
    written = row.stamp
    if row.zone and written and not read(written, Context()).zone:
        written = f"{written} {row.zone}"
    day = read(row.day, Context()).day if row.day else None
    context = common.context if day is None else Context(day=day, zone=common.zone, start=common.context.start)
    said = read(written, context)
    if row.day and day is None:
        # A day that cannot be read is no licence to take another one.
        said = Stated(written, rule="missing_date")
        written = f"{row.day} {written}".strip()
    elif said.rule == "missing_zone" and said.day is None and context.day is not None:
        # The day is known: else both would be asked for.
        written = f"{context.day} {written}"
    text, result = row.text, _result(row.result)
    if row.result and result is None:
        text = f"{text} | {row.result}"
    return Entry(
        time=None if said.at is None else _in(said.at, common.zone),
        precision=said.precision,
        stated=safe(written) if said.at is None or _differs(said, common) else "",
        kind=_kind(row.kind),
        actor=safe(row.actor),
        text=safe(text),
        result=result,
        evidence=safe(row.evidence),
        line=row.line,
    )


def _differs(said: Stated, common: _Common) -> bool:
    """Whether the time is more, or less, than what is written."""
    return not said.exact or named_elsewhere(said, common.zone or UTC)


def _in(at: datetime, zone: tzinfo | None) -> datetime:
    try:
        return at.astimezone(zone or UTC)
    except OverflowError:
        return at


def _kind(written: str) -> str:
    word = " ".join(written.lower().replace("_", " ").split())
    return safe(_KINDS.get(word, word.replace(" ", "_"))) or "note"


def _result(written: str) -> Outcome | None:
    word = written.strip().lower().replace(" ", "_")
    return next((one for one in _OUTCOMES if one == word), None)


def _marks(entries: Sequence[Entry], common: _Common) -> Marks:
    found: dict[str, int] = {}
    for entry in entries:
        if entry.kind in MARKS and entry.time is not None and (entry.kind in _LAST or entry.kind not in found):
            found[entry.kind] = _micros(entry.time)
    for name in MARKS:
        if (at := common.moment(name)) is not None:
            found[name] = _micros(at)
    return Marks(**found)


def _micros(at: datetime) -> int:
    return (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def _intervals(when: Marks, zone: tzinfo) -> tuple[Interval, ...]:
    return tuple(
        Interval(
            start=one.start,
            end=one.end,
            started_at=_in(moment(getattr(when, one.start)), zone),
            ended_at=_in(moment(getattr(when, one.end)), zone),
            minutes=None if one.seconds is None else round(one.seconds / 60, 1),
        )
        for one in intervals(when)
    )


def _whole(entries: Sequence[Entry]) -> tuple[Interval, ...]:
    """From the first entry to the last: what is known even where no line says what it marks."""
    known = [entry.time for entry in entries if entry.time is not None and entry.precision != "day"]
    if len(known) < 2:
        return ()
    first, last = min(known), max(known)
    minutes = round((last - first).total_seconds() / 60, 1)
    return (Interval(start="first_entry", end="last_entry", started_at=first, ended_at=last, minutes=minutes),)


def _zone_shown(common: _Common, entries: Sequence[Entry]) -> str:
    """The zone of the document; that of times which name none is not known."""
    if common.zone is not None:
        return safe(common.value("zone"))
    return UNKNOWN if any(entry.time is None and zoneless(entry) for entry in entries) else "UTC"


def _header(common: _Common, when: Marks, now: int, zone: str) -> Header:
    name = PurePath(common.path).name
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", PurePath(name).stem).strip("-") or "imported"
    return Header(
        id=safe(common.value("id")) or safe(stem),
        title=safe(common.value("title")) or safe(name),
        kind="imported",
        drill="",
        severity=safe(common.value("severity")),
        status=safe(common.value("status")) or ("resolved" if when.resolved is not None else "unknown"),
        declared_by=safe(common.value("declared_by")),
        lead=safe(common.value("lead")),
        zone=zone,
        authors=_listed(common.value("authors")),
        placeholders=common.placeholders,
        generated_at=moment(now // SECOND * SECOND),
    )


def _human(sheet: Sheet, common: _Common) -> Human:
    parts = {name: tuple(safe(piece) for piece in pieces) for name, pieces in sheet.sections.items()}
    lists: dict[str, Any] = {name: parts.get(name, ()) for name in LISTS if name not in {"unaffected", "authors"}}
    stated = [*(() if not common.value("stated_duration") else (common.value("stated_duration"),)),
              *parts.get("duration", ())]  # fmt: skip
    said = Human(
        summary="\n\n".join(parts.get("summary", ())),
        trigger="\n".join(parts.get("trigger", ())),
        surprised="\n".join(parts.get("surprised", ())),
        actions=tuple(sheet.actions),
        authors=(*_listed(common.value("authors")), *parts.get("authors", ())),
        stated_duration=safe("; ".join(stated)),
        **lists,
    )
    return tidy(said)


def _listed(words: str) -> tuple[str, ...]:
    return tuple(safe(word.strip()) for word in words.split(",") if word.strip())
