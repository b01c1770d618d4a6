"""What a press of a button on the card means as things are: what happened, and what whoever pressed is told. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec

from cockpit.broadcast.slack.listening import NAME, Button, Pressed
from cockpit.incident.attendance import HelpOffered, PresenceDeclared, PresenceState
from cockpit.incident.event import Body
from cockpit.incident.fold import State
from cockpit.incident.people import AGAIN, Roster
from cockpit.text import SafeText

_STATES: dict[Button, PresenceState] = {"away": "away", "follow": "following"}


class Answer(msgspec.Struct, frozen=True):
    """What is recorded, None for nothing, and what whoever pressed is told."""

    body: Body | None
    words: str


def called(user: str, name: str, people: Mapping[str, str], taken: Collection[str]) -> SafeText:
    """What a person is called here: as in the config, else by their own name, with their id where it is another's.

    `people` are names by user id, `taken` further names that are spoken for.
    """
    if user in people:
        # A name is one name in whatever capitals.
        spelt = (each for each in taken if each.casefold() == people[user].casefold())
        return SafeText(next(spelt, people[user]), NAME)
    if not name:
        return SafeText(user)
    others = {each.casefold() for each in (*people.values(), *taken)}
    return SafeText(f"{name} ({user})" if name.casefold() in others else name)


def spoken_for(roster: Roster, user: str) -> tuple[str, ...]:
    """The names of people on the roster who, as far as is known, are others than this user."""
    named = {*roster.needed, *roster.released, *roster.roles.values(), *roster.presence, *roster.offers}
    return tuple(sorted(name for name in named if roster.users.get(name) != user))


def answer(pressed: Pressed, person: str, state: State, over: Collection[str]) -> Answer:
    """What comes of it in the open incident; `over` are incidents that were resolved."""
    if not state.lifecycle.open or pressed.incident != state.stream:
        return Answer(None, _elsewhere(pressed.incident, state, over))
    if pressed.button == "help":
        return _help(pressed, person, state)
    return _presence(pressed, person, _STATES[pressed.button], state)


def _elsewhere(incident: str, state: State, over: Collection[str]) -> str:
    if incident in over:
        return f"{incident} is resolved, so nothing was noted. Thank you."
    now = f"; it follows {state.stream} now" if state.lifecycle.open else ""
    return f"This card is of {incident or 'no incident'}, which the cockpit does not follow{now}. Nothing was noted."


def _help(pressed: Pressed, person: str, state: State) -> Answer:
    roster, stream = state.roster, state.stream
    if person in roster.needed:
        return Answer(None, f"You are on {stream} already{_reason(roster.needed[person])}. Nothing new was noted.")
    if person in roster.offers:
        return Answer(None, f"Your offer for {stream} is noted already. You are told when you are needed.")
    lead = f"{roster.lead} sees it" if roster.lead else "whoever leads will see it"
    words = f"Thank you, {person}: your offer for {stream} is noted, and {lead}. No need to join until you are asked."
    return Answer(HelpOffered(person=person, user=pressed.user), words)


def _presence(pressed: Pressed, person: str, presence: PresenceState, state: State) -> Answer:
    roster, stream = state.roster, state.stream
    said = roster.presence.get(person)
    # A press that comes late, or once more, does not undo what the person said after it.
    if said is not None and (
        0 < pressed.at <= said.at or (said.state == presence and pressed.at - said.at < AGAIN)
    ):  # fmt: skip
        return Answer(None, f"It is noted already what you said about {stream}.")
    if presence == "following":
        words = f"Noted: you follow {stream} here. No need to join the call."
    elif person in roster.needed:
        asked = f"You are still asked for{_reason(roster.needed[person])}: tell {roster.lead or 'whoever leads'}."
        words = f"Noted: you are away. {asked}"
    else:
        words = f"Noted: you are not on {stream}. No need to join."
    return Answer(PresenceDeclared(person=person, presence=presence, user=pressed.user), words)


def _reason(reason: str) -> str:
    return f" ({reason})" if reason else ""
