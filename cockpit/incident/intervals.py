"""How long everything took: computed from the events, never typed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from cockpit.incident.attendance import RoleTaken
from cockpit.incident.broadcasts import UpdatePosted
from cockpit.incident.event import Event
from cockpit.incident.runs import RepeatEnded, RunStarted, StepOutline, VerifyFinished, WaitFinished
from cockpit.incident.stream import of_kinds, streamed
from cockpit.incident.turns import Turn, turns
from cockpit.incident.vocabulary import IncidentDeclared, IncidentResolved
from cockpit.moments import SECOND


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
    told = streamed(events)
    seen = turns(told)
    updates = of_kinds(told, UpdatePosted)
    bad = [turn for turn in seen if turn.state == "down"]
    resolved = [event.occurred_at for event in of_kinds(told, IncidentResolved)]
    return Marks(
        impact_start=_impact_start(told, bad),
        detected=min((turn.seen_at for turn in bad), default=None),
        declared=_first(of_kinds(told, IncidentDeclared)),
        acknowledged=_first(of_kinds(told, RoleTaken)),
        first_update=_first(updates),
        first_update_by_person=_first(event for event in updates if _by_person(event)),
        mitigated=_mitigated(seen, resolved[-1] if resolved else None),
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


def _first(told: Iterable[Event]) -> int | None:
    return min((event.occurred_at for event in told), default=None)


def _by_person(event: Event) -> bool:
    return isinstance(event.body, UpdatePosted) and not event.body.automatic


def _impact_start(told: Sequence[Event], bad: Sequence[Turn]) -> int | None:
    began = [
        event.body.began or event.occurred_at
        for event in of_kinds(told, IncidentDeclared)
        if isinstance(event.body, IncidentDeclared)
    ]
    return min((*(turn.since for turn in bad), *began[:1]), default=None)


def _mitigated(seen: Sequence[Turn], resolved: int | None) -> int | None:
    """When the last probe that had been bad turned up to stay so; None while one is still bad."""
    latest: dict[str, Turn] = {}
    hit: set[str] = set()
    for turn in seen:
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
    """The latest moment at which something had been measured to be well: to let time pass measures nothing."""
    return max((event.occurred_at for event in _proofs(told)), default=None)


def _proofs(told: Sequence[Event]) -> Iterator[Event]:
    """The passes of steps that change something, the series that reached their target, and the watches that held."""
    steps = _outlines(told)
    for event in of_kinds(told, VerifyFinished, RepeatEnded, WaitFinished):
        match event.body:
            case VerifyFinished(run=run, step=step, verdict="pass"):
                outline = steps.get((run, step))
                if outline is None or outline.effect != "read":
                    yield event
            case RepeatEnded(reached=True):
                yield event
            case WaitFinished(watched=watched) if watched:
                yield event


def _outlines(told: Sequence[Event]) -> dict[tuple[str, str], StepOutline]:
    return {
        (event.body.run, outline.id): outline
        for event in of_kinds(told, RunStarted)
        if isinstance(event.body, RunStarted)
        for outline in event.body.steps
    }
