"""A list to choose from."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import OptionList

from cockpit.tui.attachment import Attachment
from cockpit.tui.paint import column, line, say, wrapped
from cockpit.tui.screens.modal import Modal, Words
from cockpit.tui.widgets.choice import Menu


class MenuScreen(Modal):
    """Enter takes the entry; the next question, if any, comes from `chosen`. `said` is what to know first."""

    def __init__(
        self,
        desk: Attachment,
        heading: str,
        entries: Sequence[tuple[str, str]],
        chosen: Callable[[int], None],
        said: str = "",
    ) -> None:
        super().__init__(desk, heading, "Enter chooses    j k move    Esc back")
        self._entries = entries
        self._chosen = chosen
        self._said = said

    def parts(self) -> ComposeResult:
        if self._said:
            yield Words(Content("\n").join([*wrapped(self._said, 68), Content("")]))
        verb = max((len(word) for word, _ in self._entries), default=0)
        room = 66 - verb
        yield Menu(
            *(
                line(column(word, verb + 2 if verb else 0, "muted"), say(about).truncate(room, ellipsis=True))
                for word, about in self._entries
            ),
            markup=False,
        )

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        # A second Enter may be on its way before the first has closed the question.
        if self.is_current:
            self.dismiss()
            self._chosen(event.option_index)
