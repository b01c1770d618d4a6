"""What follows from events by itself, recorded with them: the next turn of a run, the news, the letters. Pure."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cockpit.broadcast.compose import card_text, update_text
from cockpit.broadcast.due import next_due, standing_due
from cockpit.broadcast.material import automatic
from cockpit.broadcast.sender import Outgoing
from cockpit.config.model import Cadence
from cockpit.engine.bounds import bounded
from cockpit.incident.event import WATCH, Body, Draft, Event
from cockpit.incident.fold import State, apply
from cockpit.incident.run import Run
from cockpit.incident.vocabulary import UpdatePosted
from cockpit.journal.outbox import LetterKind
from cockpit.journal.store import Letter
from cockpit.runbooks.moment import Moment
from cockpit.runbooks.plan import Plan
from cockpit.runbooks.player import consequences
from cockpit.text import Redactor

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Surroundings:
    """All that what follows may look at beside the state."""

    moment: Moment
    new_id: str
    plans: Mapping[str, Plan]
    cadence: Cadence
    destinations: Sequence[str]
    redact: Redactor


def follow(state: State, drafts: Sequence[Draft], around: Surroundings) -> tuple[tuple[Draft, ...], tuple[Letter, ...]]:
    """The drafts with everything that follows from them, and the letters that tell of it."""
    if state.stream == WATCH or not drafts:
        return tuple(drafts), ()
    whole: list[Draft] = []
    events: list[Event] = []
    after = state
    for draft in drafts:
        after = _take(after, draft, around, whole, events)
    # Once it is over nothing more is started for it, whatever was confirmed before.
    for run in after.runs.values() if after.lifecycle.open else ():
        for body in _consequences(run, around):
            after = _take(after, Draft(body=body, actor="cockpit"), around, whole, events)
    news = automatic(state, after, events, around.moment.figures)
    if news is not None:
        posted = UpdatePosted(
            update=around.new_id, reason=news.reason, headline=news.headline, know=news.know, doing=news.doing,
            unknown=news.unknown, automatic=True, next_due=_promise(state, after, around),
        )  # fmt: skip
        after = _take(after, Draft(body=posted, actor="cockpit"), around, whole, events)
    return tuple(whole), tuple(_letters(after, events, around))


def _take(state: State, draft: Draft, around: Surroundings, whole: list[Draft], events: list[Event]) -> State:
    at = draft.occurred_at or around.moment.now
    event = Event(state.stream, state.seq + 1, at, around.moment.now, draft.actor, "", draft.body)
    whole.append(draft)
    events.append(event)
    return apply(state, event)


def _consequences(run: Run, around: Surroundings) -> Sequence[Body]:
    plan = around.plans.get(run.id)
    if plan is None:
        return ()
    try:
        with bounded():
            return consequences(plan, run, around.moment)
    except Exception:
        # What happened is recorded whatever our rules make of it: a result that is lost here is lost for good.
        log.exception("what follows in the run %s cannot be told", run.id)
        return ()


def _promise(before: State, after: State, around: Surroundings) -> int:
    """A declaration promises its first word anew; anything else automatic keeps the promise a person made."""
    if not before.lifecycle.declared:
        return next_due(after, around.moment.now, around.cadence)
    return standing_due(after, around.moment.now, around.cadence)


def _letters(state: State, events: Sequence[Event], around: Surroundings) -> Sequence[Letter]:
    posted = [event.body for event in events if isinstance(event.body, UpdatePosted)]
    letters: list[Letter] = []
    for destination in around.destinations:
        for update in posted:
            letters.append(_letter(update.update, destination, "thread", update_text(update, state), state, around))
        if posted:
            card = card_text(state, around.moment.now, around.moment.figures)
            letters.append(_letter(posted[-1].update, destination, "card", card, state, around))
    return letters


def _letter(update: str, destination: str, kind: LetterKind, text: str, state: State, around: Surroundings) -> Letter:
    key = f"{update}:{destination}:{kind}"
    outgoing = Outgoing(key=key, kind=kind, at=around.moment.now, incident=state.stream, text=around.redact(text))
    return Letter(update, destination, kind, outgoing.pack())
