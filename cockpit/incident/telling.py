"""What was told to whom, and when the next word is due."""

from __future__ import annotations

from typing import Literal

import msgspec

from cockpit.incident.event import Event
from cockpit.incident.vocabulary import UpdateDelivered, UpdatePosted, UpdateUndelivered

DeliveryState = Literal["delivered", "retrying", "undelivered"]


class Delivery(msgspec.Struct, frozen=True):
    """How one update fared at one destination."""

    update: str
    destination: str
    state: DeliveryState
    at: int
    why: str = ""


class Telling(msgspec.Struct, frozen=True):
    """The latest update in full, how many there were, and the last word from each destination."""

    latest: UpdatePosted | None = None
    posted: int = 0
    last_at: int = 0
    next_due: int = 0
    by_person_at: int = 0
    deliveries: dict[str, Delivery] = {}


def reduce(state: Telling, event: Event) -> Telling:
    """The state after this event."""
    match event.body:
        case UpdatePosted() as update:
            return msgspec.structs.replace(
                state,
                latest=update,
                posted=state.posted + 1,
                last_at=event.occurred_at,
                next_due=update.next_due,
                by_person_at=state.by_person_at if update.automatic else event.occurred_at,
            )
        case UpdateDelivered(update=update_id, destination=destination):
            delivery = Delivery(update_id, destination, "delivered", event.occurred_at)
            return msgspec.structs.replace(state, deliveries=state.deliveries | {destination: delivery})
        case UpdateUndelivered(update=update_id, destination=destination, why=why, final=final):
            fate: DeliveryState = "undelivered" if final else "retrying"
            delivery = Delivery(update_id, destination, fate, event.occurred_at, why)
            return msgspec.structs.replace(state, deliveries=state.deliveries | {destination: delivery})
    return state
