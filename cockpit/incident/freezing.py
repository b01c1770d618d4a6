"""Whether changes are to stop, who let one through all the same, and which ones came without asking."""

from __future__ import annotations

import msgspec

from cockpit.incident.event import AnyBody, Event
from cockpit.incident.vocabulary import (
    FreezeBreached,
    FreezeLifted,
    FreezeOverridden,
    FreezeSet,
)


class Override(msgspec.Struct, frozen=True):
    """One change that is let through, and when that was said."""

    at: int
    what: str
    reason: str


class Breach(msgspec.Struct, frozen=True):
    """One change that was not, and when it was made."""

    at: int
    change: str
    what: str
    who: str


class Freeze(msgspec.Struct, frozen=True):
    """The last word on the freeze. `at` is when it was said, by whom; an empty scope means that nothing is frozen.

    `overrides` and `breaches` are of this freeze alone.
    """

    at: int = 0
    by: str = ""
    scope: tuple[str, ...] = ()
    reason: str = ""
    until: int = 0
    overrides: tuple[Override, ...] = ()
    breaches: tuple[Breach, ...] = ()

    def holds(self, now: int) -> bool:
        """Whether changes are to stop at that moment."""
        return bool(self.scope) and (not self.until or now < self.until)


MOVED_BY: frozenset[type[AnyBody]] = frozenset((FreezeSet, FreezeLifted, FreezeOverridden, FreezeBreached))
"""Whatever else happens leaves this state as it is."""


def reduce(state: Freeze, event: Event) -> Freeze:
    """The state after this event."""
    match event.body:
        case FreezeSet(scope=scope, reason=reason, until=until):
            return Freeze(event.occurred_at, event.actor, scope, reason, until)
        case FreezeLifted(reason=reason):
            return Freeze(event.occurred_at, event.actor, (), reason)
        case FreezeOverridden(what=what, reason=reason):
            override = Override(event.occurred_at, what, reason)
            return msgspec.structs.replace(state, overrides=(*state.overrides, override))
        case FreezeBreached(change=change, what=what, who=who) if all(each.change != change for each in state.breaches):
            breach = Breach(event.occurred_at, change, what, who)
            return msgspec.structs.replace(state, breaches=(*state.breaches, breach))
    return state


def merge(one: Freeze, other: Freeze) -> Freeze:
    """The later word, with all that was let through or came without asking since then, whichever stream tells it."""
    last = max(one, other, key=lambda freeze: freeze.at)
    overrides = {each for each in (*one.overrides, *other.overrides) if each.at >= last.at}
    breaches = {each.change: each for each in (*one.breaches, *other.breaches) if each.at >= last.at}
    return msgspec.structs.replace(
        last,
        overrides=tuple(sorted(overrides, key=lambda each: each.at)),
        breaches=tuple(sorted(breaches.values(), key=lambda each: each.at)),
    )
