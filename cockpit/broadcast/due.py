"""When the next word is due."""

from __future__ import annotations

from cockpit.clock import SECOND
from cockpit.config.broadcasting import Cadence
from cockpit.incident.fold import State
from cockpit.incident.vocabulary import Severity


def silence(severity: Severity, cadence: Cadence) -> float:
    """The longest silence for that severity, in seconds."""
    match severity:
        case "SEV1":
            return cadence.SEV1
        case "SEV2":
            return cadence.SEV2
        case "SEV3":
            return cadence.SEV3
        case "SEV4":
            return cadence.SEV4


def next_due(state: State, now: int, cadence: Cadence) -> int:
    """The moment that a word given now promises for the next, in microseconds; 0 when no incident is open.

    The very first word promises one within `first` of the declaration.
    """
    if not state.lifecycle.open:
        return 0
    opening = state.lifecycle.declared + int(cadence.first * SECOND)
    if not state.telling.posted and opening > now:
        return opening
    return now + int(silence(state.lifecycle.severity, cadence) * SECOND)


def standing_due(state: State, now: int, cadence: Cadence) -> int:
    """The moment that an automatic word repeats: it keeps a person's promise, and renews one that was broken."""
    if state.lifecycle.open and state.telling.next_due > now:
        return min(state.telling.next_due, next_due(state, now, cadence))
    return next_due(state, now, cadence)
