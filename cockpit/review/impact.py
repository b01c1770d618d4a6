"""How bad it was, probe by probe."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime

from cockpit.clock import SECOND, moment
from cockpit.incident.event import Event
from cockpit.incident.fold import State
from cockpit.incident.impact import MINUTE, NO_RATES, Rates, impact_minutes, impact_minutes_of_each
from cockpit.incident.runs import VerifyFinished, VerifyStarted
from cockpit.incident.stream import of_kinds
from cockpit.incident.turns import rate_since_turned
from cockpit.incident.vocabulary import Figures, IncidentDeclared, IncidentResolved, ProbeChanged
from cockpit.review.model import Impact, ProbeImpact, Reckoned, Series

RED = frozenset({"down", "degraded"})


def impact(
    events: Sequence[Event], state: State, now: int, courses: Sequence[Series], rates: Rates = NO_RATES
) -> Impact:
    """What people said of the impact, beside what was measured until `now` (microseconds) if it still goes on.

    `rates` are those of each minute that was kept.
    """
    measured, minutes = _measured(events), impact_minutes_of_each(events, now, rates)
    end = state.lifecycle.resolved or now
    kept = [_kept(course, rates, end) for course in courses]
    for course, (_, found) in zip(courses, kept, strict=True):
        measured.setdefault(course.probe, []).extend(found)
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
        impact_minutes=round(impact_minutes(events, now, rates), 1) if courses or rates else None,
        reckoned=_reckoned(sum(whole for whole, _ in kept), sum(len(found) for _, found in kept)) if probes else None,
        probes=probes,
    )


def _kept(course: Series, rates: Rates, until: int) -> tuple[int, Sequence[float]]:
    """How many whole minutes a lane was red, and the rates of those that were kept."""
    own, whole, found = rates.get(course.probe, ()), 0, list[float]()
    times = [round(turn.time.timestamp() * SECOND) for turn in course.turns]
    for turn, start, end in zip(course.turns, times, [*times[1:], until], strict=True):
        first = -(-start // MINUTE) * MINUTE
        if turn.state in RED and first + MINUTE <= end:
            whole += (end - first) // MINUTE
            kept = own[bisect_left(own, (first, 0.0)) : bisect_left(own, (end - MINUTE + 1, 0.0))]
            found += [rate for _, rate in kept]
    return whole, found


def _reckoned(whole: int, kept: int) -> Reckoned:
    if not kept:
        return "turns"
    return "minutes" if kept >= whole else "partly"


def _recovered(course: Series) -> datetime | None:
    """When it turned up to stay so; None while it is not up."""
    return course.turns[-1].time if course.turns[-1].state == "up" else None


def _lingering(events: Sequence[Event], probes: Sequence[ProbeImpact]) -> tuple[str, ...]:
    """What had not come back when it was called resolved, as it was said then or as it was measured."""
    closed = of_kinds(events, IncidentResolved)
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
    for event in of_kinds(events, ProbeChanged, VerifyStarted, VerifyFinished, IncidentDeclared):
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
