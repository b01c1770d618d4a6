"""A picture over the time of an incident: where each moment lies, and the ticks below it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from html import escape

from cockpit.review.model import Report
from cockpit.text import SafeText

WIDTH = 960
LEFT, RIGHT = 150, 20
"""Room for the names on the left, and for the last tick."""
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 240, 720, 1440, 2880, 10080)
"""Minutes between two ticks."""
_TICKS = 10
EDGE = timedelta(minutes=2)
"""Shown before the first and after the last moment."""


@dataclass(frozen=True)
class Span:
    """The time that is shown, from left to right."""

    start: datetime
    end: datetime

    def x(self, at: datetime) -> float:
        """Where a moment lies; one outside lies on the edge."""
        share = min(max((at - self.start).total_seconds() / self._whole, 0.0), 1.0)
        return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)

    @cached_property
    def _whole(self) -> float:
        return (self.end - self.start).total_seconds() or 1.0

    def ticks(self) -> Iterator[datetime]:
        """Round moments, not too many."""
        minutes = (self.end - self.start).total_seconds() / 60
        weeks = -(-minutes // (_STEPS[-1] * _TICKS)) * _STEPS[-1]
        step = int(next((step for step in _STEPS if minutes / step <= _TICKS), weeks)) * 60
        at = -(-int(self.start.timestamp()) // step) * step
        while at <= self.end.timestamp():
            yield datetime.fromtimestamp(at, UTC)
            at += step


def span(report: Report) -> Span | None:
    """The time worth showing: from the change before it to its end; None where no moment is known."""
    ends = [one.ended_at for one in report.intervals] + [one.started_at for one in report.intervals]
    times = ends or [entry.time for entry in report.timeline if entry.time is not None]
    if not times:
        return None
    start, end = min(times), max(times)
    lead = max((end - start) / 4, timedelta(minutes=10))
    before = [one.time for one in report.changes if start - lead <= one.time <= start]
    after = [one.recovered for one in report.impact.probes if one.recovered is not None and one.recovered > end]
    after += [one.due for one in report.communications.missed]
    return Span(_moved(min([start, *before]), -EDGE), _moved(max([end, *after]), EDGE))


def _moved(at: datetime, by: timedelta) -> datetime:
    """A moment somewhat earlier or later; itself where the calendar ends."""
    try:
        return at + by
    except OverflowError:
        return at


def axis(over: Span, y: float, top: float) -> str:
    """Lines down from the top and the times below them."""
    day = (over.end - over.start) > timedelta(hours=36)
    form = "%d %b %H:%M" if day else "%H:%M"
    return "".join(
        f'<line class="grid" x1="{over.x(at)}" x2="{over.x(at)}" y1="{top}" y2="{y}"/>'
        f'<text class="tick" x="{over.x(at)}" y="{y + 16}" text-anchor="middle">{at.strftime(form)}</text>'
        for at in over.ticks()
    )


def picture(name: str, title: str, told: str, height: float, parts: Sequence[str]) -> str:
    """The whole picture with its title, and in words what it shows."""
    return (
        f'<svg class="chart" role="img" viewBox="0 0 {WIDTH} {round(height)}" aria-labelledby="{name}-t {name}-d">'
        f'<title id="{name}-t">{words(title)}</title><desc id="{name}-d">{words(told)}</desc>{"".join(parts)}</svg>'
    )


def words(raw: str, limit: int = 4_000) -> str:
    """Text from outside for HTML and SVG."""
    return escape(SafeText(" ".join(raw.split()), limit))


def words_of_each(raws: Sequence[str], limit: int = 4_000) -> list[str]:
    """The same of many texts, which costs much less than one after the other."""
    return escape("\n".join([SafeText(" ".join(raw.split()), limit) for raw in raws])).split("\n") if raws else []


def label(raw: str, y: float, kind: str = "name") -> str:
    """A name on the left, whole when one points at it."""
    short = words(raw, 21)
    hint = f"<title>{words(raw)}</title>" if len(raw) > 20 else ""
    return f'<text class="{kind}" x="{LEFT - 10}" y="{y}" text-anchor="end">{hint}{short}</text>'


def hint(raw: str) -> str:
    """What is said when one points at a mark."""
    return hints((raw,))[0]


def hints(raws: Sequence[str]) -> list[str]:
    """The same for many marks."""
    return [f"<title>{said}</title>" for said in words_of_each(raws, 300)]


def clock(at: datetime) -> str:
    """Hours and minutes; a long night has many marks, and this takes half the time of a format."""
    return f"{at.hour:02d}:{at.minute:02d}"
