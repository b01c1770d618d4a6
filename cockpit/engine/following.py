"""What follows from events by itself, recorded with them: the next turn of a run, the news, the letters. Pure."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from cockpit.broadcast.compose import card, changed, post, summons, switch
from cockpit.broadcast.due import next_due, standing_due
from cockpit.broadcast.material import automatic
from cockpit.broadcast.message import Message, Switch, redacted
from cockpit.broadcast.sender import Kind, Outgoing
from cockpit.broadcast.templates import dressed
from cockpit.config.broadcasting import Cadence
from cockpit.config.templates import PLAIN, Templates
from cockpit.engine.bounds import bounded
from cockpit.incident.attendance import PersonNeeded
from cockpit.incident.broadcasts import BroadcastHeld, BroadcastReleased, UpdatePosted, UpdateUndelivered
from cockpit.incident.event import WATCH, Body, Draft, Event
from cockpit.incident.fold import State, apply
from cockpit.incident.run import Run
from cockpit.journal.store import Letter
from cockpit.runbooks.moment import Moment
from cockpit.runbooks.plan import Plan
from cockpit.runbooks.player import consequences
from cockpit.text import Redactor

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Publishing:
    """Where news go: `takes` are the kinds of letter that each destination carries, `routes` those told of everything.

    `grace` is how many seconds a promised update may be late before the chat says so by itself; `call` is the link for
    those who are needed, if they are among the `people` whom a destination can reach alone. `templates` are a team's
    own words.
    """

    takes: Mapping[str, Collection[Kind]]
    routes: Sequence[str]
    grace: float
    call: str = ""
    people: Collection[str] = ()
    templates: Templates = PLAIN


@dataclass(frozen=True)
class _Telling:
    """A letter before it is composed."""

    update: str
    place: str
    kind: Kind
    compose: Callable[[], Message]


_FAULT = "it could not be composed, by a fault of the cockpit"


@dataclass(frozen=True)
class Surroundings:
    """All that what follows may look at beside the state."""

    moment: Moment
    new_id: str
    plans: Mapping[str, Plan]
    cadence: Cadence
    publishing: Publishing
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
    letters: list[Letter] = []
    for telling in _told(state, after, events, around):
        if (letter := _letter(telling, after, around)) is not None:
            letters.append(letter)
        else:
            lost = UpdateUndelivered(update=telling.update, destination=telling.place, why=_FAULT, final=True)
            whole.append(Draft(body=lost, actor="cockpit"))
    return tuple(whole), tuple(letters)


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


def _told(before: State, after: State, events: Sequence[Event], around: Surroundings) -> Iterator[_Telling]:
    """What is to be told where, the card before what answers to it."""
    now, publishing = around.moment.now, around.publishing
    posted = [event.body for event in events if isinstance(event.body, UpdatePosted)]
    asked = (event.body for event in events if isinstance(event.body, PersonNeeded))
    needed = [need for need in asked if need.person in publishing.people]
    news = posted[-1].update if posted else around.new_id
    edited = bool(posted) or changed(before, after)
    wound = bool(posted) or any(isinstance(event.body, BroadcastHeld | BroadcastReleased) for event in events)
    for place in _places(after, publishing):
        takes = publishing.takes[place]
        if "card" in takes and edited:
            yield _Telling(news, place, "card", partial(card, after, now, around.moment.figures))
        if "thread" in takes:
            for update in posted:
                yield _Telling(update.update, place, "thread", partial(post, update, after))
        if "switch" in takes and wound:
            yield _Telling(news, place, "switch", partial(switch, after, now, publishing.grace))
        if publishing.call and place == _messenger(after, publishing):
            for number, need in enumerate(needed):
                told = partial(summons, need.person, need.reason, need.until, after, publishing.call)
                yield _Telling(f"{news}-{number}", place, "direct", told)
    for place in _former(after, publishing):
        takes = publishing.takes[place]
        if "card" in takes and edited:
            yield _Telling(news, place, "card", partial(card, after, now, around.moment.figures))
        if "thread" in takes:
            for update in posted:
                if update.reason == "resolved":
                    yield _Telling(update.update, place, "thread", partial(post, update, after))
        if "switch" in takes and wound:
            yield _Telling(news, place, "switch", _taken_down)


def restated(state: State, around: Surroundings) -> tuple[Letter, ...]:
    """The card as it is without what was erased, and the word in keeping, for every place that has them."""
    if not state.lifecycle.declared:
        return ()
    now, publishing = around.moment.now, around.publishing
    makers: tuple[tuple[Kind, Callable[[], Message]], ...] = (
        ("card", partial(card, state, now, around.moment.figures)),
        ("switch", partial(switch, state, now, publishing.grace)),
    )
    tellings = [
        _Telling(around.new_id, place, kind, made) for place in _places(state, publishing) for kind, made in makers
    ]
    for place in _former(state, publishing):
        tellings += [_Telling(around.new_id, place, *makers[0]), _Telling(around.new_id, place, "switch", _taken_down)]
    wanted = (each for each in tellings if each.kind in publishing.takes[each.place])
    letters = (_letter(each, state, around, anew=True) for each in wanted)
    return tuple(letter for letter in letters if letter is not None)


def _places(state: State, publishing: Publishing) -> Sequence[str]:
    """The routes, and what stands in for those that cannot be reached now."""
    standings = (state.telling.standings.get(route) for route in publishing.routes)
    instead = (standing.instead for standing in standings if standing is not None and standing.state != "ok")
    return tuple(dict.fromkeys((*publishing.routes, *(name for name in instead if name in publishing.takes))))


def _messenger(state: State, publishing: Publishing) -> str:
    """The one place that speaks to people alone: two channels of one chat would tell the same person twice."""
    able = [place for place in _places(state, publishing) if "direct" in publishing.takes[place]]
    known = state.telling.standings
    well = [place for place in able if place not in known or known[place].state == "ok"]
    return next(iter(well or able), "")


def _former(state: State, publishing: Publishing) -> Sequence[str]:
    """What stood in before and does so no more: its card stays true, its chat is silent, and it learns of the end."""
    places = _places(state, publishing)
    return [name for name in state.telling.stood_in if name in publishing.takes and name not in places]


def _taken_down() -> Message:
    return Switch(0, "")


def _letter(telling: _Telling, state: State, around: Surroundings, *, anew: bool = False) -> Letter | None:
    """The letter, or None when it cannot be composed: that must not lose what happened."""
    try:
        message = redacted(dressed(telling.compose(), around.publishing.templates), around.redact)
    except Exception:
        log.exception("the %s for %s cannot be composed", telling.kind, telling.place)
        return None
    key, text = f"{telling.update}:{telling.place}:{telling.kind}", "\n".join(message.lines)
    outgoing = Outgoing(key, telling.kind, around.moment.now, state.stream, text, message, anew=anew)
    return Letter(telling.update, telling.place, telling.kind, outgoing.pack())
