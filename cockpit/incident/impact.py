"""How much failed: the integral of the error rate over an incident. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from cockpit.incident.event import Event
from cockpit.incident.stream import of_kinds, streamed
from cockpit.incident.turns import BAD, Turn, turns
from cockpit.incident.vocabulary import IncidentResolved
from cockpit.moments import SECOND

MINUTE = 60 * SECOND

Rates = Mapping[str, Sequence[tuple[int, float]]]
"""The error rate of each minute of a probe: when it began, in microseconds, and the rate; in the order of time."""
NO_RATES: Rates = MappingProxyType({})


def impact_minutes(events: Iterable[Event], now: int = 0, rates: Rates = NO_RATES) -> float:
    """Minutes weighted by how much failed: the integral of the worst error rate of any bad probe.

    A whole minute within a bad stretch weighs as `rates` have it; without one the last rate known holds, from the
    turn on. A bad probe that counts no errors weighs 1 while down and nothing while degraded; one that becomes unknown
    weighs as before. An open end lasts until `now` (microseconds), or until the latest event if that is later.
    """
    told = streamed(events)
    end, own = _end(told, now), _of_each(turns(told))
    return _integral((turn for probe, its in own.items() for turn in _finer(its, rates.get(probe, ()), end)), end)


def impact_minutes_of_each(events: Iterable[Event], now: int = 0, rates: Rates = NO_RATES) -> dict[str, float]:
    """The same for each probe by itself, by its name."""
    told = streamed(events)
    end, own = _end(told, now), _of_each(turns(told))
    return {probe: _integral(_finer(its, rates.get(probe, ()), end), end) for probe, its in own.items()}


def _of_each(told: Iterable[Turn]) -> dict[str, list[Turn]]:
    own: dict[str, list[Turn]] = {}
    for turn in sorted(told, key=lambda turn: turn.since):
        own.setdefault(turn.probe, []).append(turn)
    return own


def _finer(its: Sequence[Turn], rates: Sequence[tuple[int, float]], end: int) -> Iterator[Turn]:
    """The turns of one probe, and within each bad stretch those of its rate; a minute cut by a turn tells of both."""
    for number, turn in enumerate(its):
        yield turn
        if turn.state not in BAD:
            continue
        until = min(its[number + 1].since, end) if number + 1 < len(its) else end
        for start, rate in rates[bisect_left(rates, (turn.since, 0.0)) :]:
            if start + MINUTE > until:
                break
            yield Turn(turn.probe, turn.state, start, start, rate)


def _end(told: Sequence[Event], now: int) -> int:
    resolved = of_kinds(told, IncidentResolved)
    return resolved[-1].occurred_at if resolved else max([now, *[event.occurred_at for event in told]])


def _integral(course: Iterable[Turn], end: int) -> float:
    weights: dict[str, float] = {}
    total, at = 0.0, 0
    for turn in sorted(course, key=lambda turn: turn.since):
        moment = min(turn.since, end)
        total += (moment - at) * max(weights.values(), default=0.0)
        at = moment
        if turn.state != "unknown":
            # Not to know is not to be well: until something else is measured the last rate holds.
            weights[turn.probe] = turn.weight
    total += max(0, end - at) * max(weights.values(), default=0.0)
    return total / SECOND / 60
