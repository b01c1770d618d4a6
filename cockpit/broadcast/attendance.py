"""What readers are told of people: who is on it, who is called, and who may leave, with thanks. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from cockpit.broadcast.measured import clean, names, when
from cockpit.incident.broadcasts import UpdatePosted
from cockpit.incident.people import Roster

SHOWN = 5
"""People of whom more than the name is told."""


def people(roster: Roster, now: int) -> str:
    """Who leads, who is on it, and who was released."""
    lead = f"Lead: {clean(roster.lead, 40)}." if roster.lead else "Lead: nobody yet."
    on = f"On it: {on_it(roster, now)}." if roster.needed else ""
    released = f"Released, with thanks: {names(roster.released)}." if roster.released else ""
    return " ".join(part for part in (lead, on, released) if part)


def on_it(roster: Roster, now: int) -> str:
    """Everybody who is needed, for what and until when, and who says to be away; of very many only the first."""
    told = [_one(name, roster, now) for name in roster.needed]
    more = f" and {len(told) - SHOWN} more" if len(told) > SHOWN else ""
    return ", ".join(told[:SHOWN]) + more


def called(update: UpdatePosted, roster: Roster) -> tuple[str, ...]:
    """Those whom this update asks for: the others on the roster know it already."""
    if not update.automatic:
        return ()
    return tuple(name for name in map(_name, roster.needed) if _holds(f"{name} is needed", update.headline))


def thanks(update: UpdatePosted, roster: Roster) -> str:
    """A kind word for those who can go now."""
    if update.reason == "resolved":
        return "Thank you to everyone who helped: you can all leave the call."
    if update.reason != "released":
        return ""
    gone = [name for name in map(_name, roster.released) if _holds(f"{name} is no longer needed", update.headline)]
    # A stand-down thanks everybody by itself.
    return f"Thank you, {_row(gone)}: you can leave the call. What happens next is told here." if gone else ""


def _one(name: str, roster: Roster, now: int) -> str:
    until, presence = roster.until.get(name, 0), roster.presence.get(name)
    away = f"away since {when(presence.at, now)}" if presence is not None and presence.state == "away" else ""
    over = ", which is over" if until <= now else ""
    end = f"until {when(until, now)}{over}" if until else ""
    notes = [clean(roster.needed[name], 40), end, away]
    known = ", ".join(note for note in notes if note)
    return f"{_name(name)} ({known})" if known else _name(name)


def _row(people: Iterable[str]) -> str:
    *others, last = people
    return f"{', '.join(others)} and {last}" if others else last


def _holds(words: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(words)}", text) is not None


def _name(name: str) -> str:
    return clean(name, 40)
