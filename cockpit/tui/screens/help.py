"""Every key of the cockpit's screen."""

from __future__ import annotations

from itertools import groupby

from textual.app import ComposeResult

from cockpit.tui.attachment import Attachment
from cockpit.tui.paint import column, line, say
from cockpit.tui.screens.modal import Modal, Words


class HelpScreen(Modal):
    CSS_PATH = ["modal.tcss", "help.tcss"]

    def __init__(self, desk: Attachment, keys: tuple[tuple[str, str, str], ...]) -> None:
        super().__init__(desk, "Keys", "Esc back")
        self._keys = keys

    def parts(self) -> ComposeResult:
        for group, entries in groupby(sorted(self._keys, key=self._order), key=lambda entry: entry[0]):
            yield Words(say(group, "muted"), classes="label")
            for _, key, title in entries:
                yield Words(line(column(key, 12, bold=True), say(title)))

    def on_mount(self) -> None:
        card = self.query_one("#card")
        card.can_focus = True
        card.focus()

    def _order(self, entry: tuple[str, str, str]) -> int:
        return [group for group, _, _ in self._keys].index(entry[0])
