"""One line of the timeline in full."""

from __future__ import annotations

from textual.app import ComposeResult

from cockpit.clock import moment
from cockpit.protocol.views import Row
from cockpit.tui.attachment import Attachment
from cockpit.tui.paint import column, line, say
from cockpit.tui.screens.modal import Modal, Words
from cockpit.tui.widgets.reading import Reading


class RowScreen(Modal):
    """What the pane cuts off: the whole text, the date, who did it, and its number in the journal."""

    def __init__(self, desk: Attachment, row: Row) -> None:
        super().__init__(desk, f"Event {row.seq}", "j k scroll    Esc back")
        self._row = row

    def parts(self) -> ComposeResult:
        row = self._row
        facts = (("Time", f"{moment(row.at):%Y-%m-%d %H:%M:%S} UTC"), ("By", row.actor.line), ("Kind", row.kind.line))
        for label, fact in facts:
            yield Words(line(column(label, 8, "muted"), say(fact)))
        yield Reading((row.text,), row.tone)
