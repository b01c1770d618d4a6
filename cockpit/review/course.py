"""How each lane fared over the time of the incident: what the charts show. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from cockpit.clock import moment
from cockpit.incident.event import Event
from cockpit.incident.impact import Rates
from cockpit.incident.runs import VerifyFinished, VerifyStarted
from cockpit.incident.stream import of_kinds
from cockpit.incident.vocabulary import Figures, IncidentDeclared, ProbeChanged
from cockpit.probes.rollup import MINUTE, Minute
from cockpit.review.model import Point, Series, Turn

AROUND = 10 * MINUTE
"""Microseconds shown before and after the incident."""
POINTS = 1_500
"""Points of one lane at most: a longer incident is shown more coarsely, by the worst of each part."""


def series(events: Sequence[Event], minutes: Sequence[Minute] = ()) -> tuple[Series, ...]:
    """Every lane that an event tells of; its rates are those of the minutes kept, else those that events tell."""
    turns, services = _turns(events)
    kept: dict[str, list[Point]] = {}
    for minute in minutes:
        # One that no event tells of is not shown: it never turned.
        if minute.probe in turns and (rate := _rate(minute)) is not None:
            point = Point(time=moment(minute.start), rate=rate, samples=minute.samples)
            kept.setdefault(minute.probe, []).append(point)
    told = _told(events)
    return tuple(
        Series(
            probe=probe,
            service=services[probe],
            turns=_distinct(turns[probe]),
            points=tuple(_coarse(kept.get(probe) or told.get(probe, []))),
        )
        for probe in sorted(turns, key=lambda name: (services[name], name))
    )


def rates(minutes: Sequence[Minute]) -> Rates:
    """The error rate of each minute kept, by the probe."""
    found: dict[str, list[tuple[int, float]]] = {}
    for minute in sorted(minutes, key=lambda minute: minute.start):
        if (rate := _rate(minute)) is not None:
            found.setdefault(minute.probe, []).append((minute.start, rate))
    return found


def window(events: Sequence[Event]) -> tuple[int, int]:
    """From when until when an incident is shown, in microseconds."""
    times = [event.occurred_at for event in events]
    declared = [event.body for event in of_kinds(events, IncidentDeclared)]
    began = [body.began for body in declared if isinstance(body, IncidentDeclared) and body.began]
    return min((*times, *began), default=0) - AROUND, max(times, default=0) + AROUND


def _turns(events: Sequence[Event]) -> tuple[Mapping[str, list[tuple[int, ProbeChanged]]], Mapping[str, str]]:
    turns: dict[str, list[tuple[int, ProbeChanged]]] = {}
    services: dict[str, str] = {}
    for event in of_kinds(events, ProbeChanged, IncidentDeclared):
        match event.body:
            case ProbeChanged() as turned:
                seen: tuple[ProbeChanged, ...] = (turned,)
            case IncidentDeclared(seen=seen):
                pass
            case _:
                continue
        for turned in seen:
            turns.setdefault(turned.probe, []).append((turned.since or event.occurred_at, turned))
            services.setdefault(turned.probe, turned.service)
    return turns, services


def _distinct(turns: Sequence[tuple[int, ProbeChanged]]) -> tuple[Turn, ...]:
    """In the order of time; what only says again how the probe stood is left out."""
    kept: list[Turn] = []
    for at, turned in sorted(turns, key=lambda turn: turn[0]):
        if not kept or kept[-1].state != turned.state:
            kept.append(Turn(time=moment(at), state=turned.state, rate=turned.figures.error_rate))
    return tuple(kept)


def _told(events: Sequence[Event]) -> Mapping[str, list[Point]]:
    found: dict[str, dict[int, Figures]] = {}
    for event in of_kinds(events, ProbeChanged, VerifyStarted, VerifyFinished, IncidentDeclared):
        for probe, figures in _figures(event):
            if figures.error_rate is not None:
                found.setdefault(probe, {})[figures.at or event.occurred_at] = figures
    return {
        probe: [
            Point(time=moment(at), rate=figures.error_rate or 0.0, samples=figures.samples)
            for at, figures in sorted(told.items())
        ]
        for probe, told in found.items()
    }


def _figures(event: Event) -> Iterator[tuple[str, Figures]]:
    match event.body:
        case ProbeChanged(probe=probe, figures=figures) | VerifyStarted(probe=probe, before=figures):
            yield probe, figures
        case VerifyFinished(probe=probe, after=figures):
            yield probe, figures
        case IncidentDeclared(seen=seen):
            yield from ((turned.probe, turned.figures) for turned in seen if turned.figures.at)


def _rate(minute: Minute) -> float | None:
    if minute.error_rate is not None:
        return minute.error_rate
    return minute.bad / minute.samples if minute.samples else None


def _coarse(points: Sequence[Point]) -> Iterator[Point]:
    size = -(-len(points) // POINTS) or 1
    for start in range(0, len(points), size):
        yield max(points[start : start + size], key=lambda point: point.rate)
