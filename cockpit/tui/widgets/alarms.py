"""The alarms of other systems: one line of them on the main screen, and all of them in a list."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from cockpit.clock import SECOND, hhmmss, span
from cockpit.protocol.views import AlertView, Tone
from cockpit.tui.paint import column, line, listed, say, spread, wrapped
from cockpit.tui.widgets.edges import Rule
from cockpit.tui.widgets.listing import Listing
from cockpit.tui.words import seconds_since, short

SHAPES: dict[str, tuple[str, str, Tone]] = {
    "firing": ("!", "FIRING", "bad"),
    "acknowledged": ("+", "ACKED", "warn"),
    "snoozed": ("z", "SNOOZED", "muted"),
    "over": (".", "over", "muted"),
}
WORD, LABEL, SEVERITY, SOURCE = 9, 11, 10, 14
WIDE = 110
"""Cells from which on what belongs together stands in columns."""
ABOUT: tuple[Tone, Tone] = ("plain", "muted")
TOLD_LATE = 5
"""Seconds between its own start and our hearing of it from which on the difference is told."""


def lasting(alerts: Sequence[AlertView]) -> list[AlertView]:
    """Those that are not over."""
    return [alert for alert in alerts if alert.state != "over"]


def begun(alert: AlertView) -> int:
    """When it began, as far as anybody knows."""
    return alert.started or alert.learnt


def zulu(at: int, now: int) -> str:
    """A moment to the minute in UTC; with its day once that is not today's."""
    day = 86_400 * SECOND
    return f"{hhmmss(at)[:5]}Z" if at // day == now // day else f"{span(seconds_since(at, now))} ago"


class AlarmRule(Rule):
    """A rule that tells of the alarms that last; it takes no line of its own, so nothing moves when they come."""

    def draw(self, width: int, height: int) -> list[Content]:
        rule = super().draw(width, height)
        alerts, now = lasting(self.frame.alerts.alerts), self.frame.clock.now()
        if not alerts:
            return rule
        loud = [alert for alert in alerts if alert.state == "firing"]
        first = (loud or alerts)[0]
        head = f"! {len(alerts)} alarm{'s' if len(alerts) > 1 else ''}: {first.title.line}"
        oldest = min((begun(alert) for alert in alerts if begun(alert)), default=0)
        since = f"{'oldest ' if len(alerts) > 1 else ''}since {zulu(oldest, now)}" if oldest else ""
        tails = [
            say(since, "warn" if loud else "muted"),
            _quiet(len(alerts), len(loud), first),
            say("a shows", "muted"),
        ]
        said = say(head, "warn" if loud else "muted", bold=bool(loud))
        room = width - 6
        if said.cell_length + listed(tails, "  ").cell_length + 2 > room:
            del tails[1]
        tail = listed(tails, "  ")
        said = spread(said, tail, min(room, said.cell_length + tail.cell_length + 2))
        return [line(rule[0][:1], " ", said, " ", rule[0][: max(0, width - said.cell_length - 3)])]


def _quiet(alarms: int, loud: int, first: AlertView) -> Content:
    """What is no longer loud, because somebody has it."""
    if loud == alarms:
        return Content("")
    words = f"{alarms - loud} acknowledged or snoozed" if loud or alarms > 1 else SHAPES[first.state][1].lower()
    return say(words, "muted")


class Alarms(Listing):
    """Those that last first, as the engine orders them."""

    TITLE = "ALARMS"
    NOTHING = "No system has raised an alarm."

    def aside(self) -> Content:
        alerts = self.frame.alerts.alerts
        counts = [(sum(alert.state == name for alert in alerts), *shape[1:]) for name, shape in SHAPES.items()]
        return listed([say(f"{count} {word}", tone) for count, word, tone in counts if count], "  ")

    @property
    def alert(self) -> AlertView | None:
        """The chosen alarm."""
        place = self.place
        return None if place is None else self.frame.alerts.alerts[place]

    def keys(self) -> Sequence[str]:
        return [alert.alert for alert in self.frame.alerts.alerts]

    def entry(self, place: int, width: int, room: int) -> list[Content]:
        alert, now = self.frame.alerts.alerts[place], self.frame.clock.now()
        glyph, word, tone = SHAPES[alert.state]
        over = alert.state == "over"
        lasted = short(seconds_since(begun(alert), alert.ended or now)) if begun(alert) else ""
        left = line(
            column(glyph, 2, tone),
            column(word, WORD, tone, bold=alert.state == "firing"),
            column(alert.severity, SEVERITY, "muted") if width >= WIDE else Content(""),
            say(alert.title.line, "muted" if over else "plain"),
        )
        about = [say(alert.service.line), say(alert.source.line, "muted")]
        if width >= WIDE:
            about = [column(each.plain, SOURCE, tone) for each, tone in zip(about, ABOUT, strict=True)]
        lines = [spread(left, listed([*about, column(lasted, 9, right=True)], "  "), width)]
        if over:
            return lines
        times = listed([_times(alert, now), say(f"by {alert.who.line}" if alert.who else "")], "  ")
        lines.append(times.truncate(width - LABEL, ellipsis=True).pad_left(LABEL))
        if alert.detail:
            lines.extend(wrapped(alert.detail.line, width, "muted", indent=LABEL, most=2))
        if alert.link:
            lines.extend(wrapped(alert.link.line, width, "muted", indent=LABEL))
        return lines


def _times(alert: AlertView, now: int) -> Content:
    """Its own beginning beside ours: the gap is what everybody will ask about afterwards."""
    if not alert.started:
        return say(f"heard of at {hhmmss(alert.learnt)}Z; it does not say when it began", "muted")
    late = seconds_since(alert.started, alert.learnt)
    heard = f", heard of {span(late)} later" if alert.learnt and late >= TOLD_LATE else ""
    return say(f"began {hhmmss(alert.started)}Z{heard}", "muted")
