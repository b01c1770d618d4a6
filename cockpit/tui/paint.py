"""Turns words and tones into lines of an exact width. No markup is ever read: brackets are brackets."""

from __future__ import annotations

from collections.abc import Iterable

from textual.content import Content
from textual.theme import Theme

from cockpit.protocol.views import Tone
from cockpit.text import SafeText

STYLES: dict[Tone, str] = {
    "plain": "",
    "muted": "$dim",
    "good": "$success",
    "warn": "$warning",
    "bad": "bold $error",
    "act": "$accent",
}
BADGE = "bold reverse"

THEME = Theme(
    name="cockpit",
    primary="#6ea8e0",
    accent="#6ea8e0",
    secondary="#8a93a0",
    warning="#e0a84a",
    error="#f0605d",
    success="#7fae7f",
    foreground="#d3d8de",
    background="#12161b",
    surface="#181d24",
    panel="#222932",
    variables={"dim": "#8b949e", "rule": "#343d48"},
)
"""Red is for what is down or overdue, amber for degraded and due soon, blue for what a person decides."""


def say(text: str, tone: Tone = "plain", *, bold: bool = False) -> Content:
    """One line of text in a tone."""
    style = f"bold {STYLES[tone]}".strip() if bold else STYLES[tone]
    return Content.styled(_one_line(text), style)


def badge(text: str, tone: Tone = "plain") -> Content:
    """A word set off from its line."""
    return Content.styled(f" {_one_line(text)} ", f"{STYLES[tone]} {BADGE}".strip())


def column(text: str, width: int, tone: Tone = "plain", *, right: bool = False, bold: bool = False) -> Content:
    """A cell of exactly that width, cut with an ellipsis; figures go to the right."""
    content = say(text, tone, bold=bold).truncate(width, ellipsis=True)
    room = width - content.cell_length
    return content.pad_left(room) if right else content.pad_right(room)


def line(*parts: Content | str) -> Content:
    """Parts one after the other."""
    return Content.assemble(*parts)


def spread(left: Content, right: Content, width: int) -> Content:
    """Two parts at the two edges; the right one stays whole, the left one gives way."""
    right = right.truncate(width, ellipsis=True)
    room = width - right.cell_length
    if room < 2:
        return right
    return line(left.truncate(room - 1, ellipsis=True).truncate(room, pad=True), right)


def listed(parts: Iterable[Content], gap: str = "   ") -> Content:
    """The parts that say something, with a gap between."""
    return Content(gap).join([part for part in parts if part.plain])


def fitting(parts: Iterable[Content], width: int, gap: str = "   ") -> Content:
    """As many of the parts as fit whole, the first ones first."""
    kept: list[Content] = []
    room = width + len(gap)
    for part in parts:
        if part.plain and (room := room - part.cell_length - len(gap)) >= 0:
            kept.append(part)
    return listed(kept, gap)


def wrapped(text: str, width: int, tone: Tone = "plain", *, indent: int = 0, most: int = 0) -> list[Content]:
    """Text on as many lines as it takes, or at most so many, the last then cut with an ellipsis."""
    room = max(8, width - indent)
    lines: list[Content] = []
    for paragraph in text.split("\n"):
        lines.extend(say(paragraph, tone).wrap(room) if paragraph else [Content("")])
    if most and len(lines) > most:
        rest = say(" ".join(part.plain.strip() for part in lines[most - 1 :]), tone)
        lines = [*lines[: most - 1], rest.truncate(room, ellipsis=True)]
    return [part.pad_left(indent) for part in lines]


def _one_line(text: str) -> str:
    """The last border before the screen: also what is made up of safe parts is made safe."""
    return SafeText(text).line
