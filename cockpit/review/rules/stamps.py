"""Times that cannot be taken at their word, or that name no moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo

from cockpit.review.model import Doubt, DoubtRule, Entry, Report
from cockpit.review.stated import Context, Stated, read
from cockpit.review.zones import zone_of

_MENDS: dict[DoubtRule, str] = {
    "unparsable_time": "write it as 10:52 or as 2026-03-02T10:52Z",
    "impossible_time": "find out which it was: 24 hours without AM and PM, or 12 hours with it",
    "missing_date": "name the day: --date 2026-03-02, or `date:` on top of the file",
    "missing_zone": "name the zone: --zone Europe/Berlin, or `zone:` on top of the file",
}
UNKNOWN = "unknown"
"""The zone of a document whose times name none."""
_NAMED = 8
"""Lines that a doubt of many names."""


def stamps(report: Report) -> Iterator[Doubt]:
    """What is wrong with the times of the timeline as they are written."""
    missing: dict[tuple[DoubtRule, str], list[Entry]] = {}
    for entry in report.timeline:
        if entry.time is not None:
            continue
        said = bare(entry)
        rule = said.rule or "unparsable_time"
        if rule in {"missing_date", "missing_zone"}:
            missing.setdefault((rule, said.why), []).append(entry)
            if rule == "missing_date" and report.header.zone == UNKNOWN and zoneless(entry):
                missing.setdefault(("missing_zone", "nothing says in which zone"), []).append(entry)
        else:
            yield Doubt(rule=rule, text=f"{said.why}{_of(entry)}", line=entry.line, mend=_MENDS[rule])
    for (rule, why), entries in missing.items():
        yield Doubt(rule=rule, text=f"{why}: {_places(entries)}", line=entries[0].line, mend=_MENDS[rule])
    yield from _placeholders(report)


def zones(report: Report) -> Iterator[Doubt]:
    """Times that name another zone than that of the document."""
    own = zone_of(report.header.zone)
    found: dict[str, list[Entry]] = {}
    for entry in report.timeline:
        if own is not None and named_elsewhere(said := bare(entry), own, entry.time):
            found.setdefault(said.zone, []).append(entry)
    for zone, entries in found.items():
        shown = ", ".join(f"`{entry.stated}`" for entry in entries[:3])
        text = f"{shown}: in {zone}, while the document is in {report.header.zone} ({_places(entries)})"
        first = entries[0]
        yield Doubt(rule="zone_conflict", text=text, time=first.time, line=first.line, mend="write all in one zone")


def named_elsewhere(said: Stated, own: tzinfo, at: datetime | None = None) -> bool:
    """Whether a time names, in letters, a zone whose clocks show something else; an offset is no conflict."""
    if not said.zone or said.zone.upper() == "Z" or not said.zone.isalpha() and "/" not in said.zone:
        return False
    theirs, day = zone_of(said.zone), (at or said.at or datetime(2000, 1, 1)).replace(tzinfo=None)
    return theirs is None or theirs.utcoffset(day) != own.utcoffset(day)


def zoneless(entry: Entry) -> bool:
    """Whether a written time needs to be told its zone."""
    said = bare(entry)
    return (said.clock is not None or said.day is not None) and not said.zone


def bare(entry: Entry) -> Stated:
    """What the entry's time says by itself, as it was written."""
    return read(entry.stated, Context())


def _placeholders(report: Report) -> Iterator[Doubt]:
    for what in report.header.placeholders:
        rule: DoubtRule = "missing_zone" if what == "zone" else "missing_date"
        text = f"the {what} is invented, so that minutes can be computed: no source names it"
        yield Doubt(rule=rule, text=text, mend=f"find the {what}, and take it off the placeholders")


def _of(entry: Entry) -> str:
    words = " ".join(entry.text.split())
    return f": {words[:60]}" if not entry.stated and words else ""


def _places(entries: Sequence[Entry]) -> str:
    count = f"{len(entries)} time{'s' if len(entries) > 1 else ''}"
    lines = [str(entry.line) for entry in entries if entry.line is not None]
    if not lines:
        return count
    more = " and more" if len(lines) > _NAMED else ""
    return f"{count}, on line{'s' if len(lines) > 1 else ''} {', '.join(lines[:_NAMED])}{more}"
