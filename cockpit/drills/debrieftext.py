"""The debrief as plain text, no wider than a small screen."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

from cockpit.drills import scoretext
from cockpit.drills.debrief import Debrief, Line, axis
from cockpit.drills.harder import WORDS, Modifier
from cockpit.drills.model.values import Axis
from cockpit.drills.patterns import Finding
from cockpit.drills.score import BESIDE, Score

WIDTH = 80
SCALE = 60
"""Characters of the scale from T0 to the last moment."""
_COLUMN = (WIDTH - 10) // 2 - 1
_LETTERS: dict[Axis, str] = {
    "impact_start": "i", "detected": "d", "declared": "D", "first_update": "U", "mitigated": "M", "verified": "V",
    "resolved": "R",
}  # fmt: skip


def render(document: Debrief) -> str:
    """The whole debrief: the score, the scale, the moves side by side, the habits, what the drill is about."""
    parts = [
        scoretext.render(document.score), _harder(document.modifiers), _scale(document.score), _moves(axis(document)),
        _habits(document.findings), _learn(document.learn),
    ]  # fmt: skip
    return "\n\n".join(part for part in parts if part)


def _harder(modifiers: Sequence[Modifier]) -> str:
    return "\n".join(["Made harder:", "", *(f"  {name}: {WORDS[name]}" for name in modifiers)]) if modifiers else ""


def _scale(score: Score) -> str:
    """One line a team: what it had reached by when."""
    rows: dict[str, Mapping[Axis, float]] = {
        "you": {one.axis: one.minute for one in score.passed if one.minute is not None}
    }
    for index, play in enumerate(BESIDE):
        rows[play] = {one.axis: at.minute for one in score.passed if (at := one.beside[index]) is not None}
    end = max((minute for row in rows.values() for minute in row.values()), default=0.0)
    if end <= 0:
        return ""
    lines = [f"  {name:<10}{_line(row, end)}" for name, row in rows.items() if row]
    key = "  ".join(f"{letter} {scoretext.TITLES[name]}" for name, letter in _LETTERS.items())
    ends = f"  {'':<10}T0{f'T{end:.0f}':>{SCALE - 2}}"
    return "\n".join(
        [
            "On one scale:",
            "",
            ends,
            *lines,
            "",
            *textwrap.wrap(key, WIDTH - 4, initial_indent="  ", subsequent_indent="  "),
        ]
    )


def _line(row: Mapping[Axis, float], end: float) -> str:
    cells = ["·"] * SCALE
    for name, letter in _LETTERS.items():
        if name in row:
            place = round(max(0.0, row[name]) / end * (SCALE - 1))
            # What came at the same moment stands beside it: nothing hides another.
            while place < SCALE - 1 and cells[place] != "·":
                place += 1
            while cells[place] != "·":
                place -= 1
            cells[place] = letter
    return "".join(cells)


def _moves(lines: Sequence[Line]) -> str:
    head = [f"  {'':<8}{'you':<{_COLUMN}}  the original team", ""]
    return "\n".join(["Side by side:", "", *head, *(row for line in lines for row in _move(line))])


def _move(line: Line) -> list[str]:
    yours = textwrap.wrap(line.yours, _COLUMN)[:3] or [""]
    theirs = textwrap.wrap(line.theirs, _COLUMN)[:4] or [""]
    rows = []
    for index in range(max(len(yours), len(theirs))):
        at = f"T{line.minute:.1f}" if index == 0 else ""
        left = yours[index] if index < len(yours) else ""
        right = theirs[index] if index < len(theirs) else ""
        rows.append(f"  {at:<8}{left:<{_COLUMN}}  {right}".rstrip())
    return rows


def _habits(found: Sequence[Finding]) -> str:
    if not found:
        return "Habits to lose: none was seen."
    lines = ["Habits to lose, with what shows them:"]
    for one in found:
        lines += ["", f"  {one.name}"]
        for evidence in one.evidence:
            text = f"T{evidence.minute:.1f}  {evidence.text}"
            lines += textwrap.wrap(text, WIDTH - 4, initial_indent="    ", subsequent_indent="           ")
        lines += textwrap.wrap(f"instead: {one.instead}", WIDTH - 4, initial_indent="    ", subsequent_indent="    ")
    return "\n".join(lines)


def _learn(learn: Sequence[str]) -> str:
    if not learn:
        return ""
    lines = ["What this drill is about:"]
    for one in learn:
        lines += textwrap.wrap(one, WIDTH - 4, initial_indent="  - ", subsequent_indent="    ")
    return "\n".join(lines)
