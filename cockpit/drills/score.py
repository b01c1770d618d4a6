"""The score of a drill: several axes beside those of the recorded plays, never one grade. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Literal

import msgspec

from cockpit.clock import SECOND
from cockpit.drills.hidden import Hidden
from cockpit.drills.idle import idle
from cockpit.drills.model.plays import Mark
from cockpit.drills.model.scenario import Scenario
from cockpit.drills.model.values import Axis, Fact
from cockpit.drills.state import SideEffect
from cockpit.incident.attendance import RoleTaken
from cockpit.incident.event import Event
from cockpit.incident.intervals import Marks, marks
from cockpit.incident.vocabulary import (
    FreezeBreached,
    ImpactChanged,
    IncidentDeclared,
    IncidentResolved,
    ProbeChanged,
)
from cockpit.review.impact import RED
from cockpit.review.model import Report

BESIDE = ("original", "good")
"""The kinds of play whose minutes stand beside the responder's: of each kind the first."""


class Stated(msgspec.Struct, frozen=True):
    """A minute of a recorded play, and whether the published incident or the drill says so."""

    minute: float
    fact: Fact


class Passed(msgspec.Struct, frozen=True):
    """One axis: the responder's minute after T0, None when it never came, and those of the recorded plays."""

    axis: Axis
    minute: float | None
    beside: tuple[Stated | None, ...]


class Overdue(msgspec.Struct, frozen=True):
    """A status update that was due at that minute and came late or never."""

    due: float
    came: float | None


class Promised(msgspec.Struct, frozen=True):
    """An estimate: when it was given, for when, and how many minutes later it came; None when it never did."""

    made: float
    by: str
    eta: float
    off: float | None


class Waited(msgspec.Struct, frozen=True):
    """Somebody on the call with nothing to do there, since a minute and for so many."""

    person: str
    since: float
    minutes: float


class Score(msgspec.Struct, frozen=True):
    """Everything measured; minutes count from T0."""

    title: str
    passed: tuple[Passed, ...]
    lead_minute: float | None
    scope_minute: float | None
    impact_minutes: float
    overdue: tuple[Overdue, ...]
    promises: tuple[Promised, ...]
    idle: tuple[Waited, ...]
    false_resolved: tuple[str, ...]
    unverified: tuple[str, ...]
    freeze_breaches: tuple[str, ...]
    deadline: str
    """What came of the drill's deadline, empty when it has none."""
    side_effects: tuple[SideEffect, ...]

    def minute_of(self, axis: Axis) -> float | None:
        """The responder's minute on that axis."""
        return next((one.minute for one in self.passed if one.axis == axis), None)


def score(
    events: Sequence[Event], report: Report, scenario: Scenario, t0: int, now: int, hidden: Hidden | None = None
) -> Score:
    """What the events of the incident's stream say of the response. Times in microseconds since the epoch.

    `hidden` is the world at the end, where there still is one: the cockpit cannot know side effects.
    """
    when = marks(events)
    return Score(
        title=scenario.title,
        passed=tuple(Passed(axis, _minute(at, t0), _beside(scenario, axis)) for axis, at in axes(when).items()),
        lead_minute=_minute(next((each.occurred_at for each in events if isinstance(each.body, RoleTaken)), None), t0),
        scope_minute=_minute(_scope(events), t0),
        impact_minutes=report.impact.impact_minutes or 0.0,
        overdue=tuple(Overdue(_on(one.due, t0), _on_or_never(one.came, t0)) for one in report.communications.missed),
        promises=tuple(
            Promised(_on(one.made, t0), one.by, _on(one.eta, t0), one.minutes_off) for one in report.promises
        ),
        idle=tuple(
            Waited(one.person, round((one.since - t0) / SECOND / 60, 1), round(one.minutes, 1))
            for one in idle(events, now)
        ),
        false_resolved=tuple(_false_resolved(events, scenario, when, hidden)),
        unverified=tuple(
            dict.fromkeys(f"{one.step} ({one.command})" for one in report.tried if one.helped == "not_verified")
        ),
        freeze_breaches=tuple(
            f"T{(each.occurred_at - t0) / SECOND / 60:.1f}  {each.body.what}"
            for each in events
            if isinstance(each.body, FreezeBreached)
        ),
        deadline=_deadline(scenario, hidden),
        side_effects=() if hidden is None else tuple(hidden.side_effects),
    )


def _beside(scenario: Scenario, axis: Axis) -> tuple[Stated | None, ...]:
    plays = list(scenario.plays.values())
    marks_of = (next((play.marks for play in plays if play.kind == kind), {}) for kind in BESIDE)
    return tuple(_stated(of_play.get(axis)) for of_play in marks_of)


def _stated(mark: Mark | None) -> Stated | None:
    return None if mark is None else Stated(mark.minute, mark.fact)


def axes(when: Marks) -> dict[Axis, int | None]:
    """When each axis was passed, in microseconds; None while it was not."""
    return {
        "impact_start": when.impact_start,
        "detected": when.detected,
        "declared": when.declared,
        "first_update": when.first_update_by_person,
        "mitigated": when.mitigated,
        "verified": when.verified,
        "resolved": when.resolved,
    }


def _minute(at: int | None, t0: int) -> float | None:
    return None if at is None else (at - t0) / (60 * SECOND)


def _on(moment: datetime, t0: int) -> float:
    return round((moment.timestamp() - t0 / SECOND) / 60, 1)


def _on_or_never(moment: datetime | None, t0: int) -> float | None:
    return None if moment is None else _on(moment, t0)


def _scope(events: Sequence[Event]) -> int | None:
    """When both were said: who is hit, and what is not affected."""
    impact_said = unaffected_said = False
    for event in events:
        match event.body:
            case IncidentDeclared(impact=text):
                impact_said |= bool(text)
            case ImpactChanged(impact=text, unaffected=unaffected):
                impact_said |= bool(text)
                unaffected_said |= bool(unaffected)
        if impact_said and unaffected_said:
            return event.occurred_at
    return None


def _false_resolved(events: Sequence[Event], scenario: Scenario, when: Marks, hidden: Hidden | None) -> Iterator[str]:
    """Why calling it resolved was not true at that moment, or did not stay true."""
    resolved = when.resolved
    if resolved is None:
        return
    red = {
        turn.probe: turn.state in RED
        for event in events
        if event.occurred_at <= resolved and isinstance(turn := event.body, ProbeChanged)
    }
    yield from (f"{probe} was still red" for probe, is_red in sorted(red.items()) if is_red)
    if when.verified is None or when.verified > resolved:
        yield "nothing had verified the recovery"
    quiet = 0.0 if when.mitigated is None else (resolved - when.mitigated) / SECOND
    # The watch starts a few samples after the recovery; a minute less is not the responder's haste.
    if quiet < scenario.criteria.quiet - 60:
        wanted = scenario.criteria.quiet / 60
        yield f"only {quiet / 60:.0f} minutes after the recovery, where {wanted:.0f} were to be watched"
    for event in events:
        if isinstance(event.body, IncidentResolved):
            yield from (f"closed although {text}" for text in event.body.unmet)
    if hidden is not None and not hidden.over:
        yield "the world was not well at the end"


def _deadline(scenario: Scenario, hidden: Hidden | None) -> str:
    if scenario.deadline is None:
        return ""
    fates: dict[Literal["pending", "met", "missed"], str] = {
        "met": "met", "missed": "MISSED", "pending": "not come yet",
    }  # fmt: skip
    fate = "not known" if hidden is None or hidden.deadline is None else fates[hidden.deadline]
    return f"{scenario.deadline.what} at T{scenario.deadline.at / 60:g}: {fate}"
