"""The cockpit's own glyphs in ASCII, for a terminal that has no others. Words from outside stay as they are."""

from __future__ import annotations

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_LINES = str.maketrans("─━│┃┌┐└┘├┤┬┴┼╱╲…·•›→←↑↓", "--||+++++++++/\\~.*>><^v")
_BLOCKS = dict.fromkeys(range(0x2580, 0x25A0), " ")
"""Of a scroll bar they are but the rounded ends; a sparkline is made of others."""
_ASCII: dict[int, int | str] = {**_LINES, **_BLOCKS}


class Plain(LineFilter):
    """Exchanges every glyph for a character of the same width."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [
            segment if segment.text.isascii() else Segment(segment.text.translate(_ASCII), segment.style)
            for segment in segments
        ]


PLAIN = Plain()
