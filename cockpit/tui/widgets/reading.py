"""A long text to read, or what is new in it, in a box that scrolls."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from cockpit.protocol.views import Tone
from cockpit.text import SafeText
from cockpit.tui.paint import line, say, wrapped

WIDTH = 66
"""Cells of a line, the scroll bar left out."""


class Reading(VerticalScroll):
    """Has the keys from the start; what is wider than the box goes on in the next line."""

    BINDINGS = [
        Binding("j", "scroll_down", show=False),
        Binding("k", "scroll_up", show=False),
        Binding("g", "scroll_home", show=False),
        Binding("G", "scroll_end", show=False),
    ]

    def __init__(self, text: Sequence[SafeText], tone: Tone = "plain") -> None:
        super().__init__()
        self._text = text
        self._tone: Tone = tone

    def compose(self) -> ComposeResult:
        yield Static(Content("\n").join(self.lines(self._text)), markup=False)

    def lines(self, text: Sequence[SafeText]) -> Iterator[Content]:
        """The text as it is drawn."""
        for paragraph in text:
            yield from wrapped(paragraph, WIDTH, self._tone)

    def on_mount(self) -> None:
        self.focus()


class Difference(Reading):
    """A unified diff: `+` is new and `-` is gone, by sign and by colour."""

    def lines(self, text: Sequence[SafeText]) -> Iterator[Content]:
        for sign, words in signed(text):
            if not sign:
                yield from wrapped(words, WIDTH, "muted")
                continue
            tone = _TONES[sign]
            # What goes on in the next line says so: it must not be taken for a line of its own.
            for place, part in enumerate(wrapped(words, WIDTH - 2, tone)):
                yield line(say(f"{sign}{'…' if place else ' '}", tone), part)


_TONES: dict[str, Tone] = {"+": "good", "-": "bad", " ": "plain"}
_HUNK = re.compile(r"@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")


def signed(diff: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Sign and text of each line of a unified diff, no sign for what only says where it is.

    Lines are counted as the head of their hunk says: a line of the text may itself begin like a head. One that begins
    with a backslash goes on with the line before.
    """
    gone = new = 0
    for each, rest in _whole(diff):
        if gone > 0 or new > 0:
            sign = each[:1] if each[:1] in _TONES else " "
            gone -= sign != "+"
            new -= sign != "-"
            yield sign, each[1:] + rest
            continue
        if (hunk := _HUNK.match(each)) is not None:
            gone, new = (int(count) if count is not None else 1 for count in hunk.groups())
        yield "", each + rest


def _whole(diff: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each line with what goes on with it."""
    firsts = [place for place, each in enumerate(diff) if not place or not each.startswith("\\")]
    for place, end in pairwise([*firsts, len(diff)]):
        yield diff[place], "".join(each[1:] for each in diff[place + 1 : end])
