"""How long everything took: computed from the events, never typed."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

import msgspec

from cockpit.incident.attendance import RoleTaken
from cockpit.incident.broadcasts import UpdatePosted
from cockpit.incident.event import Event
from cockpit.incident.runs import RunStarted, StepOutline, VerifyFinished, WaitFinished
from cockpit.incident.vocabulary import IncidentDeclared, IncidentResolved, ProbeChanged
from cockpit.moments import SECOND

MINUTE = 60 * SECOND
_BAD = frozenset({"down", "degraded"})


class Marks(msgspec.Struct, frozen=True):
    """The moments every report names, in microseconds; None for what has not happened."""

    impact_start: int | None = None
    detected: int | None = None
    declared: int | None = None
    acknowledged: int | None = None
    first_update: int | None = None
    first_update_by_person: int | None = None
    mitigated: int | None = None
    verified: int | None = None
    resolved: int | None = None


class Interval(msgspec.Struct, frozen=True):
    """The time from one mark to another, named by both; `seconds` is None when their order is impossible."""

    start: str
    end: str
    seconds: float | None
    problem: str = ""

    @property
    def name(self) -> str:
        """Such as `declared to resolved`."""
        return f"{self.start} to {self.end}"


SPANS = (
    ("impact_start", "detected"),
    ("impact_start", "declared"),
    ("detected", "declared"),
    ("declared", "acknowledged"),
    ("declared", "first_update"),
    ("declared", "first_update_by_person"),
    ("impact_start", "mitigated"),
    ("mitigated", "verified"),
    ("verified", "resolved"),
    ("declared", "resolved"),
)
"""The intervals a report shows, by their endpoints."""


def marks(events: Iterable[Event]) -> Marks:
    """The moments of one incident, from its events in order of `seq`."""
    told = tuple(events)
    turns = _turns(told)
    declared = _first(told, lambda event: isinstance(event.body, IncidentDeclared))
    bad = [turn for turn in turns if turn.state == "down"]
    resolved = [event.occurred_at for event in told if isinstance(event.body, IncidentResolved)]
    return Marks(
        impact_start=_impact_start(told, bad),
        detected=min((turn.seen_at for turn in bad), default=None),
        declared=declared,
        acknowledged=_first(told, lambda event: isinstance(event.body, RoleTaken)),
        first_update=_first(told, lambda event: isinstance(event.body, UpdatePosted)),
        first_update_by_person=_first(told, _by_person),
        mitigated=_mitigated(turns, resolved[-1] if resolved else None),
        verified=_verified(told),
        resolved=resolved[-1] if resolved else None,
    )


def intervals(of: Marks) -> tuple[Interval, ...]:
    """Every interval whose both ends are known; an impossible order is reported, not hidden."""
    known = []
    for start, end in SPANS:
        first: int | None = getattr(of, start)
        last: int | None = getattr(of, end)
        if first is None or last is None:
            continue
        if last < first:
            problem = f"{end} lies {(first - last) / SECOND:.0f} s before {start}"
            known.append(Interval(start, end, None, problem))
        else:
            known.append(Interval(start, end, (last - first) / SECOND))
    return tuple(known)


Rates = Mapping[str, Sequence[tuple[int, float]]]
"""The error rate of each minute of a probe: when it began, in microseconds, and the rate; in the order of time."""
NO_RATES: Rates = MappingProxyType({})


def impact_minutes(events: Iterable[Event], now: int = 0, rates: Rates = NO_RATES) -> float:
    """Minutes weighted by how much failed: the integral of the worst error rate of any bad probe.

    A whole minute within a bad stretch weighs as `rates` have it; without one the last rate known holds, from the
    turn on. A bad probe that counts no errors weighs 1 while down and nothing while degraded; one that becomes unknown
    weighs as before. An open end lasts until `now` (microseconds), or until the latest event if that is later.
    """
    told = tuple(events)
    end, own = _end(told, now), _of_each(_turns(told))
    return _integral((turn for probe, turns in own.items() for turn in _finer(turns, rates.get(probe, ()), end)), end)


def impact_minutes_of_each(events: Iterable[Event], now: int = 0, rates: Rates = NO_RATES) -> dict[str, float]:
    """The same for each probe by itself, by its name."""
    told = tuple(events)
    end, own = _end(told, now), _of_each(_turns(told))
    return {probe: _integral(_finer(turns, rates.get(probe, ()), end), end) for probe, turns in own.items()}


def _of_each(turns: Iterable[_Turn]) -> dict[str, list[_Turn]]:
    own: dict[str, list[_Turn]] = {}
    for turn in sorted(turns, key=lambda turn: turn.since):
        own.setdefault(turn.probe, []).append(turn)
    return own


def _finer(turns: Sequence[_Turn], rates: Sequence[tuple[int, float]], end: int) -> Iterator[_Turn]:
    """The turns of one probe, and within each bad stretch those of its rate; a minute cut by a turn tells of both."""
    for number, turn in enumerate(turns):
        yield turn
        if turn.state not in _BAD:
            continue
        until = min(turns[number + 1].since, end) if number + 1 < len(turns) else end
        for start, rate in rates[bisect_left(rates, (turn.since, 0.0)) :]:
            if start + MINUTE > until:
                break
            yield _Turn(turn.probe, turn.state, start, start, rate)


def _end(told: Sequence[Event], now: int) -> int:
    resolved = [event.occurred_at for event in told if isinstance(event.body, IncidentResolved)]
    return resolved[-1] if resolved else max((now, *(event.occurred_at for event in told)))


def _integral(turns: Iterable[_Turn], end: int) -> float:
    weights: dict[str, float] = {}
    total, at = 0.0, 0
    for turn in sorted(turns, key=lambda turn: turn.since):
        moment = min(turn.since, end)
        total += (moment - at) * max(weights.values(), default=0.0)
        at = moment
        if turn.state != "unknown":
            # Not to know is not to be well: until something else is measured the last rate holds.
            weights[turn.probe] = turn.weight
    total += max(0, end - at) * max(weights.values(), default=0.0)
    return total / SECOND / 60


class _Turn(msgspec.Struct, frozen=True):
    """A probe's transition: when its first sample was taken, and when it was noticed."""

    probe: str
    state: str
    since: int
    seen_at: int
    weight: float


def _turns(told: Sequence[Event]) -> list[_Turn]:
    turns = []
    for event in told:
        if isinstance(event.body, ProbeChanged):
            turns.append(_turn(event.body, event.occurred_at))
        elif isinstance(event.body, IncidentDeclared):
            turns += [_turn(seen, min(seen.figures.at or seen.since, event.occurred_at)) for seen in event.body.seen]
    return turns


def rate_since_turned(body: ProbeChanged) -> float | None:
    """The error rate from the turn on; None when none was measured.

    A window that reaches back behind the turn also counts what was good before it: three failed looks of fifteen.
    What failed is then held to have failed since the turn.
    """
    rate, figures = body.figures.error_rate, body.figures
    if rate is None or body.state not in {"down", "degraded"} or not 0 < figures.since < body.since <= figures.at:
        return rate
    between = (figures.at - figures.since) / max(1, figures.samples - 1)
    return min(1.0, rate * figures.samples / (1 + round((figures.at - body.since) / between)))


def _turn(body: ProbeChanged, seen_at: int) -> _Turn:
    rate = rate_since_turned(body)
    weight = 0.0
    if body.state in {"down", "degraded"}:
        weight = rate if rate is not None else float(body.state == "down")
    return _Turn(body.probe, body.state, body.since or seen_at, seen_at, weight)


def _first(told: Sequence[Event], fits: Callable[[Event], bool]) -> int | None:
    return min((event.occurred_at for event in told if fits(event)), default=None)


def _by_person(event: Event) -> bool:
    return isinstance(event.body, UpdatePosted) and not event.body.automatic


def _impact_start(told: Sequence[Event], bad: Sequence[_Turn]) -> int | None:
    began = [event.body.began or event.occurred_at for event in told if isinstance(event.body, IncidentDeclared)]
    return min((*(turn.since for turn in bad), *began[:1]), default=None)


def _mitigated(turns: Sequence[_Turn], resolved: int | None) -> int | None:
    """When the last probe that had been bad turned up to stay so; None while one is still bad."""
    latest: dict[str, _Turn] = {}
    hit: set[str] = set()
    for turn in turns:
        if resolved is not None and turn.seen_at > resolved:
            break
        if turn.state == "down":
            hit.add(turn.probe)
        # A probe's ups in a row count from the first of them.
        if turn.probe not in latest or latest[turn.probe].state != turn.state:
            latest[turn.probe] = turn
    if not hit or any(latest[probe].state != "up" for probe in hit):
        return None
    return max(latest[probe].since for probe in hit)


def _verified(told: Sequence[Event]) -> int | None:
    """The latest measured pass: of a step that changes something, or of a finished watch."""
    steps = _outlines(told)
    proofs = []
    for event in told:
        match event.body:
            case VerifyFinished(run=run, step=step, verdict="pass"):
                outline = steps.get((run, step))
                if outline is None or outline.effect != "read":
                    proofs.append(event.occurred_at)
            case WaitFinished():
                proofs.append(event.occurred_at)
    return max(proofs, default=None)


def _outlines(told: Sequence[Event]) -> dict[tuple[str, str], StepOutline]:
    return {
        (event.body.run, outline.id): outline
        for event in told
        if isinstance(event.body, RunStarted)
        for outline in event.body.steps
    }
