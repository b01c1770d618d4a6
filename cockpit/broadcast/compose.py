"""From the state to what readers see. Pure: measurements and people's own words, never intentions of its own."""

from __future__ import annotations

import msgspec

from cockpit.broadcast.attendance import called, on_it, people, thanks
from cockpit.broadcast.estimates import estimate
from cockpit.broadcast.measured import DAY, Live, began, clean, deltas, names, run_words, stayed_up, tried, when
from cockpit.broadcast.message import Card, Direct, Post, Switch
from cockpit.broadcast.news import PARAGRAPH, SENTENCE
from cockpit.broadcast.templates import dressed
from cockpit.clock import SECOND, hhmm, span
from cockpit.config.templates import PLAIN, Templates
from cockpit.incident.broadcasts import UpdatePosted
from cockpit.incident.fold import State
from cockpit.incident.telling import OVERDUE
from cockpit.text import LIMIT, SafeText

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
    life, roster = state.lifecycle, state.roster
    drafted = draft(state, run_words(state), now, live)
    said = _said(state, drafted.doing, now)
    return Card(
        headline=headline(state),
        act=_act(state),
        impact=_impact(state, now),
        measured=clean(deltas(state, now, live), PARAGRAPH),
        unaffected=_unaffected(state, now, live),
        know=clean(said.know, PARAGRAPH),
        # Once it is over, only what really still runs is being done.
        doing=clean(drafted.doing, PARAGRAPH) if life.resolved else _doing(said.doing, state, now),
        unknown=clean(said.unknown, PARAGRAPH),
        people=people(roster, now),
        due=_due(state, now),
        severity=life.severity,
        status=life.status,
        title=clean(life.title, TITLE),
        lead=clean(roster.lead, 40),
        on_it=on_it(roster, now),
        released=names(roster.released),
        needed=tuple(clean(name, 40) for name in roster.needed),
        started=began(state),
        next_due=0 if life.resolved else state.telling.next_due,
        as_of=now,
        estimate=estimate(state, now),
        incident=clean(state.stream, 60),
        revision=state.telling.posted,
        resolved=bool(life.resolved),
        footer=f"{clean(state.stream, 60)}, update {state.telling.posted}, as of {hhmm(now)} UTC",
        moments=_moments(state, now),
    )


def card_text(state: State, now: int, live: Live = NO_LIVE, templates: Templates = PLAIN) -> SafeText:
    """The card as plain text: the preview and the file say the same."""
    return SafeText("\n".join(dressed(card(state, now, live), templates).lines), 2 * LIMIT)


def post(update: UpdatePosted, state: State) -> Post:
    """One update for the thread below the card."""
    life, roster, now = state.lifecycle, state.roster, state.telling.last_at
    doing = update.unsaid(update.doing)
    # What is due and unwritten tells of measurements alone.
    alone = update.reason == OVERDUE or life.resolved
    promised = bool(update.eta) or update.reason == "resolved"
    return Post(
        reason=update.reason,
        headline=f"{_drill(state)}{_severely(life.severity, clean(update.headline, 2 * SENTENCE))}",
        know=clean(update.unsaid(update.know), PARAGRAPH),
        doing=clean(doing, PARAGRAPH) if alone else _doing(doing, state, now),
        unknown=clean(update.unknown, PARAGRAPH),
        next_due=update.next_due,
        estimate=estimate(state, now) if promised else "",
        needed=called(update, roster),
        thanks=thanks(update, roster),
        incident=clean(state.stream, 60),
        title=clean(life.title, TITLE),
        severity=life.severity,
        moments=_moments(state, now),
    )


def changed(before: State, after: State) -> bool:
    """Whether readers of the card would see anything new, leaving aside that time goes on."""
    return card(before, 0) != card(after, 0)


def switch(state: State, now: int, grace: float) -> Switch:
    """What the chat is to say by itself when the promised word has not come `grace` seconds after its time.

    While somebody holds what waits, the cockpit is silent on purpose, and the word may come when that ends.
    """
    due = state.telling.next_due
    if not state.lifecycle.open or not due:
        return Switch(0, "")
    who = clean(state.roster.lead, 40) or "whoever is on call"
    stream = f"{_drill(state)}{clean(state.stream, 60)}"
    silent = f"the cockpit has been silent since {hhmm(now)} UTC, and the update promised for {hhmm(due)} did not come"
    at = max(due, state.telling.held_until) + int(grace * SECOND)
    return Switch(at, f"{stream}: {silent}. Ask {who}.", clean(state.roster.lead, 40))


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


def _said(state: State, running: str, now: int) -> Draft:
    """What people said last, with its hour when the cockpit has told of something since, and what came of it all.

    What the cockpit told of measurements is left out: the card says beside it what is measured now.
    """
    latest, word = state.telling.latest, state.telling.said
    unknown = latest.unknown if latest else ""
    if word is None:
        return Draft(tried(state), running, unknown)
    if word == latest:
        return Draft(word.know, word.doing or running, unknown)
    at = when(state.telling.by_person_at, now)
    return Draft(_and_said(tried(state), word.know, at), _and_said(running, word.doing, at), unknown)


def _and_said(fact: str, words: str, at: str) -> str:
    """A fact of now, and behind it what a person said then."""
    said = f"Said at {at}: {words}" if words else ""
    return " ".join(part for part in (fact if fact not in words else "", said) if part)


def headline(state: State) -> str:
    """Such as `SEV1 - Logins failing - Mitigating`."""
    life = state.lifecycle
    return f"{_drill(state)}{life.severity} - {clean(life.title, TITLE)} - {life.status.capitalize()}"


def _drill(state: State) -> str:
    return "DRILL - " if state.lifecycle.drill else ""


def _severely(severity: str, said: str) -> str:
    """What is said, after how bad it is: once."""
    return said if said.startswith(f"{severity} ") else f"{severity}: {said}"


def _act(state: State) -> str:
    drill = "This is a drill. " if state.lifecycle.drill else ""
    if state.lifecycle.resolved:
        return f"{drill}No: this is resolved."
    needed = names(state.roster.needed)
    if not needed:
        return f"{drill}Nobody has been asked for yet. No need to join the call, follow here."
    return f"{drill}Needed: {needed}. Everyone else: no need to join the call, follow here."


def _impact(state: State, now: int) -> str:
    life = state.lifecycle
    since = f"since {when(began(state), now)}"
    said = clean(life.impact, SENTENCE).rstrip(".")
    if life.resolved:
        lasted = span(max(0, life.resolved - began(state)) / SECOND)
        since = f"from {_from(began(state), life.resolved, now)} to {when(life.resolved, now)} ({lasted})"
    return f"{said or 'Not described yet'}, {since}."


def _from(start: int, end: int, now: int) -> str:
    """The first of two moments, without what the second says anyway."""
    return hhmm(start) if when(start, now) == f"{hhmm(start)} UTC" and end >= start else when(start, now)


def _unaffected(state: State, now: int, live: Live) -> str:
    declared = names(state.lifecycle.unaffected)
    up = names(probe.probe for probe in stayed_up(state, now, live))
    measured = f"up all the while: {up}" if up else ""
    return "; ".join(part for part in (declared, measured) if part)


def _doing(said: str, state: State, now: int) -> str:
    """What people say is being done, and what somebody looks into meanwhile."""
    looks = [
        f"{clean(look.who, 40)} looks into {clean(look.what, 80)} until {when(look.until, now)}."
        for look in state.roster.timers.values()
        if look.until > now
    ]
    told = clean(said, PARAGRAPH)
    if looks and told and not told.endswith((".", "!", "?", "…")):
        told += "."
    return clean(" ".join(part for part in (told, *looks) if part), 2 * PARAGRAPH)


def _due(state: State, now: int) -> str:
    due = state.telling.next_due
    if state.lifecycle.resolved:
        return "No further updates."
    if not due:
        return ""
    return f"Next update by {when(due, now)}." if due > now else f"The next update was due at {when(due, now)}."


def _moments(state: State, now: int) -> tuple[int, ...]:
    """The moments that the texts may name by an hour alone."""
    life, telling, roster = state.lifecycle, state.telling, state.roster
    named = {
        began(state), life.resolved, telling.next_due, telling.by_person_at, telling.eta, telling.eta_before, now,
        *roster.until.values(), *(look.until for look in roster.timers.values()),
        *(probe.since for probe in state.watching.probes.values()),
        *(step.changed_at for run in state.runs.values() if run.outcome is None for step in run.steps),
    }  # fmt: skip
    return tuple(sorted(at for at in named if at and abs(now - at) <= DAY))
