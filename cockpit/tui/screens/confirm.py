"""The last look before something happens: what exactly, what it changes, what undoes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Input

from cockpit.protocol.commands import AnyCommand, Approve
from cockpit.protocol.messages import Answer
from cockpit.text import SafeText
from cockpit.tui.attachment import Attachment
from cockpit.tui.layout import shape_of
from cockpit.tui.paint import column, line, say, wrapped
from cockpit.tui.screens.modal import Modal, Words
from cockpit.tui.widgets.choice import Secret
from cockpit.tui.widgets.reading import Difference, Reading

AGAIN = "Esc, then look again: this very question is over."
SLEPT = "This question is over: the host slept. Esc, look again."
UNSEEN = "Make the window larger first: what a yes would run may be out of sight."
SLEPT_AT_LEAST = 2.0
"""Seconds of sleep after which nobody knows any more what a yes would be said to."""
LABEL = 15
"""Cells of a fact's label."""
ROOM = 54
"""Cells of a fact."""


@dataclass(frozen=True)
class Given:
    """What a yes came with."""

    typed: str = ""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    reason: str = ""


@dataclass(frozen=True)
class Question:
    """What to show, and the command that a yes makes. `typed` must be typed where one key is not enough.

    `final` is said loudly. `source` is a longer text that the yes is about, `diff` what is new in it. `secrets` are
    asked for by name, and `reason` is the label of a line that may stay empty.
    """

    heading: str
    shown: str
    facts: tuple[tuple[str, str], ...]
    command: Callable[[Given], AnyCommand]
    typed: str = ""
    source: tuple[SafeText, ...] = ()
    diff: tuple[SafeText, ...] = ()
    final: str = ""
    secrets: tuple[str, ...] = ()
    reason: str = ""

    @property
    def foot(self) -> str:
        """The keys."""
        if self.typed or self.secrets:
            return "Enter, once it is typed, confirms    Esc back"
        return f"y  yes, do it{'    Tab  say why' if self.reason else ''}    Esc back"


class Confirmation(Modal):
    """`y` confirms; Enter does not, unless what is asked for stands beside it. After a sleep nothing does."""

    CSS_PATH = ["modal.tcss", "confirm.tcss"]
    AUTO_FOCUS = "Secret, #typed, Reading"
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-tall")]
    BINDINGS = [Binding("y", "confirm", show=False)]

    def __init__(self, desk: Attachment, question: Question) -> None:
        super().__init__(desk, question.heading, question.foot)
        self._question = question
        self._asleep = desk.asleep()
        self._over = False

    def parts(self) -> ComposeResult:
        question = self._question
        for label, fact in question.facts:
            if fact:
                yield Words(_fact(label, fact))
        if question.source or question.diff:
            yield Difference(question.diff) if question.diff else Reading(question.source)
        if question.final:
            yield Words(Content("\n").join(wrapped(question.final, 68, "bad")), classes="final")
        # Last, so that it stands beside what is typed even where the card has to scroll.
        yield Words(Content("\n").join(wrapped(question.shown, 62)), classes="command")
        for place, name in enumerate(question.secrets):
            yield Words(line(say("Secret "), say(name, "act"), say("  (not stored, not shown)")), classes="label")
            yield Secret(f"secret-{place}")
        if question.typed:
            yield Words(line(say("Type "), say(question.typed, "act"), say(" to confirm")), classes="label")
            yield Input(id="typed")
        if question.reason:
            yield Words(say(question.reason), classes="label")
            yield Input(id="reason")

    def on_mount(self) -> None:
        self.set_interval(1.0, self._look)

    def _look(self) -> None:
        if not self._over and self.desk.asleep() - self._asleep >= SLEPT_AT_LEAST:
            self._end(SLEPT)
            self.refuse(SLEPT)

    def action_confirm(self) -> None:
        if not (self._question.typed or self._question.secrets):
            self._go()

    def on_input_submitted(self) -> None:
        for place, words in self._missing():
            self.refuse(words)
            self.query_one(place).focus()
            return
        self._go()

    def on_secret_unfit(self) -> None:
        self.refuse("None of it was taken: a secret is one line of plain characters.")

    def _missing(self) -> Iterator[tuple[str, str]]:
        """Where what is still to be typed belongs, and the words that ask for it."""
        question = self._question
        for place, name in enumerate(question.secrets):
            if not self._value(f"#secret-{place}"):
                yield f"#secret-{place}", f"{name} is empty: type it, or Esc."
        if question.typed and self._value("#typed").strip() != question.typed:
            yield "#typed", f"That is not it. Type exactly: {question.typed}"

    def _value(self, place: str) -> str:
        return self.query_one(place, Input).value

    def _go(self) -> None:
        self._look()
        if shape_of(self.size.width, self.size.height) == "small":
            self.refuse(UNSEEN)
            return
        if self.still() and not self._over:
            self.confirmed(self._given())

    def _given(self) -> Given:
        question = self._question
        return Given(
            self._value("#typed").strip() if question.typed else "",
            {name: self._value(f"#secret-{place}") for place, name in enumerate(question.secrets)},
            self._value("#reason").strip() if question.reason else "",
        )

    def confirmed(self, given: Given) -> None:
        """What a yes does."""
        self.submit((self._question.command(given),))

    def refused(self, command: AnyCommand, answer: Answer) -> None:
        if isinstance(command, Approve) and answer.refusal == "invalid":
            self.query_one("#reason").focus()
        else:
            self._end(AGAIN)

    def _end(self, words: str) -> None:
        self._over = True
        self.query_one(".foot", Words).update(say(words, "muted"))
        for each in self.query(Secret):
            each.clear()


def _fact(label: str, fact: str) -> Content:
    first, *rest = wrapped(fact, ROOM)
    lines = [line(column(label, LABEL, "muted"), first), *(each.pad_left(LABEL) for each in rest)]
    return Content("\n").join(lines)
