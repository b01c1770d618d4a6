"""What changed just before, and what is about to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from cockpit.protocol.client import Told
from cockpit.protocol.commands import CancelJob
from cockpit.protocol.messages import Fetch, FetchChanges
from cockpit.protocol.views import ChangesView, JobView, LinkView
from cockpit.text import SafeText
from cockpit.tui.attachment import Attachment
from cockpit.tui.screens.confirm import Confirmation, Question
from cockpit.tui.screens.live import Live
from cockpit.tui.screens.watching import MarkForm
from cockpit.tui.widgets.changes import Changes

KEYS = "x cancel a job   m mark a change   o copy link"


class ChangesScreen(Live):
    """Asks again all the while it is open."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "cancel", show=False),
        Binding("m", "mark", show=False),
    ]

    def __init__(self, desk: Attachment) -> None:
        self.changes = Changes(desk.frame)
        super().__init__(desk, KEYS, self.changes)

    def question(self) -> Fetch:
        return FetchChanges()

    def answered(self, told: Told) -> None:
        if isinstance(told, ChangesView):
            self.changes.show(told)

    def links(self) -> Sequence[LinkView]:
        return (LinkView(SafeText("link"), SafeText(self.changes.link)),)

    def action_cancel(self) -> None:
        job = self.changes.job
        if not self.may_act():
            return
        if job is None:
            self.say("Only a job that waits or runs can be cancelled; a change that was made is undone by a runbook.")
        else:
            self.app.push_screen(Confirmation(self.desk, _question(job)))

    def action_mark(self) -> None:
        if self.may_act():
            self.app.push_screen(MarkForm(self.desk))


def _question(job: JobView) -> Question:
    facts = (
        ("Job", job.what.line if job.command else ""),
        ("At", job.source),
        ("State", job.state),
        ("Started by", job.who.line),
        ("Means", "a job cut off half way may leave its work half done" if job.state == "running" else ""),
    )
    command = CancelJob(source=job.source, job=job.job)
    return Question("Cancel this job?", (job.command or job.what).line, facts, lambda given: command)
