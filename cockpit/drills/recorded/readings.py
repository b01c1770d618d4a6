"""What the probes of a recorded incident measured, over time. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from cockpit.incident.event import Event
from cockpit.incident.runs import VerifyFinished, VerifyStarted
from cockpit.incident.vocabulary import (
    EffectExpected,
    EffectMeasured,
    Figures,
    IncidentDeclared,
    ProbeChanged,
    ProbeState,
)


@dataclass(frozen=True)
class Reading:
    """What a lane showed from a moment on, in microseconds; `rate` is its share of errors where it reads a counter."""

    at: int
    state: ProbeState
    rate: float | None = None


@dataclass(frozen=True)
class Lane:
    """One probe, or one instance of it, with the service it watches and its readings in order."""

    service: str
    probe: str
    instance: str
    readings: tuple[Reading, ...]

    @property
    def rates(self) -> bool:
        """Whether it counts errors."""
        return any(each.rate is not None for each in self.readings)


def lanes(events: Sequence[Event]) -> tuple[Lane, ...]:
    """Every lane that was ever heard of, in the order of their names."""
    told = sorted(turns(events), key=lambda turn: turn.since)
    services = {turn.probe: turn.service for turn in told}
    return tuple(_lane(name, services[name], told, events) for name in sorted(services))


def turns(events: Iterable[Event]) -> Iterator[ProbeChanged]:
    """Every turn of a probe that was recorded, those that were seen before the declaration among them."""
    for event in events:
        if isinstance(event.body, ProbeChanged):
            yield event.body
        elif isinstance(event.body, IncidentDeclared):
            yield from event.body.seen


def _lane(name: str, service: str, told: Sequence[ProbeChanged], events: Sequence[Event]) -> Lane:
    # What is not known says nothing about the world.
    own = [turn for turn in told if turn.probe == name and turn.state != "unknown"]
    found = {turn.since: Reading(turn.since, turn.state, _counted(turn.figures)) for turn in own}
    for at, rate in sorted(_rates(name, events)):
        state = next((turn.state for turn in reversed(own) if turn.since <= at), None)
        if state is not None:
            found.setdefault(at, Reading(at, state, rate))
    if own and own[0].previous in ("up", "degraded", "down"):
        found.setdefault(0, Reading(0, own[0].previous, None if _counted(own[0].figures) is None else 0.0))
    probe, _, instance = name.partition("@")
    return Lane(service, probe, instance, tuple(found[at] for at in sorted(found)))


def _rates(name: str, events: Iterable[Event]) -> Iterator[tuple[int, float]]:
    for event in events:
        match event.body:
            case VerifyStarted(probe=probe, before=before) if probe == name:
                yield from _rate(before)
            case VerifyFinished(probe=probe, before=before, after=after) if probe == name:
                yield from _rate(before)
                yield from _rate(after)
            case EffectExpected(before=seen) | EffectMeasured(after=seen):
                for each in seen:
                    if each.probe == name:
                        yield from _rate(each.figures)


def _rate(figures: Figures) -> Iterator[tuple[int, float]]:
    rate = _counted(figures)
    if rate is not None and figures.at:
        yield figures.at, rate


def _counted(figures: Figures) -> float | None:
    """The error rate at that moment; None for one of a window of looks.

    Such a window still holds what failed before a recovery. Looking again fills it again.
    """
    return None if 0 < figures.since < figures.at else figures.error_rate
