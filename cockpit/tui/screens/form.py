"""A question with fields to fill in: Tab goes on, Enter sends, Esc goes back."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

from textual.app import ComposeResult
from textual.widgets import Input

from cockpit.protocol.commands import AnyCommand
from cockpit.text import SafeText
from cockpit.tui.attachment import Attachment
from cockpit.tui.paint import say
from cockpit.tui.screens.modal import Modal, Words
from cockpit.tui.widgets.choice import Choice, Drafted, Prose


class Incomplete(ValueError):
    """The form cannot go yet; the message says what is missing."""


class Form(Modal):
    """A subclass yields its fields, and makes commands of what was typed."""

    def __init__(self, desk: Attachment, heading: str) -> None:
        super().__init__(desk, heading, "Enter sends    Tab next field    Esc back")

    @abstractmethod
    def commands(self) -> Sequence[AnyCommand]:
        """What to send; raises Incomplete."""

    def on_input_submitted(self) -> None:
        self._submit()

    def on_prose_submitted(self) -> None:
        self._submit()

    def key_enter(self) -> None:
        self._submit()

    def _submit(self) -> None:
        if not self.still():
            return
        try:
            commands = self.commands()
        except Incomplete as missing:
            self.refuse(str(missing))
            return
        self.submit(commands)

    def typed(self, field: str) -> str:
        """The text of a one-line field."""
        return self.query_one(f"#{field}", Input).value.strip()

    def prose(self, field: str) -> str:
        """The text of a longer field, on one line."""
        return self.query_one(f"#{field}", Prose).words

    def choice(self, field: str) -> str:
        """The word chosen."""
        return self.query_one(f"#{field}", Choice).value


def entry(label: str, field: str, value: SafeText | None = None) -> ComposeResult:
    """A labelled line to type in."""
    yield Words(say(label), classes="label")
    yield Input(value or "", id=field, select_on_focus=False)


def paragraph(label: str, field: str, value: SafeText) -> ComposeResult:
    """A labelled paragraph to type in."""
    yield Words(say(label), classes="label")
    yield Prose(value, field)


def drafted(label: str, field: str, draft: SafeText) -> ComposeResult:
    """A labelled paragraph to type in, before what is drafted."""
    yield Words(say(label), classes="label")
    yield Drafted(draft, field)


def pick(label: str, field: str, words: Sequence[str], value: str | None) -> ComposeResult:
    """A labelled choice of one word, None when nobody has chosen yet."""
    yield Words(say(f"{label}  (left and right choose)"), classes="label")
    yield Choice(words, value, field)
