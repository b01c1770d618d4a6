"""The error rate over time, with the marks of the incident, the steps taken and the changes made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from cockpit.review.charts.canvas import LEFT, RIGHT, WIDTH, Span, axis, clock, hint, hints, label, picture, words
from cockpit.review.model import Report, Series, Tried

TOP, FLOOR = 64, 264
"""Where 100 % and 0 % lie."""
SHOWN = 5
"""Lanes drawn in one picture at most: those that were hit worst."""
_MARKS = (
    ("impact_start", "impact"), ("declared", "declared"), ("mitigated", "mitigated"), ("verified", "verified"),
    ("resolved", "resolved"),
)  # fmt: skip
_HELPED = {"pass": ("good", "✓"), "no_effect": ("none", "0"), "better": ("part", "~"), "worse": ("bad", "!")}
NEAR = 104
"""Two labels nearer than this stand on two levels."""
LEVELS = 4


def rates(report: Report, over: Span) -> str:
    """The picture; empty where no error rate was measured."""
    shown = _worst(report)
    if not shown:
        return ""
    marks = _marks(report)
    parts = [_scale(), axis(over, FLOOR, TOP), *_lines(shown, over)]
    parts += [*_vertical(marks, over), *_changes(report, over), *_steps(report, over)]
    return picture("rates", "Error rate over time", _told(report, marks), FLOOR + 84, parts)


def _worst(report: Report) -> Sequence[Series]:
    peaks = {one.probe: one.peak or 0.0 for one in report.impact.probes}
    hit = [one for one in report.series if one.points and one.probe in peaks]
    return sorted(hit, key=lambda one: -peaks[one.probe])[:SHOWN]


def _marks(report: Report) -> Sequence[tuple[str, datetime]]:
    known = {one.start: one.started_at for one in report.intervals}
    known |= {one.end: one.ended_at for one in report.intervals}
    return sorted(((said, known[name]) for name, said in _MARKS if name in known), key=lambda mark: mark[1])


def _y(rate: float) -> float:
    return round(FLOOR - min(max(rate, 0.0), 1.0) * (FLOOR - TOP), 1)


def _scale() -> str:
    return "".join(
        f'<line class="rule" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{_y(share)}" y2="{_y(share)}"/>'
        f'<text class="tick" x="{LEFT - 10}" y="{_y(share) + 4}" text-anchor="end">{share * 100:.0f} %</text>'
        for share in (0.0, 0.5, 1.0)
    )


def _lines(shown: Sequence[Series], over: Span) -> Iterator[str]:
    """Each lane as steps, for a rate holds until the next is known; its dash tells it apart without colour."""
    for number, lane in enumerate(shown):
        inside = [point for point in lane.points if over.start <= point.time <= over.end]
        if not inside:
            continue
        path = f"M{over.x(inside[0].time)} {_y(inside[0].rate)}"
        for point in inside[1:]:
            path += f"H{over.x(point.time)}V{_y(point.rate)}"
        end = over.x(min(over.end, lane.turns[-1].time)) if lane.turns else over.x(over.end)
        path += f"H{max(end, over.x(inside[-1].time))}"
        if number == 0:
            yield f'<path class="area" d="{path}V{FLOOR}H{over.x(inside[0].time)}Z"/>'
        yield f'<path class="line l{number}" d="{path}">{hint(f"{lane.probe}: the error rate")}</path>'
    for number, lane in enumerate(shown):
        x, y = LEFT + number % 3 * 250, FLOOR + 66 + number // 3 * 16
        yield (
            f'<line class="line l{number}" x1="{x}" x2="{x + 26}" y1="{y - 4}" y2="{y - 4}"/>'
            f'<text class="tick" x="{x + 32}" y="{y}">{words(lane.probe, 28)}</text>'
        )


def _vertical(marks: Sequence[tuple[str, datetime]], over: Span) -> Iterator[str]:
    lines, labels, last = [], [], [-NEAR * 2.0] * LEVELS
    for said, at in marks:
        x = over.x(at)
        # The lowest level with room, else the one whose label is farthest away.
        free = (level for level in range(LEVELS) if x - last[level] >= NEAR)
        level = next(free, min(range(LEVELS), key=last.__getitem__))
        y, last[level] = TOP - 12 - level * 15, x
        lines.append(f'<line class="mark" x1="{x}" x2="{x}" y1="{y + 4}" y2="{FLOOR}"/>')
        inside = min(x, WIDTH - NEAR / 2)
        labels.append(f'<text class="said" x="{inside}" y="{y}" text-anchor="middle">{said} {at:%H:%M}</text>')
    # No line runs through a label: those are drawn above them.
    yield from (*lines, *labels)


def _changes(report: Report, over: Span) -> Iterator[str]:
    shown = [one for one in report.changes if over.start <= one.time <= over.end]
    words = hints([f"{clock(one.time)} change: {one.what}" for one in shown])
    for one, said in zip(shown, words, strict=True):
        yield f'<path class="change" d="M{over.x(one.time)} {FLOOR - 9}l7 9h-14z">{said}</path>'


def _steps(report: Report, over: Span) -> Iterator[str]:
    y = FLOOR + 36
    yield label("steps, and what", y - 2, "tick") + label("came of each", y + 11, "tick")
    for one in report.tried:
        if over.start <= one.time <= over.end:
            kind, sign = _sign(one)
            x = over.x(one.time)
            told = f"{one.time:%H:%M} {one.title or one.step}: {one.result.replace('_', ' ')}"
            yield (
                f'<g class="step {kind}">{hint(told)}<circle cx="{x}" cy="{y}" r="9"/>'
                f'<text x="{x}" y="{y + 4}" text-anchor="middle">{sign}</text></g>'
            )


def _sign(one: Tried) -> tuple[str, str]:
    if one.result in {"failed", "stopped"}:
        return "bad", "✗"
    if one.result in {"unknown", "running"}:
        return "part", "?"
    if one.undo:
        return "none", "↶"
    return _HELPED.get(one.helped or "", ("none", "·"))


def _told(report: Report, marks: Sequence[tuple[str, datetime]]) -> str:
    peak = f"It peaked at {report.impact.peak * 100:.0f} %. " if report.impact.peak is not None else ""
    order = ", ".join(f"{said} at {at:%H:%M}" for said, at in marks)
    return f"{peak}{order}. {len(report.tried)} steps and {len(report.changes)} changes are marked."
