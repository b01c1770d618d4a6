"""The kinds of event about what was told to whom, and how it arrived."""

from __future__ import annotations

from typing import Literal

from cockpit.incident.event import Body

DestinationState = Literal["ok", "unreachable", "paused", "refused"]
"""`unreachable` while its breaker is open, `paused` until its configuration is mended, `refused` by its channel."""


class UpdatePosted(Body, frozen=True, kw_only=True):
    """A status update went to the outbox. `next_due` is the moment promised for the next word, 0 for none.

    `replaces` is the update that waited and is told no more. `eta` is when `eta_by` estimates the end, in
    microseconds, 0 for no estimate.
    """

    kind = "update.posted"
    update: str
    reason: str
    headline: str
    know: str = ""
    doing: str = ""
    unknown: str = ""
    automatic: bool = False
    next_due: int = 0
    replaces: str = ""
    eta: int = 0
    eta_by: str = ""

    def unsaid(self, words: str) -> str:
        """These words of it, unless the headline says them already, as it does behind a status."""
        return "" if self.headline == words or self.headline.endswith(f": {words}") else words


class UpdateDelivered(Body, frozen=True, kw_only=True):
    """An update is at its destination, by way of the destination `via` when its own could not be reached.

    `where` is its address there. `merged` is how many other updates the same message told; `repeated` when it may
    be there twice.
    """

    kind = "update.delivered"
    update: str
    destination: str
    late_seconds: float = 0.0
    where: str = ""
    merged: int = 0
    repeated: bool = False


class UpdateUndelivered(Body, frozen=True, kw_only=True):
    """A destination refused or could not be reached; `final` means that nothing will try again by itself."""

    kind = "update.undelivered"
    update: str
    destination: str
    why: str
    final: bool = False


class DestinationTurned(Body, frozen=True, kw_only=True):
    """A destination can be reached again, or cannot; meanwhile its updates go to `instead`, empty for nowhere."""

    kind = "destination.turned"
    destination: str
    state: DestinationState
    why: str = ""
    instead: str = ""


class BroadcastHeld(Body, frozen=True, kw_only=True):
    """Somebody holds what waits to be told, until a moment in microseconds at most."""

    kind = "broadcast.held"
    until: int
    reason: str = ""


class BroadcastReleased(Body, frozen=True, kw_only=True):
    """What waits is to be told now: a hold is over, and the pause between two posts is not waited for."""

    kind = "broadcast.released"


class CadenceSet(Body, frozen=True, kw_only=True):
    """From now on updates come every so many seconds, which is announced."""

    kind = "cadence.set"
    seconds: float
    why: str = ""
