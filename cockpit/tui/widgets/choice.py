"""Widgets to answer with: one of a few words, one of a list, a line or two of prose, a secret."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, OptionList, TextArea

from cockpit.text import SafeText
from cockpit.tui.calm import Calm
from cockpit.tui.paint import BADGE

_ENDS = (".", "!", "?", ":", ";", ",", "…")
"""After which more can follow without running into it."""


class Choice(Calm, Widget, can_focus=True):
    """One of a few words on one line; left and right choose. With None for its value nothing is chosen at first.

    Words that do not fit scroll by, so that the chosen one is in sight; an arrow says that there are more.
    """

    ALLOW_SELECT = False
    BINDINGS = [Binding("left,h", "choose(-1)", show=False), Binding("right,l,space", "choose(1)", show=False)]

    def __init__(self, words: Sequence[str], value: str | None, ident: str) -> None:
        super().__init__(id=ident)
        self._words = tuple(words)
        self._place = -1 if value is None else self._words.index(value) if value in self._words else 0

    @property
    def value(self) -> str:
        """The word chosen, empty for none yet."""
        return self._words[self._place] if self._place >= 0 else ""

    def render(self) -> Content:
        chosen = f"{BADGE} $accent" if self.has_focus else BADGE
        first, last = self._in_sight()
        words = [
            Content.styled(f" {self._words[place]} ", chosen if place == self._place else "$dim")
            for place in range(first, last)
        ]
        before, after = ("< " if first else ""), (" >" if last < len(self._words) else "")
        nothing = Content.styled("not chosen  ", "$accent" if self.has_focus else "$dim") if self._place < 0 else ""
        return Content.assemble(before, nothing, Content(" ").join(words), after)

    def _in_sight(self) -> tuple[int, int]:
        """The first word shown, and the one behind the last."""
        room = self.size.width - (12 if self._place < 0 else 0)
        first = 0
        while first < self._place and self._cells(first, self._place + 1) > room:
            first += 1
        last = max(self._place, 0) + 1
        while last < len(self._words) and self._cells(first, last + 1) <= room:
            last += 1
        return first, last

    def _cells(self, first: int, last: int) -> int:
        """What these words take, with the arrows to the rest."""
        return sum(cell_len(word) + 3 for word in self._words[first:last]) - 1 + 2 * bool(first) + 2 * (
            last < len(self._words)
        )  # fmt: skip

    def action_choose(self, places: int) -> None:
        self._choose(self._place + places)

    def _choose(self, place: int) -> None:
        self._place = max(0, min(place, len(self._words) - 1))
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        first, last = self._in_sight()
        start = 2 * bool(first) + (12 if self._place < 0 else 0)
        for place in range(first, last):
            end = start + cell_len(self._words[place]) + 3
            if start <= event.x < end:
                self._choose(place)
                return
            start = end


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

    @property
    def words(self) -> str:
        """What it says, on one line."""
        return " ".join(self.text.split())

    def action_submit(self) -> None:
        self.post_message(self.Submitted())


class Drafted(Prose):
    """A paragraph begun for a person: they type on its first line, and what is drafted comes after their words."""

    def __init__(self, draft: SafeText, ident: str) -> None:
        super().__init__(SafeText(f"\n{draft}" if draft else ""), ident)
        self._draft = self.text
        self.move_cursor((0, 0))

    @property
    def words(self) -> str:
        own = self.text.removesuffix(self._draft).rstrip()
        if not (self._draft and own and self.text.endswith(self._draft)):
            return super().words
        end = "" if own.endswith(_ENDS) else "."
        return " ".join(f"{own}{end} {self._draft}".split())


class Secret(Input):
    """A secret, masked. It is taken letter by letter as it is, never copied, and never cut off unseen."""

    class Unfit(Message):
        """What was pasted is no secret of one line."""

    def __init__(self, ident: str) -> None:
        super().__init__(password=True, id=ident, select_on_focus=False)

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        pasted = event.text.strip("\r\n")
        if pasted.isprintable():
            self.replace(pasted, *self.selection)
        else:
            self.post_message(self.Unfit())

    def action_copy(self) -> None:
        """Never: it would stand in the clipboard of whoever sits at the terminal."""

    def action_cut(self) -> None:
        """Never either."""
