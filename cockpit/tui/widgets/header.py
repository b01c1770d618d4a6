"""The header: what is so, who leads, and when the next word is due."""

from __future__ import annotations

from textual.content import Content

from cockpit.clock import hhmm
from cockpit.protocol.views import HeaderView
from cockpit.tui.paint import badge, fitting, line, listed, say, spread
from cockpit.tui.widgets.pane import Pane
from cockpit.tui.words import due, elapsed

ROOMY = 110
"""From this width on, the drill's name has room too."""
NARROW_FREEZE = 24
"""Cells of the freeze below that, so that the status stays."""
GAP = 3
"""Cells between two facts."""


class Header(Pane):
    """Two lines: what it is about with the promise at the right, then everything else."""

    def draw(self, width: int, height: int) -> list[Content]:
        inner = width - 2
        return [each.pad_left(1) for each in (self._first(inner), self._second(inner))]

    def _first(self, width: int) -> Content:
        header, now = self.frame.header, self.frame.clock.now()
        if not header.title:
            quiet = "No incident is open" if header.stream else "Cockpit"
            return spread(say(quiet, bold=True), _clock(now), width)
        left = line(badge(header.severity[:6]), "  ", say(header.title, bold=True))
        if not header.open:
            lasted = say(f" after {elapsed(header, now)}" if header.began else "")
            return spread(left, line(say("RESOLVED", "good", bold=True), lasted), width)
        words, tone = due(header.next_due, now)
        right = badge(words, tone) if tone == "bad" else say(words, tone, bold=tone == "warn")
        return spread(left, right, width)

    def _second(self, width: int) -> Content:
        header, now = self.frame.header, self.frame.clock.now()
        # How fast a replay runs stands in a line of its own.
        replayed = badge("DRILL", "muted") if header.drill else Content("")
        drill = replayed if self.frame.replaying else _drill(header, self.frame.clock.speed, width)
        facts = [say(header.profile, "muted"), drill, _frozen(header, width)]
        only = "REPLAY" if self.frame.replaying else "READ ONLY"
        looks = badge(only, "act") if self.frame.only_looks else Content("")
        if header.title:
            facts[:1] = [
                say(header.stream, "muted").truncate(16, ellipsis=True),
                say(elapsed(header, now) if header.open else "", bold=True),
            ]
        delivery = say(header.delivery, header.delivery_tone)
        # Trouble with the telling goes before what is as it should be, and before its reasons.
        trouble = [delivery] if header.title and header.delivery_tone in {"warn", "bad"} else []
        facts.extend(trouble)
        clock = _clock(now) if header.title else Content("")
        room = width - listed([looks, *facts, *([clock] if trouble else [])]).cell_length
        facts.extend(_alarms(header, room, 1 if trouble else 2))
        facts.extend([say(header.status if header.open else ""), _lead(header)] if header.title else [])
        facts.extend([] if trouble else [delivery])
        facts.insert(0, looks)
        if not header.title:
            return fitting(facts, width)
        return spread(fitting(facts, width - clock.cell_length - 2), clock, width)


def _alarms(header: HeaderView, room: int, shares: int) -> list[Content]:
    """Ahead of what fits, and cut rather than left out: an alarm that is not seen is none.

    Each has one share of the room, of so many shares at least.
    """
    each = room // max(shares, len(header.alarms)) - GAP
    return [say(alarm, "warn", bold=True).truncate(max(8, each), ellipsis=True) for alarm in header.alarms]


def _frozen(header: HeaderView, width: int) -> Content:
    """What is frozen and until when; a long scope gives way, the time does not."""
    if not header.freeze:
        return Content("")
    roomy = width >= ROOMY
    end = f"{' until' if roomy else ''} {hhmm(header.freeze_until)}Z" if header.freeze_until else ""
    scope = say(header.freeze.line, "act", bold=True)
    scope = scope.truncate((width // 3 if roomy else NARROW_FREEZE - 7) - len(end), ellipsis=True)
    return line(say("FREEZE ", "act", bold=True), scope, say(end, "act", bold=True))


def _drill(header: HeaderView, speed: float, width: int) -> Content:
    """That it is a drill, and how fast it runs; what follows stays in its place when that changes.

    On a small screen a freeze or trouble takes the place of the speed, unless the drill is paused.
    """
    if not header.drill:
        return Content("")
    trouble = header.freeze or header.alarms or header.delivery_tone in {"warn", "bad"}
    if trouble and width < ROOMY and speed:
        return badge("DRILL", "muted")
    pace = f"{speed:g}x" if speed else "paused"
    name = f"DRILL {header.drill}" if width >= ROOMY else "DRILL"
    shown = badge(f"{name} {pace}", "muted" if speed else "act")
    return shown.pad_right(len("paused") - len(pace))


def _lead(header: HeaderView) -> Content:
    if header.lead:
        return say(f"lead {header.lead}").truncate(30, ellipsis=True)
    return say("nobody leads", "act" if header.open else "muted")


def _clock(now: int) -> Content:
    return say(f"UTC {hhmm(now)}" if now else "", "muted")
