"""From the events of an incident to its report. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from cockpit.clock import moment
from cockpit.incident.attendance import PersonNeeded, PersonReleased, RoleTaken
from cockpit.incident.event import Event
from cockpit.incident.fold import State
from cockpit.incident.intervals import Marks, intervals, marks
from cockpit.incident.runs import OptionChosen
from cockpit.incident.words import describe
from cockpit.review.impact import impact
from cockpit.review.model import (
    Change,
    Decision,
    Entry,
    Header,
    Interval,
    Person,
    Report,
)
from cockpit.review.quality import doubts
from cockpit.review.telling import communications
from cockpit.review.tried import tried


def build(events: Sequence[Event], state: State, now: int) -> Report:
    """The report of one incident's stream as it stands at `now` (microseconds since the epoch)."""
    when = marks(events)
    attempts = tried(events, state)
    return Report(
        header=_header(state, now),
        impact=impact(events, state, now),
        timeline=tuple(_entry(event) for event in sorted(events, key=lambda event: (event.occurred_at, event.seq))),
        intervals=_intervals(when),
        tried=attempts,
        decisions=_decisions(events),
        changes=_changes(state),
        communications=communications(events, now),
        roster=_roster(events),
        data_quality=doubts(events, when, attempts),
    )


def _header(state: State, now: int) -> Header:
    life = state.lifecycle
    return Header(
        id=state.stream,
        title=life.title,
        kind="drill" if life.drill else "real",
        drill=life.drill,
        severity=life.severity,
        status=life.status,
        declared_by=life.declared_by,
        lead=state.roster.lead,
        generated_at=moment(now),
    )


def _entry(event: Event) -> Entry:
    line = describe(event)
    return Entry(time=moment(event.occurred_at), kind=line.kind, actor=event.actor, text=line.text, seq=event.seq)


def _intervals(when: Marks) -> tuple[Interval, ...]:
    return tuple(
        Interval(
            start=one.start,
            end=one.end,
            started_at=moment(getattr(when, one.start)),
            ended_at=moment(getattr(when, one.end)),
            minutes=None if one.seconds is None else round(one.seconds / 60, 1),
        )
        for one in intervals(when)
    )


def _decisions(events: Sequence[Event]) -> tuple[Decision, ...]:
    return tuple(
        Decision(
            time=moment(event.occurred_at), step=chosen.step, chosen=chosen.title, rejected=chosen.rejected,
            why=chosen.why, actor=event.actor,
        )
        for event in events
        if isinstance(chosen := event.body, OptionChosen)
    )  # fmt: skip


def _changes(state: State) -> tuple[Change, ...]:
    return tuple(
        Change(
            time=moment(change.at), id=seen.change, what=seen.what, source=seen.source, service=seen.service,
            who=seen.who, reviewed=seen.reviewed, link=seen.link, undo=seen.undo,
        )
        for change in state.watching.changes
        for seen in (change.seen,)
    )  # fmt: skip


def _roster(events: Sequence[Event]) -> tuple[Person, ...]:
    people: dict[str, Person] = {}
    for event in events:
        at = moment(event.occurred_at)
        match event.body:
            case RoleTaken(person=name, role=role):
                known = people.get(name) or Person(name=name, role="", reason="", joined=at, released=None)
                people[name] = known.model_copy(update={"role": role, "released": None})
            case PersonNeeded(person=name, reason=reason):
                known = people.get(name) or Person(name=name, role="", reason="", joined=at, released=None)
                people[name] = known.model_copy(update={"reason": reason, "released": None})
            case PersonReleased(person=name) if name in people:
                people[name] = people[name].model_copy(update={"released": at})
    return tuple(people.values())
