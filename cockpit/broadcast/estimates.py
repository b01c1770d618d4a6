"""What was promised, beside what came of it. Pure."""

from __future__ import annotations

from cockpit.broadcast.measured import clean, when
from cockpit.incident.fold import State


def estimate(state: State, now: int) -> str:
    """Who estimates the end for when; one that has passed is not passed over in silence. Empty when nobody did."""
    telling, resolved = state.telling, state.lifecycle.resolved
    by, before_by = clean(telling.eta_by, 40) or "somebody", clean(telling.eta_before_by, 40) or "somebody"
    at, before = when(telling.eta, now), when(telling.eta_before, now)
    missed = 0 < telling.eta_before <= now
    if resolved and (telling.eta or telling.eta_before):
        who, said = (by, at) if telling.eta else (before_by, before)
        return f"{who} estimated {said}, resolved at {when(resolved, now)}"
    if 0 < telling.eta <= now:
        return f"{by} estimated {at}; that has passed, and there is no new estimate"
    if telling.eta and missed:
        return (
            f"{before_by} estimated {before}, now {at}"
            if by == before_by
            else (f"{before_by} estimated {before}, {by} now {at}")
        )
    if telling.eta:
        return f"{by} estimates {at}"
    return f"{before_by} estimated {before}; there is no new estimate" if missed else ""
