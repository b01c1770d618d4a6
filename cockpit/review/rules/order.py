"""The order of a timeline, and its holes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from itertools import pairwise

from cockpit.moments import span
from cockpit.review.model import Doubt, Entry, Report
from cockpit.review.rules.stamps import bare

GAP = timedelta(minutes=15)
"""The silence from which on a timeline has a hole."""


def gap(silent_from: datetime, until: datetime) -> Iterator[Doubt]:
    """The hole between two moments, if it is one."""
    silence = until - silent_from
    if silence >= GAP:
        text = f"nothing recorded for {span(silence.total_seconds())} from {silent_from:%H:%M}"
        yield Doubt(rule="gap", text=text, time=silent_from)


def gaps(report: Report) -> Iterator[Doubt]:
    """The holes of a timeline that a person wrote."""
    known = [entry for entry in report.timeline if entry.time is not None and entry.precision != "day"]
    known.sort(key=_moment)
    # What led to it may lie long before, what was talked about long after: only what is between is held to this.
    began = next((index for index, entry in enumerate(known) if entry.kind == "impact_start"), 0)
    ended = [index for index, entry in enumerate(known) if entry.kind == "resolved"]
    known = known[began : ended[-1] + 1 if ended else None]
    for earlier, later in pairwise(known):
        for one in gap(_moment(earlier), _moment(later)):
            yield one.model_copy(update={"line": later.line, "mend": "say what was done then, or that nothing was"})


def backwards(report: Report) -> Iterator[Doubt]:
    """Entries that are written below a later one."""
    before: Entry | None = None
    for entry in report.timeline:
        if not (entry.time or bare(entry).clock):
            continue
        if before is not None and _reversed(before, entry):
            where = f" on line {before.line}" if before.line is not None else ""
            yield Doubt(
                rule="backwards",
                text=f"{_shown(entry)} is below {_shown(before)}{where}",
                time=entry.time,
                line=entry.line,
                mend="put them in order; past midnight write the day too",
            )
        before = entry


def _reversed(before: Entry, entry: Entry) -> bool:
    if before.time is not None and entry.time is not None:
        if "day" in {before.precision, entry.precision}:
            return entry.time.date() < before.time.date()
        return entry.time < before.time
    # One of them names no moment: the hands of both clocks still tell.
    first, second = _hands(before), _hands(entry)
    if first is None or second is None or None not in {first[0], second[0]} and first[0] != second[0]:
        return False
    return second[1] < first[1]


def _hands(entry: Entry) -> tuple[date | None, time] | None:
    """The day, if any is said, and what the clock showed."""
    if entry.time is not None:
        return None if entry.precision == "day" else (entry.time.date(), entry.time.time())
    said = bare(entry)
    return None if said.clock is None or said.zone else (said.day, said.clock)


def _shown(entry: Entry) -> str:
    if entry.stated or entry.time is None:
        return entry.stated
    return f"{entry.time:%Y-%m-%d}" if entry.precision == "day" else f"{entry.time:%H:%M}"


def _moment(entry: Entry) -> datetime:
    assert entry.time is not None
    return entry.time
