"""Forms of a line or two: a note, a reason, what became of an attempt, closing the incident."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input

from cockpit.protocol.commands import AnyCommand, Note, Resolve
from cockpit.protocol.messages import Answer
from cockpit.protocol.taking import Reply, Settled, command_of
from cockpit.protocol.views import Offer
from cockpit.tui.attachment import Attachment
from cockpit.tui.paint import say, wrapped
from cockpit.tui.screens.form import Form, Incomplete, entry, pick
from cockpit.tui.screens.modal import Words

VERDICTS: dict[str, Settled] = {
    "took effect": "took_effect", "had no effect": "no_effect", "done by hand": "by_hand", "leave it so": "skipped",
}  # fmt: skip


class NoteForm(Form):
    def __init__(self, desk: Attachment) -> None:
        super().__init__(desk, "Note for the timeline")

    def parts(self) -> ComposeResult:
        yield Input(id="text")

    def commands(self) -> Sequence[AnyCommand]:
        if not self.typed("text"):
            raise Incomplete("A note needs a word or two.")
        return (Note(text=self.typed("text")),)


@dataclass(frozen=True)
class Because:
    """What a reason is asked for: the label of its line, what to say when it is missing, the command it makes.

    `said` is what to know first.
    """

    heading: str
    label: str
    missing: str
    command: Callable[[str], AnyCommand]
    said: tuple[str, ...] = ()


class ReasonForm(Form):
    """Something that nobody does without saying why."""

    def __init__(self, desk: Attachment, because: Because) -> None:
        super().__init__(desk, because.heading)
        self._because = because

    def parts(self) -> ComposeResult:
        for said in self._because.said:
            yield Words(Content("\n").join(wrapped(said, 68, "warn")))
        yield from entry(self._because.label, "reason")

    def commands(self) -> Sequence[AnyCommand]:
        if not self.typed("reason"):
            raise Incomplete(self._because.missing)
        return (self._because.command(self.typed("reason")),)


class SettleForm(Form):
    """What became of an attempt nobody else can judge."""

    def __init__(self, desk: Attachment, run: str, offer: Offer) -> None:
        super().__init__(desk, f"What became of it? {offer.title.line}")
        self._run = run
        self._offer = offer

    def parts(self) -> ComposeResult:
        if self._offer.command:
            yield Words(say(self._offer.command.line), classes="command")
        if self._offer.consequence:
            yield Words(say(self._offer.consequence.line, "warn"))
        yield from pick("It", "verdict", tuple(VERDICTS), None)
        yield from entry("How you know", "reason")

    def commands(self) -> Sequence[AnyCommand]:
        if not self.typed("reason"):
            raise Incomplete("Say how you know: nobody else can.")
        if not self.choice("verdict"):
            raise Incomplete("Choose what became of it: left and right.")
        verdict = VERDICTS[self.choice("verdict")]
        reply = Reply(self._offer, option=verdict, reason=self.typed("reason"))
        return (command_of(reply, self._run, os.environ),)


class ResolveForm(Form):
    """Closes the incident; what stands against it is shown, and then a reason is asked for."""

    CSS_PATH = ["modal.tcss", "reasons.tcss"]

    def __init__(self, desk: Attachment) -> None:
        super().__init__(desk, f"Resolve {desk.frame.header.stream}: {desk.frame.header.title.line}")

    def parts(self) -> ComposeResult:
        yield from entry("What ended it (may stay empty)", "closing")
        with Vertical(id="against"):
            yield from entry("Why close it all the same", "override")

    def commands(self) -> Sequence[AnyCommand]:
        against = self.query_one("#against").display
        if against and not self.typed("override"):
            raise Incomplete("Something stands against it: give a reason to close it all the same, or Esc.")
        return (Resolve(note=self.typed("closing"), override=self.typed("override")),)

    def refused(self, command: AnyCommand, answer: Answer) -> None:
        if answer.refusal == "unmet":
            self.query_one("#against").display = True
            self.query_one("#override").focus()
