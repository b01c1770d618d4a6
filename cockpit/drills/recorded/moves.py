"""What the people of a recorded incident did, as the moves of a play. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from cockpit.clock import SECOND
from cockpit.drills.model import Move
from cockpit.incident.attendance import PersonNeeded, PersonReleased, RoleTaken, TimerSet
from cockpit.incident.broadcasts import CadenceSet, UpdatePosted
from cockpit.incident.event import Event
from cockpit.incident.runs import (
    AttemptIntended,
    OptionChosen,
    RunStarted,
    StepDone,
    StepSkipped,
    Verdict,
    VerifyFinished,
    WaitStarted,
)
from cockpit.incident.vocabulary import (
    FreezeLifted,
    FreezeSet,
    ImpactChanged,
    IncidentDeclared,
    IncidentResolved,
    NoteAdded,
    SeverityChanged,
    StatusChanged,
)

COCKPIT = "cockpit"
"""Who acts in what nobody asked for."""
PATIENCE = 1800.0
"""Seconds that a step may be offered later than it was then."""
ROUNDED = 4
"""Digits of a minute: a hundredth of a second."""

Fields = dict[str, object]

_WORDS: dict[Verdict, str] = {
    "pass": "helped", "no_effect": "no effect", "better": "better", "worse": "worse", "inconclusive": "can't tell",
}  # fmt: skip
"""How a step shows what was measured of it."""


def moves(events: Sequence[Event], t0: int) -> tuple[Move, ...]:
    """Every move at its minute after T0, after what was measured before it; one on a step waits for its offer."""
    found = []
    measured: dict[str, str] = {}
    for event in events:
        if isinstance(event.body, VerifyFinished):
            measured = {event.body.step: "still up" if event.body.still else _WORDS[event.body.verdict]}
        if event.actor == COCKPIT:
            continue
        for do, fields, offered in _deeds(event, events, t0):
            minute = max(0.0, round((event.occurred_at - t0) / SECOND / 60, ROUNDED))
            asked = {name: value for name, value in fields.items() if value not in ("", None, (), {}, 0)}
            when = {"minute": minute, "offered": offered, "steps": measured}
            move = {"when": when, "within": f"{PATIENCE:g}s", "do": do, "with": asked}
            found.append(Move.model_validate_json(msgspec.json.encode(move)))
            measured = {}
    return tuple(found)


def _deeds(event: Event, events: Sequence[Event], t0: int) -> Iterator[tuple[str, Fields, str]]:
    """The command that led to the event, with the step that had to be offered for it."""
    match event.body:
        case IncidentDeclared(title=title, severity=severity, impact=impact):
            yield "declare", {"title": title, "severity": severity, "impact": impact}, ""
        case RoleTaken(person=person, role=role, note=note):
            yield "take_role", {"role": role, "note": note, "person": "" if person == event.actor else person}, ""
        case ImpactChanged(impact=impact, unaffected=unaffected):
            yield "set_impact", {"impact": impact, "unaffected": unaffected}, ""
        case SeverityChanged(severity=severity, why=why):
            yield "set_severity", {"severity": severity, "why": why}, ""
        case StatusChanged(status=status, why=why) if _update_with(event, events) is None:
            yield "set_status", {"status": status, "why": why}, ""
        case UpdatePosted(automatic=False) as update:
            eta = (update.eta - t0) / SECOND / 60 if update.eta else 0
            told = {"know": update.know, "doing": update.doing, "unknown": update.unknown, "eta": eta}
            yield "update", {**told, "status": _status_of(event, events)}, ""
        case NoteAdded(text=text, source=""):
            yield "note", {"text": text}, ""
        case PersonNeeded(person=person, reason=reason):
            yield "need", {"person": person, "reason": reason}, ""
        case PersonReleased(person=person, reason=reason):
            yield "release", {"person": person, "reason": reason}, ""
        case TimerSet(what=what, who=who, until=until):
            yield "set_timer", {"what": what, "who": who, "minutes": (until - event.occurred_at) / SECOND / 60}, ""
        case CadenceSet(seconds=seconds, why=why):
            yield "set_cadence", {"minutes": seconds / 60, "why": why}, ""
        case FreezeSet(scope=scope, reason=reason):
            yield "set_freeze", {"scope": scope, "reason": reason}, ""
        case FreezeLifted(reason=reason, expired=False):
            yield "lift_freeze", {"reason": reason}, ""
        case IncidentResolved(note=note, override=override):
            yield "resolve", {"note": note, "override": override}, ""
        case _:
            yield from _of_run(event)


def _of_run(event: Event) -> Iterator[tuple[str, Fields, str]]:
    match event.body:
        case RunStarted(runbook=runbook, params=params):
            yield "start_run", {"runbook": runbook, "params": params}, ""
        case StepDone(step=step, note=note):
            yield "finish_step", {"step": step, "note": note}, step
        case WaitStarted(step=step):
            yield "finish_step", {"step": step}, step
        case StepSkipped(step=step, reason=reason):
            yield "skip", {"step": step, "reason": reason}, ""
        case OptionChosen(step=step, option=option, why=why):
            yield "choose", {"step": step, "option": option, "why": why}, step
        case AttemptIntended(step=step, under="", direction=direction):
            back = direction == "rollback"
            # Undoing is offered beside the step and not as its next move.
            yield "confirm", {"step": step, **({"undo": True} if back else {})}, "" if back else step


def _update_with(event: Event, events: Sequence[Event]) -> Event | None:
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
        if isinstance(event.body, StatusChanged) and _update_with(event, events) is update:
            return event.body.status
    return ""
