"""The kinds of event about people: roles, who is needed, who is there, and what somebody looks into."""

from __future__ import annotations

from typing import Literal

from cockpit.incident.event import Body

Role = Literal["incident_commander", "operations", "communications"]
PresenceState = Literal["here", "away", "following"]


class RoleTaken(Body, frozen=True, kw_only=True):
    """A person took a role. `previous` held it before; `note` is what that one hands over."""

    kind = "role.taken"
    person: str
    role: Role
    previous: str = ""
    note: str = ""


class PersonNeeded(Body, frozen=True, kw_only=True):
    """Somebody is needed for `reason`, until a moment in microseconds, 0 for until released."""

    kind = "person.needed"
    person: str
    reason: str = ""
    until: int = 0


class PersonReleased(Body, frozen=True, kw_only=True):
    kind = "person.released"
    person: str
    reason: str = ""


class PresenceDeclared(Body, frozen=True, kw_only=True):
    """A person said where they stand: here on the call, away, or following in the channel. It is never inferred.

    `user` is their id in the chat, for one who said it there.
    """

    kind = "presence.declared"
    person: str
    presence: PresenceState
    user: str = ""


class HelpOffered(Body, frozen=True, kw_only=True):
    """Somebody in the channel offered help, or said that they are not needed; `user` is their id there."""

    kind = "help.offered"
    person: str
    user: str = ""
    words: str = ""


class TimerSet(Body, frozen=True, kw_only=True):
    """Somebody looks into something until a moment in microseconds."""

    kind = "timer.set"
    timer: str
    what: str
    who: str
    until: int


class TimerEnded(Body, frozen=True, kw_only=True):
    """The look of `who` into `what` is over; `found` says what came of it, and is empty when only its time ran out."""

    kind = "timer.ended"
    timer: str
    found: str = ""
    expired: bool = False
    what: str = ""
    who: str = ""
