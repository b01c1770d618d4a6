"""What a person asks about people: a role, somebody needed or released, where they stand, a look for a while. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from cockpit.broadcast.due import standing_due
from cockpit.clock import SECOND, hhmm, span
from cockpit.engine.circumstances import Circumstances, Refusal
from cockpit.engine.peopleview import NAME, role_word
from cockpit.incident.attendance import (
    PersonNeeded,
    PersonReleased,
    PresenceDeclared,
    Role,
    RoleTaken,
    TimerEnded,
    TimerSet,
)
from cockpit.incident.broadcasts import UpdatePosted
from cockpit.incident.event import Body, Event
from cockpit.incident.fold import State
from cockpit.incident.people import AGAIN, Roster
from cockpit.protocol import commands
from cockpit.protocol.thanks import thanks
from cockpit.text import SafeText

Decision = tuple[Sequence[Body], str]
OfPeople = (
    commands.TakeRole
    | commands.Need
    | commands.Release
    | commands.StandDown
    | commands.DeclarePresence
    | commands.SetTimer
    | commands.EndTimer
)

LOOK = (1.0, 24 * 60.0)
"""Minutes that a look may take: one without an end is nobody's."""
FAR = 30 * 24 * 3600 * SECOND
"""How far ahead anybody can be needed until, in microseconds."""
_LEAD: Role = "incident_commander"
_PRESENCE = {"here": "here, on the call", "away": "away", "following": "following in the channel"}


def of_people(state: State, command: OfPeople, around: Circumstances) -> Decision:
    """What it means for an open incident, and the answer in words; Refusal when it means nothing there.

    What is so already makes no event: a command that comes twice is answered twice, and done once.
    """
    match command:
        case commands.TakeRole():
            return _take_role(state.roster, command, around)
        case commands.Need():
            return _need(state.roster, command, around)
        case commands.Release():
            return _release(state.roster, command)
        case commands.StandDown():
            return _stand_down(state, command, around)
        case commands.DeclarePresence():
            return _declare_presence(state.roster, command, around)
        case commands.SetTimer():
            return _set_timer(state.roster, command, around)
        case commands.EndTimer():
            return _end_timer(state.roster, command)


def raced(command: commands.TakeRole, since: Sequence[Event], actor: str) -> str:
    """Who took the very role since the person looked, in words; empty when nobody else did."""
    who = command.person.strip() or actor
    for event in since:
        body = event.body
        if isinstance(body, RoleTaken) and body.role == command.role and body.person != who:
            return (
                f"{body.person} took it while you looked ({role_word(body.role)}): talk to them first, then ask again"
            )
    return ""


def expired(state: State, now: int) -> tuple[TimerEnded, ...]:
    """The looks whose time is over."""
    if not state.lifecycle.open:
        return ()
    return tuple(
        TimerEnded(timer=timer, what=look.what, who=look.who, expired=True)
        for timer, look in state.roster.timers.items()
        if look.until <= now
    )


def relief(state: State, now: int, seconds: float) -> str:
    """That somebody has led for longer than so many seconds, in words; empty before."""
    roster = state.roster
    since = roster.since.get(_LEAD, 0)
    led = (now - since) / SECOND
    if not (state.lifecycle.open and roster.lead and since) or led < seconds:
        return ""
    return f"{roster.lead} has led for {span(led)}: think of relief"


def _take_role(roster: Roster, command: commands.TakeRole, around: Circumstances) -> Decision:
    who = _person(roster, command.person.strip() or around.actor, around.people)
    role, note = command.role, command.note.strip()
    previous = roster.roles.get(role, "")
    if previous == who:
        if note:
            raise Refusal("invalid", f"{who} is {role_word(role)} already: put what is to be known into a note")
        return (), f"{who} is {role_word(role)} already"
    words = f"{who} leads: the card says so, nobody needs to ask" if role == _LEAD else f"{who} is {role_word(role)}"
    before = f"; before: {previous}, who can be released now" if previous else ""
    return (RoleTaken(person=who, role=role, previous=previous, note=note),), f"{words}{before}"


def _need(roster: Roster, command: commands.Need, around: Circumstances) -> Decision:
    who = _person(roster, _given(command.person, "who is needed"), around.people)
    reason = command.reason.strip() or roster.needed.get(who, "")
    if command.until and command.until <= around.now:
        raise Refusal("invalid", f"{hhmm(command.until)} UTC has passed: say until when they are needed from now on")
    if command.until > around.now + FAR:
        raise Refusal("invalid", "nobody is needed for more than 30 days: leave the end open, or give an earlier one")
    until = f" until {hhmm(command.until)} UTC" if command.until else ""
    if roster.needed.get(who) == reason and roster.until.get(who, 0) == command.until:
        return (), f"{who} is asked for already{until}"
    unknown = "; broadcast.people has no id of them, so the chat calls nobody: tell them yourself"
    words = f"{who} is needed{until}{unknown if around.people and who not in around.people else ''}"
    return (PersonNeeded(person=who, reason=reason, until=command.until),), words


def _release(roster: Roster, command: commands.Release) -> Decision:
    who = _person(roster, command.person)
    if who in roster.released and who not in roster.offers:
        return (), f"{who} may leave already"
    if who not in roster.needed and who not in roster.offers:
        raise Refusal("invalid", f"{who} is not on the roster{_listed(roster)}")
    left = "; nobody leads now, have somebody take the lead" if who == roster.lead else ""
    return (PersonReleased(person=who, reason=command.reason.strip()),), f"{who} may leave{left}"


def _stand_down(state: State, command: commands.StandDown, around: Circumstances) -> Decision:
    roster, stay = state.roster, dict.fromkeys(_person(state.roster, name) for name in command.stay if name.strip())
    if not stay:
        raise Refusal("invalid", "say who stays: with nobody left, resolve the incident instead")
    for name in stay:
        if name not in roster.needed:
            raise Refusal("invalid", f"{name} is not on the roster{_listed(roster)}")
    if roster.lead and roster.lead not in stay:
        raise Refusal("invalid", f"{roster.lead} leads and has to stay; or have somebody else take the lead first")
    leaving = [name for name in roster.needed if name not in stay]
    if not leaving:
        return (), "nobody else is needed: nobody to release"
    latest = state.telling.latest
    # It says nothing of the incident itself: what was said of that last still holds, and so does its promise.
    told = UpdatePosted(
        update=around.new_id, reason="released", headline=thanks([(name, _task(roster, name)) for name in stay]),
        know=latest.know if latest else "", doing=latest.doing if latest else "",
        unknown=latest.unknown if latest else "", automatic=True,
        next_due=standing_due(state, around.now, around.cadence),
    )  # fmt: skip
    return (*(PersonReleased(person=name) for name in leaving), told), f"released, with thanks: {', '.join(leaving)}"


def _declare_presence(roster: Roster, command: commands.DeclarePresence, around: Circumstances) -> Decision:
    who = _person(roster, around.actor, around.people)
    said, words = roster.presence.get(who), f"{who} is {_PRESENCE[command.presence]}"
    if said is not None and said.state == command.presence and around.now - said.at < AGAIN:
        return (), words
    return (PresenceDeclared(person=who, presence=command.presence),), words


def _set_timer(roster: Roster, command: commands.SetTimer, around: Circumstances) -> Decision:
    what, who = _given(command.what, "a look"), _person(roster, command.who.strip() or around.actor, around.people)
    least, most = LOOK
    # Written so that a NaN is refused, too.
    if not least <= command.minutes <= most:
        raise Refusal("invalid", "a look takes from 1 minute to 24 hours: give its minutes")
    until = around.now + int(command.minutes * 60 * SECOND)
    words = f"{who} looks into {what} until {hhmm(until)} UTC"
    for timer, look in roster.timers.items():
        if (look.what, look.who) == (what, who):
            if abs(until - look.until) < 60 * SECOND:
                return (), f"{who} looks into {what} already, until {hhmm(look.until)} UTC"
            return (TimerSet(timer=timer, what=what, who=who, until=until),), words
    return (TimerSet(timer=around.new_id, what=what, who=who, until=until),), words


def _end_timer(roster: Roster, command: commands.EndTimer) -> Decision:
    named = [
        timer
        for timer, look in roster.timers.items()
        if command.timer == timer or command.timer.strip().casefold() == look.what.casefold()
    ]
    if not named:
        running = ", ".join(look.what for look in roster.timers.values())
        listed = f"; these go on: {running}" if running else ""
        raise Refusal("invalid", f"no such look goes on: put what came of it into a note{listed}")
    if len(named) > 1:
        raise Refusal("invalid", f"several people look into {command.timer}: end each by its id")
    look = roster.timers[named[0]]
    ended = TimerEnded(timer=named[0], found=command.found.strip(), what=look.what, who=look.who)
    return (ended,), f"no longer looked into: {look.what}"


def _given(text: str, what: str) -> str:
    if not text.strip():
        raise Refusal("invalid", f"{what} needs some words")
    return text.strip()


def _person(roster: Roster, typed: str, people: Collection[str] = ()) -> str:
    """The name as it is known, whatever its capitals were and wherever a screen cut it; as typed for somebody new."""
    name = SafeText(typed.strip(), NAME).line
    known = (*roster.needed, *roster.offers, *roster.released, *roster.presence, *roster.roles.values(), *people)
    return next((each for each in known if SafeText(each, NAME).line.casefold() == name.casefold()), str(name))


def _task(roster: Roster, name: str) -> str:
    """What somebody is there for: the roles they hold, or else what they were asked for."""
    roles = [role_word(role) for role, holder in roster.roles.items() if holder == name]
    return ", ".join(roles) or roster.needed[name]


def _listed(roster: Roster) -> str:
    return f": needed are {', '.join(roster.needed)}" if roster.needed else ": nobody is"
