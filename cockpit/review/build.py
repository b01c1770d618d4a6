"""From the events of an incident to its report. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from cockpit.clock import moment
from cockpit.incident.event import Event
from cockpit.incident.fold import State
from cockpit.incident.intervals import Marks, intervals, marks
from cockpit.incident.runs import OptionChosen
from cockpit.incident.saying import DASH
from cockpit.incident.stream import of_kinds, streamed
from cockpit.incident.vocabulary import ChangeSeen
from cockpit.incident.words import describe
from cockpit.probes.rollup import Minute
from cockpit.review.course import rates, series
from cockpit.review.evidence import evidence, result
from cockpit.review.impact import impact
from cockpit.review.lint import lint
from cockpit.review.model import Change, Decision, Entry, Header, Human, Interval, Report
from cockpit.review.people import handoffs, roster
from cockpit.review.promised import promises
from cockpit.review.quality import doubts
from cockpit.review.telling import communications
from cockpit.review.tried import tried
from cockpit.text import SafeText

NOBODY = Human()
"""Nobody has written anything yet."""


def build(
    events: Sequence[Event], state: State, now: int, minutes: Sequence[Minute] = (), human: Human = NOBODY
) -> Report:
    """The report of one incident's stream as it stands at `now` (microseconds since the epoch).

    `minutes` are what the probes measured meanwhile, `human` is what people have added so far.
    """
    events = streamed(events)
    when = marks(events)
    attempts = tried(events, state)
    courses = series(events, minutes)
    report = Report(
        header=_header(state, now, human),
        human=human,
        impact=impact(events, state, now, courses, rates(minutes)),
        timeline=tuple(_entry(event) for event in sorted(events, key=lambda event: (event.occurred_at, event.seq))),
        intervals=_intervals(when),
        promises=promises(events, when),
        tried=attempts,
        decisions=_decisions(events),
        changes=_changes(events),
        communications=communications(events, now),
        roster=roster(events),
        handoffs=handoffs(events),
        series=courses,
        data_quality=doubts(events, when, attempts),
    )
    return linted(report)


def linted(report: Report) -> Report:
    """The same with everything that stands against the document as it is now."""
    return report.model_copy(update={"data_quality": lint(report)})


def _header(state: State, now: int, human: Human) -> Header:
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
        authors=human.authors,
        generated_at=moment(now),
    )


def _entry(event: Event) -> Entry:
    line, shown = describe(event, DASH), evidence(event.body)
    return Entry(
        time=moment(event.occurred_at),
        kind=line.kind,
        actor=event.actor,
        text=line.text,
        result=result(event.body),
        evidence=SafeText(shown).line if shown else "",
        seq=event.seq,
    )


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
        for event in of_kinds(events, OptionChosen)
        if isinstance(chosen := event.body, OptionChosen)
    )  # fmt: skip


def _changes(events: Sequence[Event]) -> tuple[Change, ...]:
    """Each change as it was first told: not the state's, which keeps the latest only."""
    told: dict[str, Event] = {}
    for event in of_kinds(events, ChangeSeen):
        if isinstance(event.body, ChangeSeen):
            told.setdefault(event.body.change, event)
    return tuple(
        Change(
            time=moment(event.occurred_at), id=seen.change, what=seen.what, source=seen.source, service=seen.service,
            who=seen.who, reviewed=seen.reviewed, link=seen.link, undo=seen.undo,
        )
        for event in sorted(told.values(), key=lambda event: event.occurred_at)
        if isinstance(seen := event.body, ChangeSeen)
    )  # fmt: skip
