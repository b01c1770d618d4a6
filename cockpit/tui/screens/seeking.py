"""Asks to which moment of a replay to go."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import Input

from cockpit.protocol.seeking import sought
from cockpit.tui.attachment import Attachment
from cockpit.tui.calm import calmly
from cockpit.tui.screens.form import entry
from cockpit.tui.screens.modal import Modal


class SeekForm(Modal):
    """One line; Enter goes there."""

    def __init__(self, desk: Attachment) -> None:
        super().__init__(desk, "Go to", "Enter goes there    Esc back")

    def parts(self) -> ComposeResult:
        yield from entry("10:55, 10:55:30, +12m after the declaration, or #41 for an event", "place")

    def on_input_submitted(self) -> None:
        view = self.desk.frame.replay
        if view is None:
            return
        try:
            there = sought(self.query_one("#place", Input).value, view.start, view.end, view.last)
        except ValueError as error:
            self.refuse(str(error))
            return
        self.app.run_worker(calmly(self.app, self.desk.send(there)), exit_on_error=False)
        self.dismiss()
