"""Changes status, severity or impact; what is left as it is, is not sent."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from textual.app import ComposeResult

from cockpit.protocol.commands import AnyCommand, SetImpact, SetSeverity, SetStatus, SeverityWord, StatusWord
from cockpit.tui.attachment import Attachment
from cockpit.tui.screens.declare import SEVERITIES
from cockpit.tui.screens.form import Form, Incomplete, entry, pick
from cockpit.tui.screens.update import STATUSES


class StateForm(Form):
    def __init__(self, desk: Attachment) -> None:
        super().__init__(desk, "Status, severity, impact")
        self._before = desk.frame.header

    def parts(self) -> ComposeResult:
        yield from pick("Status", "status", STATUSES, self._before.status)
        yield from pick("Severity", "severity", SEVERITIES, self._before.severity)
        yield from entry("Why (may stay empty)", "why")
        yield from entry("Impact, in new words (empty leaves it as it is)", "impact")
        yield from entry("Not affected, with commas between", "unaffected")

    def commands(self) -> Sequence[AnyCommand]:
        status = msgspec.convert(self.choice("status"), StatusWord)
        severity = msgspec.convert(self.choice("severity"), SeverityWord)
        why, impact = self.typed("why"), self.typed("impact")
        unaffected = tuple(name for part in self.typed("unaffected").split(",") if (name := part.strip()))
        wanted: list[AnyCommand] = []
        if status != self._before.status:
            wanted.append(SetStatus(status=status, why=why))
        if severity != self._before.severity:
            wanted.append(SetSeverity(severity=severity, why=why))
        if unaffected and not impact:
            raise Incomplete("Say the impact too: what is not affected belongs to it.")
        if impact:
            wanted.append(SetImpact(impact=impact, unaffected=unaffected))
        if not wanted:
            raise Incomplete("Nothing has been changed.")
        return wanted
