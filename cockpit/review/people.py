"""Who was asked to stay and when they could go, and which role went to whom. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from cockpit.clock import moment
from cockpit.incident.attendance import PersonNeeded, PersonReleased, RoleTaken
from cockpit.incident.event import Event
from cockpit.incident.stream import of_kinds
from cockpit.review.model import Handoff, Person


def roster(events: Sequence[Event]) -> tuple[Person, ...]:
    """Everybody who was asked to stay, in the order of their coming, with every role they took."""
    people: dict[str, Person] = {}
    for event in of_kinds(events, RoleTaken, PersonNeeded, PersonReleased):
        at = moment(event.occurred_at)
        match event.body:
            case RoleTaken(person=name, role=role):
                known = people.get(name) or Person(name=name, role="", reason="", joined=at, released=None)
                roles = dict.fromkeys(part for part in (*known.role.split(", "), role) if part)
                people[name] = known.model_copy(update={"role": ", ".join(roles), "released": None})
            case PersonNeeded(person=name, reason=reason):
                known = people.get(name) or Person(name=name, role="", reason="", joined=at, released=None)
                people[name] = known.model_copy(update={"reason": reason, "released": None})
            case PersonReleased(person=name) if name in people:
                people[name] = people[name].model_copy(update={"released": at})
    return tuple(people.values())


def handoffs(events: Sequence[Event]) -> tuple[Handoff, ...]:
    """Every role that went from one person to another."""
    return tuple(
        Handoff(time=moment(event.occurred_at), role=taken.role, giver=taken.previous, taker=taken.person)
        for event in of_kinds(events, RoleTaken)
        if isinstance(taken := event.body, RoleTaken) and taken.previous not in {"", taken.person}
    )
