"""What was done to a service and what came of it, measured."""

from __future__ import annotations

import msgspec

from cockpit.incident.event import AnyBody, Event
from cockpit.incident.vocabulary import EffectExpected, EffectMeasured

KEPT = 50


class Effect(msgspec.Struct, frozen=True):
    """Something whose effect is watched, and the outcome once it is known.

    One half may be in another stream: what is expected in the quiet watch may be measured in an incident.
    """

    expected: EffectExpected | None = None
    measured: EffectMeasured | None = None


Effects = dict[str, Effect]
"""By subject, in the order they were first heard of."""


MOVED_BY: frozenset[type[AnyBody]] = frozenset((EffectExpected, EffectMeasured))
"""Whatever else happens leaves this state as it is."""


def reduce(state: Effects, event: Event) -> Effects:
    """The state after this event; the oldest that are measured make room."""
    match event.body:
        case EffectExpected(subject=subject) as expected:
            return _pruned(merge(state, {subject: Effect(expected)}))
        case EffectMeasured(subject=subject) as measured:
            return _pruned(merge(state, {subject: Effect(measured=measured)}))
    return state


def merge(older: Effects, newer: Effects) -> Effects:
    """Both halves of each."""
    merged = dict(older)
    for subject, effect in newer.items():
        known = merged.get(subject, Effect())
        merged[subject] = Effect(effect.expected or known.expected, effect.measured or known.measured)
    return merged


def awaited(state: Effects) -> tuple[EffectExpected, ...]:
    """What is still to be measured."""
    return tuple(
        effect.expected for effect in state.values() if effect.expected is not None and effect.measured is None
    )


def _pruned(state: Effects) -> Effects:
    spare = [subject for subject, effect in state.items() if effect.measured is not None]
    forgotten = set(spare[: max(0, len(state) - KEPT)])
    return {subject: effect for subject, effect in state.items() if subject not in forgotten} if forgotten else state
