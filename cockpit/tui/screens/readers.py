"""What readers see: the card and the thread in plain text, and the card alone to paste by hand."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content

from cockpit.protocol.client import Told
from cockpit.protocol.messages import Fetch, FetchPreview
from cockpit.protocol.older import unaskable
from cockpit.protocol.views import PreviewView
from cockpit.text import SafeText
from cockpit.tui.attachment import Attachment
from cockpit.tui.paint import say
from cockpit.tui.screens.live import Live
from cockpit.tui.screens.modal import Modal, Words
from cockpit.tui.widgets.readers import Readers

COPIED = "Copied, where the terminal allows it. Shift and drag selects. Esc back"


class ReadersScreen(Live):
    """Asks again when something was told since."""

    CSS_PATH = ["modal.tcss", "live.tcss", "readers.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [Binding("y", "copy", show=False)]

    def __init__(self, desk: Attachment) -> None:
        self.readers = Readers(desk.frame)
        super().__init__(desk, "y copy the card as text", self.readers)
        self._asked_for = desk.frame.broadcast

    def question(self) -> Fetch | None:
        # The whole thread is read for each answer: it is asked for anew only when something changed.
        fresh, self._asked_for = self.readers.view is None, self.desk.frame.broadcast
        question = FetchPreview()
        return question if fresh and not unaskable(question, self.desk.frame.spoken) else None

    def follow(self) -> None:
        super().follow()
        if self.desk.frame.broadcast != self._asked_for:
            self.readers.view = None
            self.ask()

    def answered(self, told: Told) -> None:
        if isinstance(told, PreviewView):
            self.readers.take(told)
            self.readers.redraw()

    def action_copy(self) -> None:
        self.app.push_screen(CopyScreen(self.desk, self.desk.frame.broadcast.preview))


class CopyScreen(Modal):
    """The text and nothing else beside it, so that a terminal selects just that; and in the clipboard already."""

    CSS_PATH = ["modal.tcss", "copy.tcss"]

    def __init__(self, desk: Attachment, text: SafeText) -> None:
        super().__init__(desk, "", COPIED)
        self._text = text

    def parts(self) -> ComposeResult:
        lines = [say(each) for each in self._text.split("\n")]
        yield Words(Content("\n").join(lines), "text")

    def on_mount(self) -> None:
        card = self.query_one("#card")
        card.can_focus = True
        card.focus()
        self.app.copy_to_clipboard(self._text)
