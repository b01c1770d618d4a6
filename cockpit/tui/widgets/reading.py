"""A long text to read, in a box that scrolls."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from cockpit.protocol.views import Tone
from cockpit.text import SafeText
from cockpit.tui.paint import wrapped


class Reading(VerticalScroll):
    """Has the keys from the start; what is wider than the box goes on in the next line."""

    WIDTH = 66
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
        lines = [part for paragraph in self._text for part in wrapped(paragraph, self.WIDTH, self._tone)]
        yield Static(Content("\n").join(lines), markup=False)

    def on_mount(self) -> None:
        self.focus()
