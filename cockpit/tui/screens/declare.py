"""Declares an incident."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import msgspec
from textual.app import ComposeResult

from cockpit.protocol.commands import AnyCommand, Declare, SeverityWord
from cockpit.tui.attachment import Attachment
from cockpit.tui.screens.form import Form, Incomplete, entry, pick

SEVERITIES: tuple[SeverityWord, ...] = get_args(SeverityWord)


class DeclareForm(Form):
    def __init__(self, desk: Attachment) -> None:
        super().__init__(desk, "Declare an incident")

    def parts(self) -> ComposeResult:
        yield from entry("What is wrong, as its users would say it", "title")
        yield from pick("Severity", "severity", SEVERITIES, "SEV1")
        yield from entry("Impact: who is hit, and how (may stay empty)", "impact")

    def commands(self) -> Sequence[AnyCommand]:
        title = self.typed("title")
        if not title:
            raise Incomplete("Say in a few words what is wrong.")
        severity = msgspec.convert(self.choice("severity"), SeverityWord)
        return (Declare(title=title, severity=severity, impact=self.typed("impact")),)
