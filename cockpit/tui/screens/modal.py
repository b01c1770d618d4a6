"""A question over the cockpit: it keeps what was typed until the engine has taken it."""

from __future__ import annotations

import uuid
from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar, Literal

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.types import CSSPathType
from textual.widgets import Static

from cockpit.protocol.client import Told
from cockpit.protocol.commands import AnyCommand
from cockpit.protocol.messages import Answer
from cockpit.tui.attachment import Attachment
from cockpit.tui.calm import Calm, calmly
from cockpit.tui.paint import say, wrapped

QUIET = 0.4
"""Seconds a confirming key must have been still for: one held down repeats faster, and confirms nothing."""
GONE = "The engine is gone. Nothing is lost here: try again when it is back."


class Words(Static):
    """Text that is never read as markup."""

    ALLOW_SELECT = False

    def __init__(self, content: Content, ident: str | None = None, *, classes: str | None = None) -> None:
        super().__init__(content, markup=False, id=ident, classes=classes)


class Modal(Calm, ModalScreen[None]):
    """`decided_on` is what the person saw when the question came up; a refusal is shown under what they typed."""

    class Said(Message):
        """Something to say once the question is gone."""

        def __init__(self, words: str, severity: Literal["information", "warning"] = "information") -> None:
            super().__init__()
            self.words = words
            self.severity = severity

    CSS_PATH: ClassVar[CSSPathType | None] = ["modal.tcss"]
    BINDINGS = [Binding("escape", "leave", "Back", show=False)]

    def __init__(self, desk: Attachment, heading: str, foot: str) -> None:
        super().__init__()
        self.desk = desk
        self.heading = heading
        self.foot = foot
        self.decided_on = desk.frame.seen
        self._pressed_at = desk.monotonic()
        self._sending = False
        self._unanswered: tuple[AnyCommand, str] | None = None

    def compose(self) -> ComposeResult:
        with VerticalScroll(id="card", can_focus=False):
            if self.heading:
                yield Words(say(self.heading, bold=True), classes="heading")
            yield from self.parts()
            yield Words(Content(""), "refusal")
            yield Words(say(self.foot, "muted"), classes="foot")

    @abstractmethod
    def parts(self) -> ComposeResult:
        """What stands between heading and foot."""

    def answered(self, told: Told) -> None:
        """Something came that was asked for, perhaps by somebody else."""

    def action_leave(self) -> None:
        self.dismiss()

    def still(self) -> bool:
        """Whether the keys have rested; a key pressed too early, or held, starts the rest anew."""
        now = self.desk.monotonic()
        rested = now - self._pressed_at >= QUIET
        self._pressed_at = now
        return rested

    def submit(self, commands: Sequence[AnyCommand]) -> None:
        """Send these one after the other, and close when all are taken."""
        if not self._sending:
            self._sending = True
            self.app.run_worker(calmly(self.app, self._send(commands)), exit_on_error=False)

    async def _send(self, commands: Sequence[AnyCommand]) -> None:
        decided_on, words = self.decided_on, ""
        try:
            for command in commands:
                answer = await self.desk.do(command, decided_on, self._id_of(command))
                self._unanswered = None
                if not answer.ok:
                    self._turned_down(command, answer)
                    return
                decided_on = (answer.stream, answer.seq) if answer.stream else decided_on
                words = answer.text
        except ConnectionError:
            self.refuse(GONE)
            return
        finally:
            self._sending = False
        self.taken(words)

    def _id_of(self, command: AnyCommand) -> str:
        """The id to send it under: one that got no answer goes again under its own, so that it is done once."""
        if self._unanswered is None or self._unanswered[0] != command:
            self._unanswered = (command, uuid.uuid4().hex)
        return self._unanswered[1]

    def _turned_down(self, command: AnyCommand, answer: Answer) -> None:
        words = answer.text or f"The engine refused: {answer.refusal}"
        if not self.is_attached:
            self.app.post_message(self.Said(words, "warning"))
            return
        if answer.refusal == "stale":
            self.decided_on = self.desk.frame.seen
        self.refused(command, answer)
        self.refuse(words)

    def taken(self, words: str) -> None:
        """All is done: close, and say so."""
        if self.is_attached:
            self.dismiss()
        if words:
            self.app.post_message(self.Said(words))

    def refused(self, command: AnyCommand, answer: Answer) -> None:
        """What a particular question does about a refusal, besides showing it."""

    def refuse(self, words: str) -> None:
        """Say why it did not go through; everything typed stays."""
        if self.is_attached:
            lines = wrapped(words, 68, "warn", most=8)
            refusal = self.query_one("#refusal", Words)
            refusal.update(Content("\n").join(lines))
            refusal.display = True
            refusal.scroll_visible(animate=False)
