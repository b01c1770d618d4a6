"""What was told to whom, and when the next word is due."""

from __future__ import annotations

from typing import Literal

import msgspec

from cockpit.incident.broadcasts import (
    BroadcastHeld,
    BroadcastReleased,
    CadenceSet,
    DestinationState,
    DestinationTurned,
    UpdateDelivered,
    UpdatePosted,
    UpdateUndelivered,
)
from cockpit.incident.event import AnyBody, Event

DeliveryState = Literal["delivered", "retrying", "undelivered"]

OVERDUE = "overdue"
"""The reason of an update that was due and that nobody wrote."""

TOLD = 32
"""Updates remembered as told: more than can wait behind one another in earnest."""


class Delivery(msgspec.Struct, frozen=True):
    """How one update fared at one destination."""

    update: str
    destination: str
    state: DeliveryState
    at: int
    why: str = ""


class Standing(msgspec.Struct, frozen=True):
    """How a destination stands, since when, and where its updates go `instead`."""

    state: DestinationState
    at: int
    why: str = ""
    instead: str = ""


class Telling(msgspec.Struct, frozen=True):
    """The latest update in full, how many there were, and the last word from each destination.

    `said` is the latest that a person wrote, `by_person_at` when that was, `unanswered` how many updates in a row were
    due and written by nobody. `held_until` keeps what waits from being told, `released_at` is when a person last let
    it go at once. `cadence` is the pause in seconds that a person set, 0 for the config's. `delivered_at` is when each
    destination took something last, `told` are the latest updates that any of them took, `stood_in` the destinations
    that ever took over from another. All moments are microseconds, 0 for never.
    """

    latest: UpdatePosted | None = None
    said: UpdatePosted | None = None
    posted: int = 0
    last_at: int = 0
    next_due: int = 0
    by_person_at: int = 0
    deliveries: dict[str, Delivery] = {}
    unanswered: int = 0
    held_until: int = 0
    released_at: int = 0
    cadence: float = 0.0
    eta: int = 0
    eta_by: str = ""
    eta_before: int = 0
    eta_before_by: str = ""
    standings: dict[str, Standing] = {}
    delivered_at: dict[str, int] = {}
    told: tuple[str, ...] = ()
    stood_in: tuple[str, ...] = ()


MOVED_BY: frozenset[type[AnyBody]] = frozenset(
    (
        UpdatePosted, UpdateDelivered, UpdateUndelivered, DestinationTurned, BroadcastHeld, BroadcastReleased,
        CadenceSet,
    )
)  # fmt: skip
"""Whatever else happens leaves this state as it is."""


def reduce(state: Telling, event: Event) -> Telling:
    """The state after this event."""
    match event.body:
        case UpdatePosted() as update:
            unanswered = state.unanswered + 1 if update.reason == OVERDUE else state.unanswered
            return msgspec.structs.replace(
                state,
                latest=update,
                said=state.said if update.automatic else update,
                posted=state.posted + 1,
                last_at=event.occurred_at,
                next_due=update.next_due,
                by_person_at=state.by_person_at if update.automatic else event.occurred_at,
                unanswered=unanswered if update.automatic else 0,
                # An estimate stands until its owner gives another: an automatic word gives none.
                eta=state.eta if update.automatic else update.eta,
                eta_by=state.eta_by if update.automatic else update.eta_by,
                eta_before=state.eta if _another(state, update) else state.eta_before,
                eta_before_by=state.eta_by if _another(state, update) else state.eta_before_by,
            )
        case UpdateDelivered(update=update_id, destination=destination):
            delivery = Delivery(update_id, destination, "delivered", event.occurred_at)
            return msgspec.structs.replace(
                state,
                deliveries=state.deliveries | {destination: delivery},
                delivered_at=state.delivered_at | {destination: event.occurred_at},
                told=(*_but(state.told, update_id), update_id)[-TOLD:],
            )
        case UpdateUndelivered(update=update_id, destination=destination, why=why, final=final):
            fate: DeliveryState = "undelivered" if final else "retrying"
            delivery = Delivery(update_id, destination, fate, event.occurred_at, why)
            return msgspec.structs.replace(state, deliveries=state.deliveries | {destination: delivery})
        case DestinationTurned(destination=destination, state=turned, why=why, instead=instead):
            standing = Standing(turned, event.occurred_at, why, instead)
            others = (instead,) if instead else ()
            return msgspec.structs.replace(
                state,
                standings=state.standings | {destination: standing},
                stood_in=tuple(dict.fromkeys((*state.stood_in, *others))),
            )
        case BroadcastHeld(until=until):
            return msgspec.structs.replace(state, held_until=until)
        case BroadcastReleased():
            return msgspec.structs.replace(state, held_until=0, released_at=event.occurred_at)
        case CadenceSet(seconds=seconds):
            return msgspec.structs.replace(state, cadence=seconds)
    return state


def _but(told: tuple[str, ...], update: str) -> tuple[str, ...]:
    return tuple(each for each in told if each != update) if update in told else told


def _another(state: Telling, update: UpdatePosted) -> bool:
    """Whether a person puts another estimate, or none, in the place of one."""
    return not update.automatic and state.eta not in {0, update.eta}
