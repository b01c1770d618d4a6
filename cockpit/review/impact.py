"""How bad it was, probe by probe."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cockpit.clock import moment
from cockpit.incident.event import Event
from cockpit.incident.fold import State
from cockpit.incident.intervals import impact_minutes, impact_minutes_of_each, rate_since_turned
from cockpit.incident.runs import VerifyFinished, VerifyStarted
from cockpit.incident.vocabulary import Figures, IncidentDeclared, IncidentResolved, ProbeChanged
from cockpit.review.model import Impact, ProbeImpact, Series

RED = frozenset({"down", "degraded"})


def impact(events: Sequence[Event], state: State, now: int, courses: Sequence[Series]) -> Impact:
    """What people said of the impact, beside what was measured until `now` (microseconds) if it still goes on."""
    measured, minutes = _measured(events), impact_minutes_of_each(events, now)
    probes = tuple(
        ProbeImpact(
            probe=course.probe,
            service=course.service,
            peak=max(measured.get(course.probe, ()), default=None),
            impact_minutes=round(minutes.get(course.probe, 0.0), 1),
            first_red=red[0].time,
            recovered=_recovered(course),
        )
        for course in sorted(courses, key=lambda course: course.probe)
        if (red := [turn for turn in course.turns if turn.state in RED])
    )
    return Impact(
        text=state.lifecycle.impact,
        unaffected=state.lifecycle.unaffected,
        lingering=_lingering(events, probes),
        peak=max((one.peak for one in probes if one.peak is not None), default=None),
        impact_minutes=round(impact_minutes(events, now), 1),
        probes=probes,
    )


def _recovered(course: Series) -> datetime | None:
    """When it turned up to stay so; None while it is not up."""
    return course.turns[-1].time if course.turns[-1].state == "up" else None


def _lingering(events: Sequence[Event], probes: Sequence[ProbeImpact]) -> tuple[str, ...]:
    """What had not come back when it was called resolved, as it was said then or as it was measured."""
    closed = [event for event in events if isinstance(event.body, IncidentResolved)]
    if not closed:
        return ()
    body, at = closed[-1].body, moment(closed[-1].occurred_at)
    if isinstance(body, IncidentResolved) and body.unmet:
        return body.unmet
    late = [one for one in probes if one.recovered is None or one.recovered > at]
    return tuple(
        f"{one.probe} had not come back when it was called resolved"
        if one.recovered is None
        else f"{one.probe} came back only at {one.recovered:%H:%M}"
        for one in late
    )


def _measured(events: Sequence[Event]) -> dict[str, list[float]]:
    """Every error rate that an event tells of, by probe."""
    found: dict[str, list[float]] = {}
    for event in events:
        match event.body:
            case ProbeChanged(probe=probe):
                found.setdefault(probe, []).extend(_rate(event.body))
                continue
            case VerifyStarted(probe=probe, before=figures):
                known: tuple[Figures, ...] = (figures,)
            case VerifyFinished(probe=probe, before=before, after=after):
                known = (before, after)
            case IncidentDeclared(seen=seen):
                for turned in seen:
                    found.setdefault(turned.probe, []).extend(_rate(turned))
                continue
            case _:
                continue
        found.setdefault(probe, []).extend(one.error_rate for one in known if one.error_rate is not None)
    return found


def _rate(turned: ProbeChanged) -> tuple[float, ...]:
    rate = rate_since_turned(turned)
    return () if rate is None else (rate,)
