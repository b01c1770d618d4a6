"""Questions about the watching itself: a pause, a freeze, a change to put on record, how long to snooze."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec
from textual.app import ComposeResult

from cockpit.protocol.commands import (
    ActOnAlert,
    AnyCommand,
    LiftFreeze,
    MarkChange,
    OverrideFreeze,
    PauseProbe,
    SetFreeze,
)
from cockpit.protocol.views import AlertView
from cockpit.text import SafeText
from cockpit.tui import asked
from cockpit.tui.attachment import Attachment
from cockpit.tui.screens.form import Form, Incomplete, entry, pick

Kind = Literal["deploy", "config", "flag"]
KINDS: tuple[Kind, ...] = ("deploy", "config", "flag")
REVIEWED: dict[str, bool | None] = {"not known": None, "reviewed": True, "not reviewed": False}
HOW_LONG = "A length such as 30, 90 m or 2 h."


class PauseForm(Form):
    """Stops the asking for a while."""

    def __init__(self, desk: Attachment, probe: str) -> None:
        super().__init__(desk, f"Pause {probe}")
        self._probe = probe

    def parts(self) -> ComposeResult:
        yield from entry("Why", "reason")
        yield from entry("For how many minutes (or 2 h)", "minutes", SafeText("30"))

    def commands(self) -> Sequence[AnyCommand]:
        if not self.typed("reason"):
            raise Incomplete("Say why: whoever finds it paused will want to know.")
        length = asked.minutes(self.typed("minutes"))
        if length is None:
            raise Incomplete(HOW_LONG)
        return (PauseProbe(probe=self._probe, minutes=length, reason=self.typed("reason")),)


class SnoozeForm(Form):
    """How long an alarm is to be quiet."""

    def __init__(self, desk: Attachment, alert: AlertView) -> None:
        super().__init__(desk, f"Snooze: {alert.title.line}")
        self._alert = alert

    def parts(self) -> ComposeResult:
        yield from entry("For how many minutes (or 2 h)", "minutes", SafeText("30"))

    def commands(self) -> Sequence[AnyCommand]:
        length = asked.minutes(self.typed("minutes"))
        if length is None:
            raise Incomplete(HOW_LONG)
        return (ActOnAlert(alert=self._alert.alert, action="snooze", minutes=length),)


class FreezeForm(Form):
    """Asks everybody to change nothing."""

    def __init__(self, desk: Attachment) -> None:
        super().__init__(desk, "Freeze changes")

    def parts(self) -> ComposeResult:
        held = self.desk.frame.header.freeze
        yield from entry("Scope, with commas between: ci, terraform, flags, config", "scope", held.line or None)
        yield from entry("Why", "reason")
        yield from entry("Until 16:00 (UTC), or for 90 m (empty: until lifted)", "until")

    def commands(self) -> Sequence[AnyCommand]:
        scope = tuple(word for part in self.typed("scope").split(",") if (word := part.strip()))
        if not scope:
            raise Incomplete("Say what is frozen.")
        if not self.typed("reason"):
            raise Incomplete("Say why: those who are held up will want to know.")
        end = asked.until(self.typed("until"), self.desk.frame.clock.now()) if self.typed("until") else 0
        if end is None:
            raise Incomplete("A time such as 16:00, or a length such as 90 m; nothing for until lifted.")
        return (SetFreeze(scope=scope, reason=self.typed("reason"), until=end),)


class LiftForm(Form):
    """Ends the freeze."""

    def __init__(self, desk: Attachment) -> None:
        super().__init__(desk, f"Lift the freeze of {desk.frame.header.freeze.line}")

    def parts(self) -> ComposeResult:
        yield from entry("Why (may stay empty)", "reason")

    def commands(self) -> Sequence[AnyCommand]:
        return (LiftFreeze(reason=self.typed("reason")),)


class OverrideForm(Form):
    """Lets one change through."""

    def __init__(self, desk: Attachment) -> None:
        super().__init__(desk, f"Let one change through the freeze of {desk.frame.header.freeze.line}")

    def parts(self) -> ComposeResult:
        yield from entry("Which change", "what")
        yield from entry("Why it cannot wait", "reason")

    def commands(self) -> Sequence[AnyCommand]:
        if not self.typed("what") or not self.typed("reason"):
            raise Incomplete("Say which change, and why it cannot wait: both go on record.")
        return (OverrideFreeze(what=self.typed("what"), reason=self.typed("reason")),)


class MarkForm(Form):
    """Puts a change on record that no feed tells of."""

    def __init__(self, desk: Attachment) -> None:
        super().__init__(desk, "Mark a change")

    def parts(self) -> ComposeResult:
        yield from pick("Kind", "kind", KINDS, "deploy")
        yield from entry("What was changed", "what")
        yield from entry("Service (may stay empty)", "service")
        yield from entry("By whom (may stay empty)", "who")
        yield from pick("Was it reviewed", "reviewed", tuple(REVIEWED), "not known")

    def commands(self) -> Sequence[AnyCommand]:
        what = self.typed("what")
        if not what:
            raise Incomplete("Say what was changed.")
        kind, reviewed = msgspec.convert(self.choice("kind"), Kind), REVIEWED[self.choice("reviewed")]
        who, service = self.typed("who"), self.typed("service")
        return (MarkChange(kind=kind, what=what, service=service, who=who, reviewed=reviewed),)
