"""What the people of a recorded incident did, as the moves of a play: each by whoever made it then. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from cockpit.drills.model.plays import Move
from cockpit.drills.play import RESPONDER
from cockpit.drills.recorded.books import Books
from cockpit.drills.recorded.naming import Clockface
from cockpit.drills.recorded.ofruns import COCKPIT, Done, of_runs
from cockpit.incident import people
from cockpit.incident.attendance import (
    PersonNeeded,
    PersonReleased,
    PresenceDeclared,
    RoleTaken,
    TimerEnded,
    TimerSet,
)
from cockpit.incident.broadcasts import BroadcastHeld, BroadcastReleased, CadenceSet, UpdatePosted
from cockpit.incident.event import Event
from cockpit.incident.people import Roster
from cockpit.incident.runs import VerifyFinished
from cockpit.incident.vocabulary import (
    FreezeLifted,
    FreezeOverridden,
    FreezeSet,
    ImpactChanged,
    IncidentDeclared,
    IncidentResolved,
    NoteAdded,
    ProbePaused,
    ProbeResumed,
    SeverityChanged,
    StatusChanged,
)

PATIENCE = 1800.0
"""Seconds that a step may be offered later than it was then."""
ROUNDED = 4
"""Digits of a minute: a hundredth of a second."""

_HELPED = ("helped", "still up")
_DID_NOT = ("no effect", "better", "worse", "can't tell")
"""What a step shows that was measured. How much worse is a matter of seconds; whether it helped is what counts."""


def moves(events: Sequence[Event], books: Books, clock: Clockface) -> tuple[Move, ...]:
    """Every move at its minute after T0, after what was measured before it; one on a step waits for its offer."""
    found = []
    measured: dict[str, tuple[str, ...]] = {}
    for event in events:
        if isinstance(event.body, VerifyFinished):
            measured = {event.body.step: _HELPED if event.body.verdict == "pass" else _DID_NOT}
        for done in deeds(event, events, books, clock):
            minute = max(0.0, round(clock.at(event.occurred_at) / 60, ROUNDED))
            asked = {name: value for name, value in done.fields.items() if value not in ("", None, (), {}, 0)}
            who = done.who or event.actor
            move = {
                "who": "" if who == RESPONDER else who, "do": done.do, "with": asked, "within": f"{PATIENCE:g}s",
                "when": {"minute": minute, "offered": done.offered, "steps": measured, "finished": done.finished},
            }  # fmt: skip
            found.append(Move.model_validate_json(msgspec.json.encode(move)))
            measured = {}
    return tuple(found)


def deeds(event: Event, events: Sequence[Event], books: Books, clock: Clockface) -> Iterator[Done]:
    """The commands that led to the event; none where nobody asked for it, or a play cannot ask for it again."""
    if event.actor != COCKPIT:
        yield from _deeds(event, events, clock)
    yield from of_runs(event, events, books)


def _deeds(event: Event, events: Sequence[Event], clock: Clockface) -> Iterator[Done]:
    match event.body:
        case IncidentDeclared(title=title, severity=severity, impact=impact):
            yield Done("declare", {"title": title, "severity": severity, "impact": impact})
        case ImpactChanged(impact=impact, unaffected=unaffected):
            yield Done("set_impact", {"impact": impact, "unaffected": unaffected})
        case SeverityChanged(severity=severity, why=why):
            yield Done("set_severity", {"severity": severity, "why": why})
        case StatusChanged(status=status, why=why) if update_with(event, events) is None:
            yield Done("set_status", {"status": status, "why": why})
        case NoteAdded(text=text, source=""):
            yield Done("note", {"text": text})
        case FreezeSet(scope=scope, reason=reason, until=until):
            yield Done("set_freeze", {"scope": scope, "reason": reason, "until": _minute(until, clock)})
        case FreezeLifted(reason=reason, expired=False):
            yield Done("lift_freeze", {"reason": reason})
        case FreezeOverridden(what=what, reason=reason):
            yield Done("override_freeze", {"what": what, "reason": reason})
        # The lanes of instances have other names in a drill.
        case ProbePaused(probe=probe, until=until, reason=reason) if "@" not in probe:
            yield Done("pause_probe", {"probe": probe, "minutes": _left(event, until), "reason": reason})
        case ProbeResumed(probe=probe) if "@" not in probe:
            yield Done("resume_probe", {"probe": probe})
        case IncidentResolved(note=note, override=override):
            yield Done("resolve", {"note": note, "override": override})
        case _:
            yield from _of_people(event, events, clock)
            yield from _of_telling(event, events, clock)


def _of_people(event: Event, events: Sequence[Event], clock: Clockface) -> Iterator[Done]:
    match event.body:
        case RoleTaken(person=person, role=role, note=note):
            yield Done("take_role", {"role": role, "note": note, "person": "" if person == event.actor else person})
        case PersonNeeded(person=person, reason=reason, until=until):
            yield Done("need", {"person": person, "reason": reason, "until": _minute(until, clock)})
        case PersonReleased(person=person, reason=reason) if not _stood_down(event, events):
            yield Done("release", {"person": person, "reason": reason})
        case PresenceDeclared(person=person, presence=presence, user="") if person == event.actor:
            yield Done("declare_presence", {"presence": presence})
        case TimerSet(what=what, who=who, until=until):
            yield Done("set_timer", {"what": what, "who": who, "minutes": _left(event, until)})
        case TimerEnded(what=what, found=found, expired=False) if what:
            yield Done("end_timer", {"timer": what, "found": found})


def _of_telling(event: Event, events: Sequence[Event], clock: Clockface) -> Iterator[Done]:
    match event.body:
        case UpdatePosted(reason="released", automatic=True):
            yield Done("stand_down", {"stay": tuple(_roster(event, events).needed)})
        case UpdatePosted(automatic=False, reason=reason) as update if reason != "escalation":
            told = {"know": update.know, "doing": update.doing, "unknown": update.unknown}
            eta = _minute(update.eta, clock)
            yield Done("update", {**told, "eta": eta, "status": _status_of(event, events)})
        case CadenceSet(seconds=seconds, why=why):
            yield Done("set_cadence", {"minutes": seconds / 60, "why": why})
        case BroadcastHeld(until=until, reason=reason):
            yield Done("hold", {"minutes": _left(event, until), "reason": reason})
        case BroadcastReleased():
            yield Done("send_now", {})


def _minute(moment: int, clock: Clockface) -> float:
    """A moment as a play has it; 0 for none."""
    return round(clock.at(moment) / 60, ROUNDED) if moment else 0


def _left(event: Event, until: int) -> float:
    """Minutes from the event until then."""
    return round((until - event.occurred_at) / 60_000_000, ROUNDED)


def _stood_down(event: Event, events: Sequence[Event]) -> bool:
    """Whether it was one of several who were released at once, with thanks."""
    return any(
        isinstance(other.body, UpdatePosted) and other.body.reason == "released"
        for other in events
        if (other.actor, other.recorded_at) == (event.actor, event.recorded_at)
    )


def _roster(event: Event, events: Sequence[Event]) -> Roster:
    """Who was needed after that event."""
    roster = Roster()
    for each in events:
        if each.seq <= event.seq:
            roster = people.reduce(roster, each)
    return roster


def update_with(event: Event, events: Sequence[Event]) -> Event | None:
    """The update by which the status was set: it was recorded together with it."""
    return next(
        (
            other
            for other in events
            if isinstance(other.body, UpdatePosted) and not other.body.automatic
            if (other.actor, other.recorded_at) == (event.actor, event.recorded_at) and other.seq > event.seq
        ),
        None,
    )


def _status_of(update: Event, events: Sequence[Event]) -> str:
    for event in events:
        if isinstance(event.body, StatusChanged) and update_with(event, events) is update:
            return event.body.status
    return ""
