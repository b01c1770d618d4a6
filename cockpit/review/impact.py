"""How bad it was, probe by probe."""

from __future__ import annotations

from collections.abc import Sequence

from cockpit.incident.event import Event
from cockpit.incident.fold import State
from cockpit.incident.intervals import impact_minutes
from cockpit.incident.runs import VerifyFinished, VerifyStarted
from cockpit.incident.vocabulary import Figures, ProbeChanged
from cockpit.review.model import Impact, ProbeImpact

RED = frozenset({"down", "degraded"})


def impact(events: Sequence[Event], state: State, now: int) -> Impact:
    """What people said of the impact, beside what was measured until `now` (microseconds) if it still goes on."""
    red = sorted({turn.probe for event in events if isinstance(turn := event.body, ProbeChanged) and turn.state in RED})
    measured = _measured(events)
    probes = tuple(
        ProbeImpact(
            probe=probe, peak=max(measured.get(probe, ()), default=None), impact_minutes=_of(probe, events, now)
        )
        for probe in red
    )
    return Impact(
        text=state.lifecycle.impact,
        unaffected=state.lifecycle.unaffected,
        peak=max((one.peak for one in probes if one.peak is not None), default=None),
        impact_minutes=round(impact_minutes(events, now), 1),
        probes=probes,
    )


def _of(probe: str, events: Sequence[Event], now: int) -> float:
    own = [event for event in events if not isinstance(event.body, ProbeChanged) or event.body.probe == probe]
    return round(impact_minutes(own, now), 1)


def _measured(events: Sequence[Event]) -> dict[str, list[float]]:
    """Every error rate that an event tells of, by probe."""
    found: dict[str, list[float]] = {}
    for event in events:
        match event.body:
            case ProbeChanged(probe=probe, figures=figures) | VerifyStarted(probe=probe, before=figures):
                known: tuple[Figures, ...] = (figures,)
            case VerifyFinished(probe=probe, before=before, after=after):
                known = (before, after)
            case _:
                continue
        found.setdefault(probe, []).extend(one.error_rate for one in known if one.error_rate is not None)
    return found
