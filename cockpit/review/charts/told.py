"""The clock of the broadcasts: when a word was due, and when it came."""

from __future__ import annotations

from collections.abc import Iterator

from cockpit.review.charts.canvas import WIDTH, Span, axis, clock, hint, hints, label, picture
from cockpit.review.model import Report

DUE, SENT, FLOOR = 26, 62, 88


def told(report: Report, over: Span) -> str:
    """The picture; empty where nothing was told and nothing was due."""
    said = report.communications
    if not said.updates and not said.missed:
        return ""
    parts = [axis(over, FLOOR, 8), label("due", DUE + 4), label("sent", SENT + 4), *_promised(report, over)]
    parts += [*_sent(report, over), *_missed(report, over)]
    words = f"{len(said.updates)} updates were sent, {len(said.missed)} were due and did not come in time."
    return picture("told", "Updates due and sent", words, FLOOR + 26, parts)


def _promised(report: Report, over: Span) -> Iterator[str]:
    """From each update to the moment it promised the next for."""
    for one in report.communications.updates:
        if one.next_due is not None and over.start <= one.next_due <= over.end:
            x, y = over.x(one.time), over.x(one.next_due)
            yield (
                f'<path class="promise" d="M{x} {SENT - 8}Q{x} {DUE} {y - 7} {DUE}"/>'
                f'<circle class="due" cx="{y}" cy="{DUE}" r="5">'
                f"<title>the next was due at {clock(one.next_due)}</title></circle>"
            )


def _sent(report: Report, over: Span) -> Iterator[str]:
    updates = report.communications.updates
    words = hints(
        [f"{clock(one.time)} {'by itself' if one.automatic else f'by {one.by}'}: {one.text}" for one in updates]
    )
    for one, said in zip(updates, words, strict=True):
        # By a person a full disc, by itself an empty ring.
        kind = "auto" if one.automatic else "person"
        yield f'<circle class="sent {kind}" cx="{over.x(one.time)}" cy="{SENT}" r="6">{said}</circle>'


def _missed(report: Report, over: Span) -> Iterator[str]:
    for one in report.communications.missed:
        if one.due > over.end:
            continue
        x, y = over.x(one.due), over.x(one.came or over.end)
        side = "end" if x > WIDTH - 150 else "start"
        words = f"due at {one.due:%H:%M}, {one.minutes_late:g} min late"
        yield (
            f'<rect class="late" x="{x}" y="{DUE + 14}" width="{round(max(y - x, 3), 1)}" height="8" rx="2">'
            f"{hint(words)}</rect>"
            f'<text class="said" x="{x}" y="{DUE - 9}" text-anchor="{side}">✗ {one.minutes_late:g} min late</text>'
        )
