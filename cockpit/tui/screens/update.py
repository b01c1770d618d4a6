"""Posts a status update, starting from what the engine drafted or from one that waits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import msgspec
from textual.app import ComposeResult

from cockpit.clock import hhmm
from cockpit.protocol.commands import AnyCommand, StatusWord, Update
from cockpit.protocol.messages import Answer
from cockpit.protocol.views import EMPTY, WaitingView
from cockpit.text import SafeText
from cockpit.tui import asked
from cockpit.tui.attachment import Attachment
from cockpit.tui.screens.form import Form, Incomplete, drafted, entry, paragraph, pick

STATUSES: tuple[StatusWord, ...] = get_args(StatusWord)


class UpdateForm(Form):
    """`waiting` is the update whose place it takes, None for an update of its own."""

    CSS_PATH = ["modal.tcss", "update.tcss"]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (32, "-tall")]

    def __init__(self, desk: Attachment, waiting: WaitingView | None = None) -> None:
        super().__init__(desk, "Edit what waits" if waiting else "Status update")
        self._waiting = waiting

    def parts(self) -> ComposeResult:
        drafts, waiting = self.desk.frame.broadcast, self._waiting
        # Words that wait are gone on with; figures that are drafted must not come first in the headline.
        begun = paragraph if waiting else drafted
        yield from begun("What we know", "know", waiting.know if waiting else drafts.draft_know)
        yield from begun("What we are doing", "doing", waiting.doing if waiting else drafts.draft_doing)
        yield from begun("What we do not know", "unknown", waiting.unknown if waiting else drafts.draft_unknown)
        yield from pick("Status", "status", STATUSES, self.desk.frame.header.status)
        yield from entry(f"When it may be over: 11:20 (UTC) or +30m; {self._standing()}", "eta", self._estimated())

    def _estimated(self) -> SafeText:
        """What the update that waits says already."""
        return SafeText(hhmm(self._waiting.eta)) if self._waiting is not None and self._waiting.eta else EMPTY

    def _standing(self) -> str:
        """What leaving the estimate empty means."""
        view = self.desk.frame.broadcast
        return f"empty withdraws {hhmm(view.eta)} of {view.eta_by.line}" if view.eta else "may stay empty"

    def commands(self) -> Sequence[AnyCommand]:
        know, doing, unknown = self.prose("know"), self.prose("doing"), self.prose("unknown")
        if not (know or doing or unknown):
            raise Incomplete("Say at least what you know.")
        chosen = msgspec.convert(self.choice("status"), StatusWord)
        status = chosen if chosen != self.desk.frame.header.status else None
        replaces = self._waiting.update if self._waiting else ""
        return (Update(know=know, doing=doing, unknown=unknown, status=status, replaces=replaces, eta=self._eta()),)

    def _eta(self) -> int:
        typed = self.typed("eta").removeprefix("+")
        if self._waiting is not None and typed and typed == self._estimated():
            # To the microsecond, so that it is not taken for another one.
            return self._waiting.eta
        eta = asked.until(typed, self.desk.frame.clock.now()) if typed else 0
        if eta is None:
            raise Incomplete("A time such as 11:20, or a length such as +30m; nothing for no estimate.")
        return eta

    def refused(self, command: AnyCommand, answer: Answer) -> None:
        """What it was to replace may be told by now: then it goes out beside it, if the person sends it again."""
        waiting = self._waiting
        if waiting is not None and all(each.update != waiting.update for each in self.desk.frame.broadcast.waiting):
            self._waiting = None
