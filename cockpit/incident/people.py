"""Who is on it, in which role, and who may leave."""

from __future__ import annotations

import msgspec

from cockpit.incident.event import Event
from cockpit.incident.vocabulary import PersonNeeded, PersonReleased, Role, RoleTaken


class Roster(msgspec.Struct, frozen=True):
    """People needed with the reason, people released, and who holds each role."""

    needed: dict[str, str] = {}
    released: tuple[str, ...] = ()
    roles: dict[Role, str] = {}

    @property
    def lead(self) -> str:
        """The incident commander, or nobody."""
        return self.roles.get("incident_commander", "")


def reduce(state: Roster, event: Event) -> Roster:
    """The state after this event."""
    match event.body:
        case RoleTaken(person=person, role=role):
            return Roster(
                needed={person: role.replace("_", " ")} | state.needed,
                released=tuple(name for name in state.released if name != person),
                roles=state.roles | {role: person},
            )
        case PersonNeeded(person=person, reason=reason):
            return Roster(
                needed=state.needed | {person: reason},
                released=tuple(name for name in state.released if name != person),
                roles=state.roles,
            )
        case PersonReleased(person=person):
            return Roster(
                needed={name: why for name, why in state.needed.items() if name != person},
                released=(*(name for name in state.released if name != person), person),
                roles={role: name for role, name in state.roles.items() if name != person},
            )
    return state
