"""Questions about the telling: the pace of updates."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult

from cockpit.protocol.commands import AnyCommand, SetCadence
from cockpit.tui import asked
from cockpit.tui.attachment import Attachment
from cockpit.tui.screens.form import Form, Incomplete, entry


class CadenceForm(Form):
    """How often readers hear something from now on."""

    def __init__(self, desk: Attachment) -> None:
        super().__init__(desk, "How often updates come")

    def parts(self) -> ComposeResult:
        yield from entry("An update every so many minutes (or 1 h)", "minutes")
        yield from entry("Why, for readers (needed when it is slower than usual)", "why")

    def commands(self) -> Sequence[AnyCommand]:
        length = asked.minutes(self.typed("minutes"))
        if length is None:
            raise Incomplete("A length such as 20, 30 m or 1 h.")
        return (SetCadence(minutes=length, why=self.typed("why")),)
