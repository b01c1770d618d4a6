"""How a destination stands, as its answers tell it, and when it may be tried again. Pure.

Seconds are of a clock that is never set.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from cockpit.broadcast.breaker import OPENED, Breaker
from cockpit.broadcast.sender import Absent, Ambiguous, Finding, Outcome, Refused, Unsearchable
from cockpit.incident.broadcasts import DestinationState

REFUSED_PROBE = 300.0
"""Seconds between two tries of a channel that takes nothing: somebody may let the cockpit back in."""
PATIENCE = 60.0
"""Seconds that a destination may ask to be left alone, at once or bit by bit, before others are told instead."""


@dataclass(frozen=True)
class Reach:
    """The state and why it is so, and what the tries depend on.

    `resting` is since when it has asked for patience and taken nothing. Once `shut` it is not tried until a restart.
    `whole` is how it stood before a fault of the cockpit.
    """

    state: DestinationState = "ok"
    why: str = ""
    breaker: Breaker = Breaker()
    rest_until: float = 0.0
    resting: float | None = None
    shut: bool = False
    whole: Reach | None = None

    def allows(self, now: float) -> bool:
        """Whether it may be tried at that moment."""
        return not self.shut and now >= self.rest_until and self.breaker.allows(now)

    def after(self, outcome: Outcome | Finding, now: float) -> Reach:
        """As an attempt that ended so leaves it."""
        match outcome:
            case Refused(fault="wait", wait=wait, why=why):
                return self._rested(now, wait, why)
            case Ambiguous(wait=wait, why=why) if wait:
                return self._rested(now, wait, why)
            case Refused(fault="payload", final=True) | Absent(certain=True) | Unsearchable():
                # Settled without asking the destination.
                return self
            case Refused(fault="configuration", why=why):
                return replace(self, state="paused", why=why, shut=True)
            case Refused(fault="channel", why=why):
                return replace(self, state="refused", why=why, rest_until=now + REFUSED_PROBE)
            case Refused(fault="transport", why=why) | Ambiguous(why=why):
                breaker = self.breaker.failed(now)
                return replace(self._lost(why) if breaker.open else self, breaker=breaker)
        return Reach(rest_until=self.rest_until, shut=self.shut)

    def fallen(self, why: str) -> Reach:
        """As a fault of the cockpit itself leaves it: nothing is told there, whatever it would say."""
        return replace(self, state="unreachable", why=why, whole=self.whole or self)

    def risen(self) -> Reach:
        """As it was before that fault, unless an answer has told better since."""
        return self.whole or self

    def _rested(self, now: float, wait: float, why: str) -> Reach:
        resting = now if self.resting is None else self.resting
        rested = replace(self, rest_until=now + wait, resting=resting)
        return rested._lost(why) if rested.rest_until - resting > PATIENCE else rested

    def _lost(self, why: str) -> Reach:
        return replace(self, state="unreachable", why=why) if self.state == "ok" else self


def left(state: DestinationState, why: str) -> Reach:
    """As an engine that ended left it: a start may be what mended it, so it is tried once."""
    return Reach(state, why, Breaker() if state == "ok" else OPENED)
