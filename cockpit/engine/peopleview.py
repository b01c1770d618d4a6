"""Who is on it, as the screens show it. Pure."""

from __future__ import annotations

import msgspec

from cockpit.incident.attendance import Role
from cockpit.incident.fold import State
from cockpit.incident.people import Roster
from cockpit.protocol.commands import ROLES
from cockpit.protocol.views import EMPTY, PeopleView, PersonView, TimerView
from cockpit.text import SafeText

_WORDS = {role: word for word, role in ROLES.items()}
NAME, WORDS = 60, 160
"""Characters kept of a name, and of what somebody is needed for or said."""


def people(state: State, *, call: str = "", relief: str = "") -> PeopleView:
    """Those needed, the lead first; then who offers help, who only said where they are, and who may leave."""
    roster = state.roster
    holders = dict.fromkeys(name for name in (roster.lead, *roster.roles.values()) if name)
    needed = [*holders, *(name for name in roster.needed if name not in holders)]
    offering = [name for name in roster.offers if name not in needed]
    placed = {*needed, *offering, *roster.released}
    declared = [name for name in roster.presence if name not in placed]
    released = [name for name in roster.released if name not in offering]
    return PeopleView(
        tuple(_person(roster, name) for name in (*needed, *offering, *declared, *released)),
        timers=tuple(
            TimerView(timer, _line(look.what), _line(look.who), look.since, look.until)
            for timer, look in roster.timers.items()
        ),
        call=SafeText(call).line if state.lifecycle.open else EMPTY,
        relief=SafeText(relief, WORDS).line,
    )


def shown_to(pane: PeopleView, actor: str) -> PeopleView:
    """The people as that person may see them: the call is for those who are needed."""
    name = SafeText(actor, NAME).line.casefold()
    if not pane.call or any(person.needed and person.name.casefold() == name for person in pane.people):
        return pane
    return msgspec.structs.replace(pane, call=EMPTY)


def role_word(role: Role) -> str:
    """What people call the role."""
    return _WORDS[role]


def _person(roster: Roster, name: str) -> PersonView:
    said = roster.presence.get(name)
    needed = name in roster.needed
    return PersonView(
        SafeText(name, NAME).line,
        _line(roster.needed.get(name, roster.offers.get(name, ""))),
        needed,
        until=roster.until.get(name, 0),
        roles=tuple(SafeText(role_word(role)) for role, holder in roster.roles.items() if holder == name),
        presence=SafeText(said.state if said else ""),
        presence_at=said.at if said else 0,
        offered=name in roster.offers and not needed,
    )


def _line(text: str) -> SafeText:
    return SafeText(text, WORDS).line
