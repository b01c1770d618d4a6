"""Whether changes are to stop, who let one through all the same, and which ones came without asking."""

from __future__ import annotations

import msgspec

from cockpit.incident.event import Event
from cockpit.incident.vocabulary import FreezeBreached, FreezeLifted, FreezeOverridden, FreezeSet


class Freeze(msgspec.Struct, frozen=True):
    """The last word on the freeze. `at` is when it was said, by whom; an empty scope means that nothing is frozen.

    `overrides` and `breaches` are of this freeze alone.
    """

    at: int = 0
    by: str = ""
    scope: tuple[str, ...] = ()
    reason: str = ""
    until: int = 0
    overrides: tuple[FreezeOverridden, ...] = ()
    breaches: tuple[FreezeBreached, ...] = ()

    def holds(self, now: int) -> bool:
        """Whether changes are to stop at that moment."""
        return bool(self.scope) and (not self.until or now < self.until)


def reduce(state: Freeze, event: Event) -> Freeze:
    """The state after this event."""
    match event.body:
        case FreezeSet(scope=scope, reason=reason, until=until):
            return Freeze(event.occurred_at, event.actor, scope, reason, until)
        case FreezeLifted(reason=reason):
            return Freeze(event.occurred_at, event.actor, (), reason)
        case FreezeOverridden() as override:
            return msgspec.structs.replace(state, overrides=(*state.overrides, override))
        case FreezeBreached() as breach if all(known.change != breach.change for known in state.breaches):
            return msgspec.structs.replace(state, breaches=(*state.breaches, breach))
    return state
