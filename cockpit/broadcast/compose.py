"""From the state to what readers see. Pure: measurements and people's own words, never intentions of its own."""

from __future__ import annotations

import msgspec

from cockpit.broadcast.measured import Live, began, clean, deltas, names, run_words, stayed_up, tried
from cockpit.clock import SECOND, hhmm, span
from cockpit.incident.fold import State
from cockpit.incident.vocabulary import UpdatePosted
from cockpit.text import SafeText

NO_LIVE: Live = {}
TITLE, SENTENCE, PARAGRAPH = 120, 300, 500
"""Characters kept of a title, of a sentence, and of what people wrote under one heading."""


class Draft(msgspec.Struct, frozen=True):
    """What an update could say, for a person to change and send."""

    know: str
    doing: str
    unknown: str


class Card(msgspec.Struct, frozen=True):
    """The one message that is kept true. Every part is clean, and empty when there is nothing to say."""

    headline: str
    act: str
    impact: str
    measured: str
    unaffected: str
    know: str
    doing: str
    unknown: str
    people: str
    due: str
    footer: str

    @property
    def lines(self) -> tuple[str, ...]:
        """The card in plain text, one part a line."""
        return tuple(
            f"{heading}{part}"
            for heading, part in (
                ("", self.headline),
                ("Do you need to act? ", self.act),
                ("Impact: ", self.impact),
                ("Measured: ", self.measured),
                ("Not affected: ", self.unaffected),
                ("Know: ", self.know),
                ("Doing: ", self.doing),
                ("Don't know yet: ", self.unknown),
                ("", self.people),
                ("", self.due),
                ("", self.footer),
            )
            if part
        )


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
        footer=f"{clean(state.stream, 60)}, update {state.telling.posted}, as of {hhmm(now)} UTC",
    )


def card_text(state: State, now: int, live: Live = NO_LIVE) -> SafeText:
    """The card as plain text: the preview and the file say the same."""
    return SafeText("\n".join(card(state, now, live).lines))


def update_text(update: UpdatePosted, state: State) -> SafeText:
    """One update for the thread below the card."""
    know = "" if update.know == update.headline else update.know
    parts = (
        ("", f"{_drill(state)}{state.lifecycle.severity}: {clean(update.headline, SENTENCE)}"),
        ("Know: ", clean(know, PARAGRAPH)),
        ("Doing: ", clean(update.doing if update.doing != update.headline else "", PARAGRAPH)),
        ("Don't know yet: ", clean(update.unknown, PARAGRAPH)),
        ("", f"Next update by {hhmm(update.next_due)} UTC." if update.next_due else ""),
    )
    return SafeText("\n".join(f"{heading}{part}" for heading, part in parts if part))


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
