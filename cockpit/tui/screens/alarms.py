"""Every alarm of other systems, and what they can be asked to do about it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from textual.binding import Binding, BindingType

from cockpit.protocol.commands import ActOnAlert
from cockpit.protocol.views import AlertView, LinkView
from cockpit.text import SafeText
from cockpit.tui.attachment import Attachment
from cockpit.tui.screens.confirm import Confirmation, Question
from cockpit.tui.screens.live import Live
from cockpit.tui.screens.watching import SnoozeForm
from cockpit.tui.widgets.alarms import Alarms

Act = Literal["acknowledge", "escalate", "snooze"]
KEYS = "a acknowledge   e escalate   s snooze   o copy link"


class AlarmsScreen(Live):
    """Only what the alarm's own system can do is done."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "take('acknowledge')", show=False),
        Binding("e", "take('escalate')", show=False),
        Binding("s", "take('snooze')", show=False),
    ]

    def __init__(self, desk: Attachment) -> None:
        self.alarms = Alarms(desk.frame, "alarms")
        super().__init__(desk, KEYS, self.alarms)

    def links(self) -> Sequence[LinkView]:
        alert = self.alarms.alert
        return (LinkView(SafeText("link"), alert.link),) if alert else ()

    def action_take(self, action: Act) -> None:
        alert = self.alarms.alert
        if alert is None or not self.still() or not self.may_act():
            return
        if action not in alert.actions:
            able = ", ".join(alert.actions)
            self.say(f"{alert.source.line or 'Its system'} cannot be asked to {action} this one"
                     + (f"; it can {able}." if able else "."))  # fmt: skip
        elif action == "snooze":
            self.app.push_screen(SnoozeForm(self.desk, alert))
        elif action == "escalate":
            self.app.push_screen(Confirmation(self.desk, _question(alert)))
        else:
            self.send(ActOnAlert(alert=alert.alert, action="acknowledge"))


def _question(alert: AlertView) -> Question:
    facts = (
        ("At", alert.source.line),
        ("Service", alert.service.line),
        ("Held by", alert.who.line),
        ("Means", "the next one on call there is paged"),
    )
    command = ActOnAlert(alert=alert.alert, action="escalate")
    return Question("Escalate this alarm?", alert.title.line, facts, lambda given: command)
