"""From the state to what readers see. Pure: measurements and people's own words, never intentions of its own."""

from __future__ import annotations

import msgspec

from cockpit.broadcast.measured import Live, began, clean, deltas, names, run_words, stayed_up, tried
from cockpit.broadcast.message import Card, Direct, Post, Switch
from cockpit.broadcast.news import PARAGRAPH, SENTENCE
from cockpit.clock import SECOND, hhmm, span
from cockpit.incident.broadcasts import UpdatePosted
from cockpit.incident.fold import State
from cockpit.text import SafeText

NO_LIVE: Live = {}
TITLE = 120
"""Characters kept of a title."""


class Draft(msgspec.Struct, frozen=True):
    """What an update could say, for a person to change and send."""

    know: str
    doing: str
    unknown: str


def card(state: State, now: int, live: Live = NO_LIVE) -> Card:
    """The card as it is true at `now`; `live` are the latest figures of the probes."""
    latest = state.telling.latest
    drafted = draft(state, run_words(state), now, live)
    said = Draft(latest.know, latest.doing, latest.unknown) if latest else drafted
    return Card(
        headline=headline(state),
        act=_act(state),
        impact=_impact(state),
        measured=clean(deltas(state, now, live), PARAGRAPH),
        unaffected=_unaffected(state, now, live),
        # A prefilled Know would only say once more what was measured.
        know=clean(said.know, PARAGRAPH) if latest else clean(tried(state), PARAGRAPH),
        doing=clean(said.doing or drafted.doing, PARAGRAPH),
        unknown=clean(said.unknown, PARAGRAPH),
        people=_people(state),
        due=_due(state, now),
        severity=state.lifecycle.severity,
        status=state.lifecycle.status,
        lead=clean(state.roster.lead, 40),
        on_it=names(state.roster.needed),
        released=names(state.roster.released),
        needed=tuple(clean(name, 40) for name in state.roster.needed),
        started=began(state),
        next_due=0 if state.lifecycle.resolved else state.telling.next_due,
        as_of=now,
        estimate=_estimate(state),
        incident=clean(state.stream, 60),
        revision=state.telling.posted,
        resolved=bool(state.lifecycle.resolved),
        footer=f"{clean(state.stream, 60)}, update {state.telling.posted}, as of {hhmm(now)} UTC",
    )


def card_text(state: State, now: int, live: Live = NO_LIVE) -> SafeText:
    """The card as plain text: the preview and the file say the same."""
    return SafeText("\n".join(card(state, now, live).lines))


def post(update: UpdatePosted, state: State) -> Post:
    """One update for the thread below the card."""
    know = "" if update.know == update.headline else update.know
    return Post(
        reason=update.reason,
        headline=f"{_drill(state)}{state.lifecycle.severity}: {clean(update.headline, SENTENCE)}",
        know=clean(know, PARAGRAPH),
        doing=clean(update.doing if update.doing != update.headline else "", PARAGRAPH),
        unknown=clean(update.unknown, PARAGRAPH),
        next_due=update.next_due,
        estimate=_estimate(state) if update.eta else "",
        needed=tuple(clean(name, 40) for name in state.roster.needed) if update.reason == "needed" else (),
    )


def changed(before: State, after: State) -> bool:
    """Whether readers of the card would see anything new, leaving aside that time goes on."""
    return card(before, 0) != card(after, 0)


def switch(state: State, now: int, grace: float) -> Switch:
    """What the chat is to say by itself when the promised word has not come `grace` seconds after its time."""
    due = state.telling.next_due
    if not state.lifecycle.open or not due:
        return Switch(0, "")
    who = clean(state.roster.lead, 40) or "whoever is on call"
    stream = f"{_drill(state)}{clean(state.stream, 60)}"
    silent = f"the cockpit has been silent since {hhmm(now)} UTC, and the update promised for {hhmm(due)} did not come"
    return Switch(due + int(grace * SECOND), f"{stream}: {silent}. Ask {who}.")


def summons(person: str, reason: str, until: int, state: State, call: str) -> Direct:
    """What somebody who is needed is told alone: for what, until when, and where the call is."""
    what = f" for {clean(reason, SENTENCE)}" if reason else ""
    end = f" until {hhmm(until)} UTC" if until else ""
    return Direct(person, f"{headline(state)}. You are needed{what}{end}. The call: {call}")


def draft(state: State, run: str, now: int, live: Live = NO_LIVE) -> Draft:
    """An update prefilled with what was measured and tried; `run` says what is being run."""
    known = " ".join(part for part in (deltas(state, now, live), tried(state)) if part)
    latest = state.telling.latest
    return Draft(know=known, doing=run, unknown=latest.unknown if latest else "")


def headline(state: State) -> str:
    """Such as `SEV1 - Logins failing - Mitigating`."""
    life = state.lifecycle
    return f"{_drill(state)}{life.severity} - {clean(life.title, TITLE)} - {life.status.capitalize()}"


def _drill(state: State) -> str:
    return "DRILL - " if state.lifecycle.drill else ""


def _act(state: State) -> str:
    if state.lifecycle.resolved:
        return "No: this is resolved."
    needed = names(state.roster.needed)
    if not needed:
        return "Nobody has been asked for yet. No need to join, follow here."
    return f"Needed: {needed}. Everyone else: no need to join, follow here."


def _impact(state: State) -> str:
    life = state.lifecycle
    since = f"since {hhmm(began(state))} UTC"
    said = clean(life.impact, SENTENCE).rstrip(".")
    if life.resolved:
        lasted = span(max(0, life.resolved - began(state)) / SECOND)
        since = f"from {hhmm(began(state))} to {hhmm(life.resolved)} UTC ({lasted})"
    return f"{said}, {since}." if said else f"{since}."


def _unaffected(state: State, now: int, live: Live) -> str:
    declared = names(state.lifecycle.unaffected)
    up = names(probe.probe for probe in stayed_up(state, now, live))
    measured = f"up all the while: {up}" if up else ""
    return "; ".join(part for part in (declared, measured) if part)


def _estimate(state: State) -> str:
    telling = state.telling
    return f"{clean(telling.eta_by, 40)} estimates {hhmm(telling.eta)} UTC" if telling.eta else ""


def _people(state: State) -> str:
    roster = state.roster
    lead = f"Lead: {clean(roster.lead, 40)}." if roster.lead else "Lead: nobody yet."
    on_it = f"On it: {names(roster.needed)}." if roster.needed else ""
    released = f"Released: {names(roster.released)}." if roster.released else ""
    return " ".join(part for part in (lead, on_it, released) if part)


def _due(state: State, now: int) -> str:
    due = state.telling.next_due
    if state.lifecycle.resolved:
        return "No further updates."
    if not due:
        return ""
    return f"Next update by {hhmm(due)} UTC." if due > now else f"The next update was due at {hhmm(due)} UTC."
