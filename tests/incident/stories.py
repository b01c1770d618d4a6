"""Stories of an incident, as pairs of a minute and what was told then."""

from __future__ import annotations

from cockpit.incident.event import AnyBody, Event
from cockpit.incident.vocabulary import Figures, ProbeChanged, ProbeState

START = 1_700_000_000_000_000
MINUTE = 60_000_000


def at(minute: float) -> int:
    """That minute in microseconds."""
    return START + int(minute * MINUTE)


def turned(state: ProbeState, minute: float, rate: float | None = None, probe: str = "login") -> ProbeChanged:
    """A probe turned then, and failed so much from then on."""
    figures = Figures(error_rate=rate, at=at(minute))
    return ProbeChanged(
        probe=probe, service="auth", state=state, previous="up", since=at(minute), verdict="", figures=figures
    )


def story(*told: tuple[float, AnyBody]) -> tuple[Event, ...]:
    """Its events."""
    return tuple(
        Event("INC-1", seq, at(minute), at(minute), "ana", "host", body)
        for seq, (minute, body) in enumerate(told, start=1)
    )
