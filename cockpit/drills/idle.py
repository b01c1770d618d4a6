"""Who was kept on the call without anything to do there. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from cockpit.clock import SECOND
from cockpit.incident.attendance import (
    PersonNeeded,
    PersonReleased,
    PresenceDeclared,
    RoleTaken,
    TimerEnded,
    TimerSet,
)
from cockpit.incident.event import Event
from cockpit.incident.vocabulary import IncidentResolved

SHORTEST = 60.0
"""Seconds: who has nothing to do for less than this is only passing through."""


class Idle(msgspec.Struct, frozen=True):
    """Somebody on the call with no role, nothing they were needed for and nothing they looked into, in microseconds."""

    person: str
    since: int
    until: int

    @property
    def minutes(self) -> float:
        """How long in all."""
        return (self.until - self.since) / (60 * SECOND)


def idle(events: Sequence[Event], now: int) -> tuple[Idle, ...]:
    """Every stretch of it until `now` (microseconds), or until the incident was over."""
    seen = _Call()
    for event in events:
        if isinstance(event.body, IncidentResolved):
            return seen.over(event.occurred_at)
        seen.take(event)
    return seen.over(now)


class _Call:
    """Who is on the call, and why."""

    def __init__(self) -> None:
        self._here: set[str] = set()
        self._reasons: dict[str, str] = {}
        self._roles: dict[str, str] = {}
        self._looks: dict[str, str] = {}
        self._since: dict[str, int] = {}
        self._found: list[Idle] = []

    def take(self, event: Event) -> None:
        match event.body:
            case RoleTaken(person=person, role=role):
                self._here.add(person)
                self._roles[role] = person
            case PersonNeeded(person=person, reason=reason):
                self._here.add(person)
                self._reasons[person] = reason
            case PresenceDeclared(person=person, presence="here"):
                self._here.add(person)
            case PersonReleased(person=person) | PresenceDeclared(person=person):
                self._here.discard(person)
                self._reasons.pop(person, None)
                self._roles = {role: name for role, name in self._roles.items() if name != person}
            case TimerSet(timer=timer, who=who):
                self._looks[timer] = who
            case TimerEnded(timer=timer):
                self._looks.pop(timer, None)
            case _:
                return
        self._settle(event.occurred_at)

    def over(self, at: int) -> tuple[Idle, ...]:
        for person in list(self._since):
            self._end(person, at)
        return tuple(sorted(self._found, key=lambda one: (one.since, one.person)))

    def _settle(self, at: int) -> None:
        busy = {*self._roles.values(), *self._looks.values(), *(name for name, why in self._reasons.items() if why)}
        for person in self._here - busy - self._since.keys():
            self._since[person] = at
        for person in [name for name in self._since if name in busy or name not in self._here]:
            self._end(person, at)

    def _end(self, person: str, at: int) -> None:
        one = Idle(person, self._since.pop(person), at)
        if one.until - one.since >= SHORTEST * SECOND:
            self._found.append(one)
