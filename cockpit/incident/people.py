"""Who is on it, in which role, for what and until when, and who may leave."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from cockpit.incident.attendance import (
    HelpOffered,
    PersonNeeded,
    PersonReleased,
    PresenceDeclared,
    PresenceState,
    Role,
    RoleTaken,
    TimerEnded,
    TimerSet,
)
from cockpit.incident.event import AnyBody, Event
from cockpit.moments import SECOND

V = TypeVar("V")


AGAIN = 300 * SECOND
"""How long the same word about oneself only repeats the last, in microseconds; then it makes it young again."""


class Presence(msgspec.Struct, frozen=True):
    """What a person said of themselves, and when, in microseconds."""

    state: PresenceState
    at: int


class Timer(msgspec.Struct, frozen=True):
    """What somebody looks into, since and until when."""

    what: str
    who: str
    since: int
    until: int


class Roster(msgspec.Struct, frozen=True):
    """People needed with the reason and until when (0 for open), people released, and who holds each role since when.

    `offers` are those who offered help and were not asked yet, `users` the ids in the chat of all who
    spoke there; `timers` are the looks that still go on.
    """

    needed: dict[str, str] = {}
    released: tuple[str, ...] = ()
    roles: dict[Role, str] = {}
    until: dict[str, int] = {}
    since: dict[Role, int] = {}
    presence: dict[str, Presence] = {}
    offers: dict[str, str] = {}
    users: dict[str, str] = {}
    timers: dict[str, Timer] = {}

    @property
    def lead(self) -> str:
        """The incident commander, or nobody."""
        return self.roles.get("incident_commander", "")


MOVED_BY: frozenset[type[AnyBody]] = frozenset(
    (RoleTaken, PersonNeeded, PersonReleased, PresenceDeclared, HelpOffered, TimerSet, TimerEnded)
)
"""Whatever else happens leaves this state as it is."""


def reduce(state: Roster, event: Event) -> Roster:
    """The state after this event."""
    match event.body:
        case RoleTaken(person=person, role=role):
            return msgspec.structs.replace(
                state,
                needed={person: _task(role)} | _handed_over(state, role, person),
                released=_without(state.released, person),
                roles=state.roles | {role: person},
                since=state.since | {role: event.occurred_at},
                offers=_less(state.offers, person),
            )
        case PersonNeeded(person=person, reason=reason, until=until):
            ends = state.until | {person: until} if until else _less(state.until, person)
            return msgspec.structs.replace(
                state,
                needed=state.needed | {person: reason},
                released=_without(state.released, person),
                until=ends,
                offers=_less(state.offers, person),
            )
        case PersonReleased(person=person):
            return msgspec.structs.replace(
                state,
                needed=_less(state.needed, person),
                released=(*_without(state.released, person), person),
                roles={role: name for role, name in state.roles.items() if name != person},
                until=_less(state.until, person),
                since={role: at for role, at in state.since.items() if state.roles.get(role) != person},
                offers=_less(state.offers, person),
            )
        case PresenceDeclared(person=person, presence=presence, user=user):
            declared = state.presence | {person: Presence(presence, event.occurred_at)}
            # Who offered help and is away now offers it no longer.
            offers = _less(state.offers, person) if presence == "away" else state.offers
            users = _known(state.users, person, user)
            return msgspec.structs.replace(state, presence=declared, offers=offers, users=users)
        case HelpOffered(person=person, user=user, words=words):
            users = _known(state.users, person, user)
            return msgspec.structs.replace(state, offers=state.offers | {person: words}, users=users)
        case TimerSet(timer=timer, what=what, who=who, until=until):
            running = state.timers | {timer: Timer(what, who, event.occurred_at, until)}
            return msgspec.structs.replace(state, timers=running)
        case TimerEnded(timer=timer):
            return msgspec.structs.replace(state, timers=_less(state.timers, timer))
    return state


def _task(role: Role) -> str:
    return role.replace("_", " ")


def _handed_over(state: Roster, role: Role, person: str) -> dict[str, str]:
    """Those needed; whoever held the role until now stays, but no longer for the sake of it."""
    before = state.roles.get(role)
    if before is None or before == person or state.needed.get(before) != _task(role):
        return state.needed
    return state.needed | {before: ""}


def _known(users: dict[str, str], person: str, user: str) -> dict[str, str]:
    return users | {person: user} if user else users


def _without(people: tuple[str, ...], person: str) -> tuple[str, ...]:
    return tuple(name for name in people if name != person)


def _less(told: dict[str, V], person: str) -> dict[str, V]:
    return {name: value for name, value in told.items() if name != person}
