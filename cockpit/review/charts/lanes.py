"""Each lane of each probe with its states, so that one sees which pool came back when."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from cockpit.review.charts.canvas import Span, axis, clock, hints, label, picture
from cockpit.review.model import Report, Series

ROW, TOP = 26, 10
SHOWN = 40
"""Lanes drawn at most; those that never were red come last."""
_WORST = ("down", "degraded", "unknown", "up")
_SAID = {"down": "DOWN", "degraded": "degraded", "unknown": "?", "up": "up"}


def lanes(report: Report, over: Span) -> str:
    """The picture; empty where no probe was watched."""
    red = {one.probe for one in report.impact.probes}
    known = sorted(report.series, key=lambda one: (one.probe not in red, one.service, one.probe))[:SHOWN]
    if not known:
        return ""
    floor = TOP + len(known) * ROW + 4
    parts = [axis(over, floor, TOP)]
    for row, lane in enumerate(known):
        y = TOP + row * ROW
        parts += [label(lane.probe, y + 16), *_blocks(lane, over, y)]
    return picture("lanes", "The state of each probe", _told(report), floor + 26, parts)


def _blocks(lane: Series, over: Span, y: float) -> Iterator[str]:
    merged = _merged(lane, over)
    words = hints(
        [f"{lane.probe} {_SAID[state]} from {_clock(start)} to {_clock(end)}" for state, start, end in merged]
    )
    for (state, start, end), said in zip(merged, words, strict=True):
        x = over.x(start)
        width = max(over.x(end) - x, 2.0)
        # A shape of its own for each state: nobody has to tell red from green.
        height, lower = {"down": (18, 0), "degraded": (12, 6), "unknown": (6, 6), "up": (4, 14)}[state]
        yield (
            f'<rect class="{state}" x="{x}" y="{y + 3 + lower}" width="{round(width, 1)}" height="{height}" rx="2">'
            f"{said}</rect>"
        )
        if state in {"down", "degraded"} and width > 52:
            yield f'<text class="in" x="{round(x + 6, 1)}" y="{y + 16}">{_SAID[state]}</text>'


def _clock(at: datetime) -> str:
    return f"{clock(at)}:{at.second:02d}"


def _merged(lane: Series, over: Span) -> Sequence[tuple[str, datetime, datetime]]:
    """The states from left to right; of those that fall on one spot the worst is shown."""
    found: list[tuple[str, datetime, datetime]] = []
    for number, turn in enumerate(lane.turns):
        end = lane.turns[number + 1].time if number + 1 < len(lane.turns) else over.end
        start, end = max(turn.time, over.start), min(end, over.end)
        if start >= end:
            continue
        if found and over.x(end) - over.x(found[-1][1]) < 1.5:
            state = min(found[-1][0], turn.state, key=_WORST.index)
            found[-1] = (state, found[-1][1], end)
        elif found and found[-1][0] == turn.state:
            found[-1] = (turn.state, found[-1][1], end)
        else:
            found.append((turn.state, start, end))
    return found


def _told(report: Report) -> str:
    said = [
        f"{one.probe} was red from {one.first_red:%H:%M}"
        + (f" and back at {one.recovered:%H:%M}" if one.recovered else " and did not come back")
        for one in report.impact.probes
        if one.first_red is not None
    ]
    return "; ".join(said) or "No probe was red."
