"""Posts a status update, starting from what the engine drafted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import msgspec
from textual.app import ComposeResult

from cockpit.protocol.commands import AnyCommand, StatusWord, Update
from cockpit.tui.attachment import Attachment
from cockpit.tui.screens.form import Form, Incomplete, paragraph, pick

STATUSES: tuple[StatusWord, ...] = get_args(StatusWord)


class UpdateForm(Form):
    CSS_PATH = ["modal.tcss", "update.tcss"]

    def __init__(self, desk: Attachment) -> None:
        super().__init__(desk, "Status update")

    def parts(self) -> ComposeResult:
        drafts = self.desk.frame.broadcast
        yield from paragraph("What we know", "know", drafts.draft_know)
        yield from paragraph("What we are doing", "doing", drafts.draft_doing)
        yield from paragraph("What we do not know", "unknown", drafts.draft_unknown)
        yield from pick("Status", "status", STATUSES, self.desk.frame.header.status)

    def commands(self) -> Sequence[AnyCommand]:
        know, doing, unknown = self.prose("know"), self.prose("doing"), self.prose("unknown")
        if not (know or doing or unknown):
            raise Incomplete("Say at least what you know.")
        chosen = msgspec.convert(self.choice("status"), StatusWord)
        status = chosen if chosen != self.desk.frame.header.status else None
        return (Update(know=know, doing=doing, unknown=unknown, status=status),)
