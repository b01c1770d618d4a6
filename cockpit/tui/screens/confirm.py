"""The last look before something happens: what exactly, what it changes, what undoes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Input

from cockpit.protocol.commands import AnyCommand
from cockpit.protocol.messages import Answer
from cockpit.text import SafeText
from cockpit.tui.attachment import Attachment
from cockpit.tui.paint import column, line, say, wrapped
from cockpit.tui.screens.modal import Modal, Words
from cockpit.tui.widgets.reading import Reading

AGAIN = "Esc, then look again: this very question is over."


@dataclass(frozen=True)
class Question:
    """What to show, and the command that a yes makes. `typed` must be typed where one key is not enough.

    `source` is a longer text that the yes is about.
    """

    heading: str
    shown: str
    facts: tuple[tuple[str, str], ...]
    command: Callable[[str], AnyCommand]
    typed: str = ""
    source: tuple[SafeText, ...] = ()


class Confirmation(Modal):
    """`y` confirms; Enter does not, unless the word asked for stands beside it."""

    CSS_PATH = ["modal.tcss", "confirm.tcss"]
    BINDINGS = [Binding("y", "confirm", show=False)]

    def __init__(self, desk: Attachment, question: Question) -> None:
        foot = "Enter, once it is typed, confirms    Esc back" if question.typed else "y  yes, do it    Esc back"
        super().__init__(desk, question.heading, foot)
        self._question = question
        self._over = False

    def parts(self) -> ComposeResult:
        question = self._question
        for label, fact in question.facts:
            if fact:
                yield Words(_fact(label, fact))
        if question.source:
            yield Reading(question.source)
        # Last, so that it stands beside what is typed even where the card has to scroll.
        yield Words(Content("\n").join(wrapped(question.shown, 62)), classes="command")
        if question.typed:
            yield Words(line(say("Type "), say(question.typed, "act"), say(" to confirm")), classes="label")
            yield Input(id="typed")

    def action_confirm(self) -> None:
        if not self._question.typed:
            self._go("")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        if event.value != self._question.typed:
            self.refuse(f"That is not it. Type exactly: {self._question.typed}")
            return
        self._go(event.value)

    def _go(self, typed: str) -> None:
        if self.still() and not self._over:
            self.submit((self._question.command(typed),))

    def refused(self, command: AnyCommand, answer: Answer) -> None:
        self._over = True
        self.query_one(".foot", Words).update(say(AGAIN, "muted"))


def _fact(label: str, fact: str) -> Content:
    first, *rest = wrapped(fact, 54)
    lines = [line(column(label, 15, "muted"), first), *(each.pad_left(15) for each in rest)]
    return Content("\n").join(lines)
