"""What was told to whom, and what was due and did not come."""

from __future__ import annotations

from collections.abc import Sequence

from cockpit.clock import SECOND, moment
from cockpit.incident.broadcasts import UpdateDelivered, UpdatePosted, UpdateUndelivered
from cockpit.incident.event import Event
from cockpit.incident.saying import joined
from cockpit.incident.stream import of_kinds
from cockpit.incident.telling import OVERDUE
from cockpit.incident.vocabulary import IncidentDeclared, IncidentResolved
from cockpit.review.model import Communications, MissedUpdate, Update

FIRST_UPDATE = 300 * SECOND
"""After the declaration, in microseconds: the first word must come by then."""


def communications(events: Sequence[Event], now: int) -> Communications:
    """Every update with its fate, and every due moment that passed in silence."""
    delivered: dict[str, list[str]] = {}
    refused: dict[str, list[str]] = {}
    for event in of_kinds(events, UpdateDelivered, UpdateUndelivered):
        match event.body:
            case UpdateDelivered(update=update, destination=destination):
                delivered.setdefault(update, []).append(destination)
            case UpdateUndelivered(update=update, destination=destination, final=True):
                refused.setdefault(update, []).append(destination)
    updates = [
        Update(
            time=moment(event.occurred_at),
            by=event.actor,
            automatic=posted.automatic,
            text=_words(posted),
            next_due=moment(posted.next_due) if posted.next_due else None,
            delivered=tuple(dict.fromkeys(delivered.get(posted.update, ()))),
            undelivered=tuple(dict.fromkeys(refused.get(posted.update, ()))),
        )
        for event in of_kinds(events, UpdatePosted)
        if isinstance(posted := event.body, UpdatePosted)
    ]
    return Communications(updates=tuple(updates), missed=missed(events, now))


def _words(posted: UpdatePosted) -> str:
    more = dict.fromkeys(posted.unsaid(part) for part in (posted.know, posted.doing, posted.unknown))
    return joined(posted.headline, *more)


def missed(events: Sequence[Event], now: int) -> tuple[MissedUpdate, ...]:
    """Each due moment that passed before the next update, the resolution, or now."""
    found: list[MissedUpdate] = []
    due = 0
    for event in of_kinds(events, IncidentDeclared, UpdatePosted, IncidentResolved):
        match event.body:
            case IncidentDeclared():
                due = event.occurred_at + FIRST_UPDATE
            case UpdatePosted(reason=reason) if reason == OVERDUE:
                # Nobody wrote it: the silence goes on until somebody does.
                continue
            case UpdatePosted(next_due=next_due):
                found += _late(due, event.occurred_at)
                due = next_due
            case IncidentResolved():
                found += _late(due, event.occurred_at)
                due = 0
    if due and due < now:
        found.append(MissedUpdate(due=moment(due), came=None, minutes_late=_minutes(due, now)))
    return tuple(found)


def _late(due: int, came: int) -> list[MissedUpdate]:
    if not due or came <= due:
        return []
    return [MissedUpdate(due=moment(due), came=moment(came), minutes_late=_minutes(due, came))]


def _minutes(start: int, end: int) -> float:
    return round((end - start) / (60 * SECOND), 1)
