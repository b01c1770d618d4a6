"""Widgets to answer with: one of a few words, one of a list, a line or two of prose."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import OptionList, TextArea

from cockpit.text import SafeText
from cockpit.tui.calm import Calm
from cockpit.tui.paint import BADGE


class Choice(Calm, Widget, can_focus=True):
    """One of a few words on one line; left and right choose."""

    ALLOW_SELECT = False
    BINDINGS = [Binding("left,h", "choose(-1)", show=False), Binding("right,l,space", "choose(1)", show=False)]

    def __init__(self, words: Sequence[str], value: str, ident: str) -> None:
        super().__init__(id=ident)
        self._words = tuple(words)
        self.value = value if value in self._words else self._words[0]

    def render(self) -> Content:
        chosen = f"{BADGE} $accent" if self.has_focus else BADGE
        styles = (chosen if word == self.value else "$dim" for word in self._words)
        return Content(" ").join(
            Content.styled(f" {word} ", style) for word, style in zip(self._words, styles, strict=True)
        )

    def action_choose(self, places: int) -> None:
        place = self._words.index(self.value) + places
        self.value = self._words[max(0, min(place, len(self._words) - 1))]
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        start = 0
        for word in self._words:
            end = start + len(word) + 3
            if start <= event.x < end:
                self.value = word
            start = end
        self.refresh()


class Menu(OptionList):
    """A list that also moves by j, k, g and G."""

    BINDINGS = [
        Binding("j", "cursor_down", show=False),
        Binding("k", "cursor_up", show=False),
        Binding("g", "first", show=False),
        Binding("G", "last", show=False),
    ]


class Prose(TextArea):
    """A paragraph that wraps; Enter sends the form, Tab goes on to the next field."""

    class Submitted(Message):
        """Enter was pressed."""

    BINDINGS = [Binding("enter", "submit", show=False, priority=True)]

    def __init__(self, text: SafeText, ident: str) -> None:
        super().__init__(text, id=ident, soft_wrap=True, show_line_numbers=False, tab_behavior="focus", compact=True)
        self.move_cursor(self.document.end)

    def action_submit(self) -> None:
        self.post_message(self.Submitted())
