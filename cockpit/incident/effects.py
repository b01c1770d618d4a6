"""What was done to a service and what came of it, measured."""

from __future__ import annotations

import msgspec

from cockpit.incident.event import Event
from cockpit.incident.vocabulary import EffectExpected, EffectMeasured

KEPT = 50


class Effect(msgspec.Struct, frozen=True):
    """Something whose effect is watched, and the outcome once it is known."""

    expected: EffectExpected
    measured: EffectMeasured | None = None


Effects = dict[str, Effect]
"""By subject, in the order they began."""


def reduce(state: Effects, event: Event) -> Effects:
    """The state after this event; the oldest that are measured make room."""
    match event.body:
        case EffectExpected(subject=subject) as expected:
            return _pruned(state | {subject: Effect(expected)})
        case EffectMeasured(subject=subject) as measured if subject in state:
            return state | {subject: msgspec.structs.replace(state[subject], measured=measured)}
    return state


def _pruned(state: Effects) -> Effects:
    spare = [subject for subject, effect in state.items() if effect.measured is not None]
    forgotten = set(spare[: max(0, len(state) - KEPT)])
    return {subject: effect for subject, effect in state.items() if subject not in forgotten}
