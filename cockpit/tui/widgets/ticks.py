"""A list of which some are ticked."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from textual.binding import Binding
from textual.content import Content
from textual.message import Message

from cockpit.tui.paint import column, line, say
from cockpit.tui.widgets.choice import Menu

NAME = 20


class Ticks(Menu):
    """Space, or a click, ticks the line or takes the tick away; Enter sends the form."""

    class Changed(Message):
        """A tick came or went."""

    class Submitted(Message):
        """Enter was pressed."""

    BINDINGS = [Binding("space", "select", show=False), Binding("enter", "submit", show=False)]

    def __init__(self, entries: Sequence[tuple[str, str]], ticked: Collection[int], ident: str) -> None:
        self._entries = tuple(entries)
        self._ticked = set(ticked)
        super().__init__(*(self._drawn(place) for place in range(len(entries))), markup=False, id=ident)

    @property
    def places(self) -> tuple[int, ...]:
        """The lines ticked, from 0."""
        return tuple(sorted(self._ticked))

    def take(self, entries: Sequence[tuple[str, str]], ticked: Collection[int]) -> None:
        """Other lines in place of these."""
        self._entries, self._ticked = tuple(entries), set(ticked)
        self.clear_options()
        self.add_options(self._drawn(place) for place in range(len(entries)))
        self.highlighted = 0 if entries else None
        self.post_message(self.Changed())

    def action_select(self) -> None:
        if (place := self.highlighted) is not None:
            self._ticked ^= {place}
            self.replace_option_prompt_at_index(place, self._drawn(place))
            self.post_message(self.Changed())

    def action_submit(self) -> None:
        self.post_message(self.Submitted())

    def _drawn(self, place: int) -> Content:
        name, about = self._entries[place]
        stays = place in self._ticked
        word = say("[x] stays   " if stays else "[ ] leaves  ", "act" if stays else "muted")
        return line(word, column(name, NAME), " ", say(about, "muted"))
