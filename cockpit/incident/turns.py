"""When probes turned, and how much of what they asked failed from then on. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from cockpit.incident.event import Event
from cockpit.incident.stream import of_kinds
from cockpit.incident.vocabulary import IncidentDeclared, ProbeChanged

BAD = frozenset({"down", "degraded"})


class Turn(msgspec.Struct, frozen=True):
    """A probe's transition: when its first sample was taken, and when it was noticed."""

    probe: str
    state: str
    since: int
    seen_at: int
    weight: float


def turns(told: Sequence[Event]) -> list[Turn]:
    """Every transition, and how each probe stood at the declaration, in the order they were told."""
    found = []
    for event in of_kinds(told, ProbeChanged, IncidentDeclared):
        if isinstance(event.body, ProbeChanged):
            found.append(_turn(event.body, event.occurred_at))
        elif isinstance(event.body, IncidentDeclared):
            found += [_turn(seen, min(seen.figures.at or seen.since, event.occurred_at)) for seen in event.body.seen]
    return found


def rate_since_turned(body: ProbeChanged) -> float | None:
    """The error rate from the turn on; None when none was measured.

    A window that reaches back behind the turn also counts what was good before it: three failed looks of fifteen.
    What failed is then held to have failed since the turn.
    """
    rate, figures = body.figures.error_rate, body.figures
    if rate is None or body.state not in BAD or not 0 < figures.since < body.since <= figures.at:
        return rate
    between = (figures.at - figures.since) / max(1, figures.samples - 1)
    return min(1.0, rate * figures.samples / (1 + round((figures.at - body.since) / between)))


def _turn(body: ProbeChanged, seen_at: int) -> Turn:
    rate = rate_since_turned(body)
    weight = 0.0
    if body.state in BAD:
        weight = rate if rate is not None else float(body.state == "down")
    return Turn(body.probe, body.state, body.since or seen_at, seen_at, weight)
