"""The story of an incident in acts: what each began with, and what happened in it. Pure, from the document alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from cockpit.review.model import Entry, Helped, Report

_ASIDE = frozenset({"sent", "effect", "engine", "redact"})
"""Kinds of line that a story can do without."""
_NOTICED = "Somebody notices"
_ORDINALS = ("First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth")
_ENDS: dict[Helped | None, str] = {
    "pass": "It helps.",
    "no_effect": "It does not help.",
    "better": "It helps in part.",
    "worse": "It makes it worse.",
    "inconclusive": "Nobody can tell whether it helps.",
    "not_verified": "Nobody measures whether it helps.",
    None: "",
}


@dataclass(frozen=True)
class Act:
    """A stretch of the story; `end` is what came of it, where that is known."""

    title: str
    entries: Sequence[Entry]
    end: str = ""


def acts(report: Report) -> tuple[Act, ...]:
    """The acts in which anything happened, in the order of time."""
    starts = sorted(_starts(report), key=lambda start: start[0])
    found: list[Act] = []
    # Where it is not on record that anybody noticed, nothing tells what was before that.
    opening = "Before anybody knew" if any(title == _NOTICED for _, title, _ in starts) else "What happened"
    open_acts: list[tuple[str, str, list[Entry]]] = [(opening, "", [])]
    for entry in report.timeline:
        while starts and entry.time is not None and entry.time >= starts[0][0]:
            _, title, end = starts.pop(0)
            open_acts.append((title, end, []))
        if entry.kind not in _ASIDE:
            open_acts[-1][2].append(entry)
    for title, end, entries in open_acts:
        if entries:
            found.append(Act(title, tuple(entries), end))
    return tuple(found)


def _starts(report: Report) -> Iterator[tuple[datetime, str, str]]:
    marks = {one.start: one.started_at for one in report.intervals}
    marks |= {one.end: one.ended_at for one in report.intervals}
    noticed = [marks[name] for name in ("detected", "declared") if name in marks]
    if noticed:
        yield min(noticed), _NOTICED, ""
    tries = [one for one in report.tried if not one.undo and one.helped is not None]
    for count, one in enumerate(tries):
        nth = f"{_ORDINALS[count]} try" if count < len(_ORDINALS) else f"Try {count + 1}"
        yield one.time, f"{nth}: {one.title or one.step}", _ENDS[one.helped]
    if "verified" in marks:
        yield marks["verified"], "It holds", ""
