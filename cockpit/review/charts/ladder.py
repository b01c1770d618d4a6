"""What was tried, one rung below the other, with what came of each and how the error rate moved."""

from __future__ import annotations

from collections.abc import Iterator

from cockpit.review.charts.canvas import LEFT, WIDTH, hint, label, picture, words
from cockpit.review.model import Report, Tried

ROW, TOP = 34, 6
SHOWN = 30
"""Rungs at most: what is beyond stands in the table."""
_HELPED = {
    "pass": ("good", "✓ helped"),
    "no_effect": ("none", "0 no effect"),
    "better": ("part", "~ better, not well"),
    "worse": ("bad", "! worse"),
    "inconclusive": ("part", "? nobody can tell"),
    "not_verified": ("part", "? not verified"),
}


def ladder(report: Report) -> str:
    """The picture; empty where nothing was tried."""
    rungs = [one for one in report.tried if one.helped is not None or one.undo or one.result != "ok"][:SHOWN]
    if not rungs:
        return ""
    parts = [part for row, one in enumerate(rungs) for part in _rung(one, TOP + row * ROW)]
    told = "; ".join(f"{one.title or one.step}: {_word(one)[1][2:]}" for one in rungs)
    return picture("ladder", "What was tried, in order", told, TOP + len(rungs) * ROW + 4, parts)


def _rung(one: Tried, y: float) -> Iterator[str]:
    kind, word = _word(one)
    undo = "undo: " if one.undo else ""
    yield label(f"{one.time:%H:%M}", y + 20, "tick")
    yield f'<rect class="rung {kind}" x="{LEFT}" y="{y + 4}" width="{WIDTH - LEFT - 20}" height="26" rx="6"/>'
    yield (
        f'<text class="rungname" x="{LEFT + 12}" y="{y + 21}">{words(undo + (one.title or one.step), 44)}'
        f"{hint(one.command)}</text>"
    )
    yield f'<text class="word {kind}" x="{WIDTH - 34}" y="{y + 21}" text-anchor="end">{word}</text>'
    if one.before is not None and one.after is not None:
        x = LEFT + 330
        yield (
            f'<rect class="was" x="{x}" y="{y + 10}" width="{one.before * 120:.1f}" height="5" rx="2"/>'
            f'<rect class="is" x="{x}" y="{y + 18}" width="{max(one.after * 120, 1):.1f}" height="5" rx="2"/>'
            f'<text class="tick" x="{x + 130}" y="{y + 21}">{one.before * 100:.0f} → {one.after * 100:.0f} %</text>'
        )


def _word(one: Tried) -> tuple[str, str]:
    if one.result in {"failed", "stopped"}:
        return "bad", f"✗ {one.result}"
    if one.result in {"unknown", "running", "never_ran"}:
        return "part", f"? {one.result.replace('_', ' ')}"
    return _HELPED.get(one.helped or "", ("none", "↶ undone" if one.undo else "· done"))
