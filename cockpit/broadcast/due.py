"""When the next word is due, and what is told when nobody wrote it. Pure."""

from __future__ import annotations

from cockpit.broadcast.measured import STALE, Live, clean, deltas, run_words
from cockpit.broadcast.news import PARAGRAPH, News
from cockpit.clock import SECOND, hhmm
from cockpit.config.broadcasting import Cadence
from cockpit.incident.fold import State
from cockpit.incident.telling import OVERDUE
from cockpit.incident.vocabulary import Severity

PATIENCE = 2
"""So many updates in a row that nobody wrote, and another lead is asked for."""


def silence(severity: Severity, cadence: Cadence) -> float:
    """The longest silence for that severity, in seconds."""
    match severity:
        case "SEV1":
            return cadence.SEV1
        case "SEV2":
            return cadence.SEV2
        case "SEV3":
            return cadence.SEV3
        case "SEV4":
            return cadence.SEV4


def next_due(state: State, now: int, cadence: Cadence) -> int:
    """The moment that a word given now promises for the next, in microseconds; 0 when no incident is open.

    The very first word promises one within `first` of the declaration. A pause that a person announced goes before
    that of the severity.
    """
    if not state.lifecycle.open:
        return 0
    opening = state.lifecycle.declared + int(cadence.first * SECOND)
    if not state.telling.posted and opening > now:
        return opening
    return now + int((state.telling.cadence or silence(state.lifecycle.severity, cadence)) * SECOND)


def standing_due(state: State, now: int, cadence: Cadence) -> int:
    """The moment that an automatic word repeats: it keeps a person's promise, and renews one that was broken."""
    if state.lifecycle.open and state.telling.next_due > now:
        return min(state.telling.next_due, next_due(state, now, cadence))
    return next_due(state, now, cadence)


def overdue(state: State, now: int, live: Live) -> News | None:
    """What to tell when the promised word did not come: only what is measured, how old that is, and who was silent.

    None while nothing is due, and while somebody holds what waits.
    """
    telling = state.telling
    if not (state.lifecycle.open and telling.next_due) or now < max(telling.next_due, telling.held_until):
        return None
    lead = clean(state.roster.lead, 40)
    since = f"since {hhmm(_last_word(state))} UTC"
    silent = f"No word from {f'{lead}, who leads,' if lead else 'anybody'} {since}"
    if lead and (led := state.roster.since.get("incident_commander", 0)) > _last_word(state):
        # Whoever has just taken over was not the one who kept silent.
        silent = f"No word {since}; {lead} leads since {hhmm(led)} UTC"
    wanted = telling.unanswered + 1 >= PATIENCE
    return News(
        reason=OVERDUE,
        headline=f"{silent}. Somebody else is asked to take the lead." if wanted else silent,
        know=clean(deltas(state, now, live), PARAGRAPH) or _nothing_fails(state, now, live),
        doing=clean(run_words(state), PARAGRAPH),
    )


def _nothing_fails(state: State, now: int, live: Live) -> str:
    """That nothing is bad, as far as anybody looked lately: after a sleep of this host nobody did."""
    looked = max((live.get(name, probe.figures).at for name, probe in state.watching.probes.items()), default=0)
    if looked and now - looked > STALE * SECOND:
        return f"Nothing was measured since {hhmm(looked)} UTC."
    return "Nothing is measured as failing now."


def _last_word(state: State) -> int:
    return state.telling.by_person_at or state.lifecycle.declared
