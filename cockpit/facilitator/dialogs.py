"""The facilitator's questions: what to say, whether to leave a drill that stands still, and which keys there are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static

from cockpit.drills.model.values import Source
from cockpit.drills.script import Coming
from cockpit.facilitator import words
from cockpit.text import SafeText
from cockpit.tui.calm import Calm
from cockpit.tui.paint import column, line, say
from cockpit.tui.widgets.choice import Choice, Menu

SOURCES: tuple[Source, ...] = ("chat", "page", "phone", "executive")
HELP = (
    ("space", "pause the drill, and have it go on"),
    ("+  -", "faster, slower: 0.5, 1, 2, 6, 12, 30 or 60 times the real"),
    ("n", "say the next word of the scenario now"),
    ("s", "leave the next word of the scenario out"),
    ("i", "say another one of them, or words of your own"),
    ("?", "this"),
    ("q", "leave; the drill goes on"),
)
LIMIT = (
    "While the drill is paused its clock, its probes and its world stand still. A command of the responders that runs "
    "meanwhile keeps its own deadline in real time: a long pause may end it."
)

Own = tuple[str, Source, str]
"""Words of one's own: the text, where it comes from, and who says it."""
R = TypeVar("R")


class Dialog(Calm, ModalScreen[R | None]):
    """A question over the scene; Esc goes back, with None for its answer."""

    BINDINGS = [Binding("escape", "back", show=False)]

    def __init__(self, heading: str, foot: str) -> None:
        super().__init__()
        self._heading = heading
        self._foot = foot

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="card", can_focus=False):
            yield Static(self._heading, markup=False, classes="heading")
            yield from self.parts()
            yield Static(self._foot, markup=False, classes="foot")

    def parts(self) -> ComposeResult:
        """What stands between heading and foot."""
        yield from ()

    def action_back(self) -> None:
        self.dismiss(None)


class Which(Dialog["Coming | Literal['own']"]):
    """Which of the scenario's words is said now, or words of one's own."""

    def __init__(self, coming: Sequence[Coming]) -> None:
        super().__init__("Say from outside, now", "Enter chooses    j k move    Esc back")
        self._coming = tuple(coming)

    def parts(self) -> ComposeResult:
        known = [
            line(column(words.at(each.minute), 8, "muted"), say(words.coming(each)).truncate(58, ellipsis=True))
            for each in self._coming
        ]
        yield Menu(*known, line(column("own", 8, "muted"), say("words of your own", "act")), markup=False)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        # A second Enter may be on its way before the first has closed the question.
        if self.is_current:
            place = event.option_index
            self.dismiss(self._coming[place] if place < len(self._coming) else "own")


class Saying(Dialog[Own]):
    """Words of one's own."""

    # An input takes Enter for itself; from the choice of the source it comes here.
    BINDINGS = [Binding("enter", "say", show=False)]

    def __init__(self) -> None:
        super().__init__("Say from outside, in your own words", "Tab goes on    Enter says it    Esc back")

    def parts(self) -> ComposeResult:
        yield Static("Where it comes from", markup=False, classes="label")
        yield Choice(SOURCES, "chat", "source")
        yield Static("Who says it, may be empty", markup=False, classes="label")
        yield Input(id="who", placeholder="support", max_length=60)
        yield Static("What", markup=False, classes="label")
        yield Input(id="text", max_length=400)
        yield Static("", id="refusal", markup=False)

    def on_mount(self) -> None:
        self.query_one("#text", Input).focus()

    def on_input_submitted(self) -> None:
        self.action_say()

    def action_say(self) -> None:
        text = SafeText(self.query_one("#text", Input).value).line.strip()
        if not text:
            self.query_one("#refusal", Static).update("Say something, or Esc goes back.")
            self.query_one("#text", Input).focus()
            return
        chosen = self.query_one("#source", Choice).value
        source = next(each for each in SOURCES if each == chosen)
        self.dismiss((text, source, SafeText(self.query_one("#who", Input).value).line.strip()))


class Leaving(Dialog[Literal["resume", "leave"]]):
    """Whether a drill that stands still is left so."""

    BINDINGS = [
        Binding("r", "answer('resume')", show=False),
        Binding("l", "answer('leave')", show=False),
    ]

    def __init__(self) -> None:
        super().__init__("The drill is paused.", "r has it go on and leaves    l leaves it paused    Esc stays")

    def parts(self) -> ComposeResult:
        yield Static(
            "It stands still until somebody has it go on: here, or by `cockpit drill facilitate --resume`.",
            markup=False,
        )

    def action_answer(self, answer: Literal["resume", "leave"]) -> None:
        self.dismiss(answer)


class Keys(Dialog[None]):
    """Which keys there are."""

    BINDINGS = [Binding("question_mark,q,enter", "back", show=False)]

    def __init__(self) -> None:
        super().__init__("Leading a drill", "Esc back")

    def parts(self) -> ComposeResult:
        rows = [line(column(key, 9, "act"), say(what)) for key, what in HELP]
        yield Static(Content("\n").join(rows), markup=False)
        yield Static(f"\n{LIMIT}", markup=False)
