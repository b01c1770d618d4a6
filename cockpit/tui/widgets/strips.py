"""On a small screen, one line for each pane that is not shown: its most urgent word."""

from __future__ import annotations

from textual.content import Content

from cockpit.clock import hhmm
from cockpit.protocol.views import BroadcastView, Row
from cockpit.tui.frame import Frame
from cockpit.tui.offering import active, to_do
from cockpit.tui.paint import column, line, listed, say
from cockpit.tui.roster import over, until
from cockpit.tui.widgets.lines import happened
from cockpit.tui.widgets.pane import Pane
from cockpit.tui.words import due, seconds_since, short, state, step_timer, tally

PANES = ("services", "timeline", "run", "broadcast", "people")
"""In the order of their keys, 1 to 5."""


class Strips(Pane):
    """Leaves out the pane that has the main room."""

    def __init__(self, frame: Frame, ident: str) -> None:
        super().__init__(frame, ident)
        self.main = "services"
        self.latest: Row | None = None

    def draw(self, width: int, height: int) -> list[Content]:
        lines: list[Content] = []
        for number, pane in enumerate(PANES, 1):
            if pane != self.main:
                title = line(column(str(number), 2, "muted"), column(pane.upper(), 11, "muted"))
                urgent = self._timeline() if pane == "timeline" else _URGENT[pane](self.frame)
                lines.append(line(title, urgent).pad_left(1))
        return lines

    def _timeline(self) -> Content:
        row = self.latest
        return Content("") if row is None else line(say(f"{hhmm(row.at)}  ", "muted"), happened(row)[0])


def _services(frame: Frame) -> Content:
    services = frame.services.services
    parts = [listed([say(words, tone) for words, tone in tally(services)], "  ")]
    if services and services[0].state in {"down", "degraded"}:
        worst = services[0]
        parts.append(say(f"{worst.probe.line}  {short(seconds_since(worst.since, frame.clock.now()))}"))
        parts.append(say(worst.verdict.line, "muted"))
    elif services and (stale := [each for each in services if state(each)[1] != "UP"]):
        parts.append(say(stale[0].probe))
    return listed(parts)


def _run(frame: Frame) -> Content:
    run = frame.run
    if not run.run:
        return say("no run", "muted")
    step = active(run)
    words, tone = to_do(frame)
    parts = [say("LOCK LOST" if run.lock else "", "bad", bold=True)]
    if step is not None:
        parts.append(say(f"{step.number}/{len(run.steps)}", step.tone))
        if tone == "act" or not words:
            parts.append(say(f"{step.word.line}  {step_timer(step, frame.clock.now())}", step.tone))
    return listed([*parts, say(words, tone), say(run.outcome), say(run.title, "muted")])


def _broadcast(frame: Frame) -> Content:
    view = frame.broadcast
    words, tone = due(view.next_due, frame.clock.now())
    at = f" at {hhmm(view.next_due)}" if view.next_due else ""
    queued = say(f"queue {view.queued}" if view.queued else "", "warn")
    untold = say("NOBODY CAN BE TOLD, Y copies" if view.copy_text and view.destinations else "", "bad")
    held = say(f"HELD until {hhmm(view.held_until)}" if view.held_until > frame.clock.now() else "", "warn")
    promise = say(words + at, tone if view.next_due else "muted")
    return listed([untold, held, promise, queued, _apart(view), say(view.route, "muted")])


def _apart(view: BroadcastView) -> Content:
    """The first destination that does not get what it should, and what gets it instead."""
    found = next((each for each in view.destinations if each.tone in {"warn", "bad"}), None)
    if found is None:
        return Content("")
    instead = f", to {found.instead.line}" if found.instead else ""
    return say(f"{found.name.line} {found.word.line}{instead}", found.tone)


def _people(frame: Frame) -> Content:
    people, now = frame.people.people, frame.clock.now()
    needed = [person.name.line for person in people if person.needed]
    offers = [person.name.line for person in people if person.offered]
    late = [f"{person.name.line} {until(person, now)[0]}" for person in people if over(person, now)]
    return listed(
        [
            say(f"offers help: {', '.join(offers)}" if offers else "", "act"),
            say(", ".join(late), "warn"),
            say("" if offers or late else frame.people.relief.line, "warn"),
            say(f"needed: {', '.join(needed)}" if needed else "nobody is needed", "plain" if needed else "muted"),
        ]
    )


_URGENT = {"services": _services, "run": _run, "broadcast": _broadcast, "people": _people}
