"""When recovery was promised, beside when it came. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cockpit.clock import SECOND, moment
from cockpit.incident.broadcasts import UpdatePosted
from cockpit.incident.event import Event
from cockpit.incident.intervals import Marks
from cockpit.incident.stream import of_kinds
from cockpit.review.model import Promise


def promises(events: Sequence[Event], when: Marks) -> tuple[Promise, ...]:
    """Every estimate that people were told, with how far off it was; one that is only repeated counts once."""
    return tuple(_promises(events, when.mitigated))


def _promises(events: Sequence[Event], came: int | None) -> Iterator[Promise]:
    standing = (0, "")
    for event in of_kinds(events, UpdatePosted):
        posted = event.body
        if not isinstance(posted, UpdatePosted) or posted.automatic:
            continue
        told = (posted.eta, posted.eta_by or event.actor)
        if posted.eta and told != standing:
            # Recovery that had come before the word is not what was promised.
            actual = came if came is not None and came >= event.occurred_at else None
            yield Promise(
                made=moment(event.occurred_at),
                by=told[1],
                eta=moment(posted.eta),
                actual=moment(actual) if actual is not None else None,
                minutes_off=round((actual - posted.eta) / SECOND / 60, 1) if actual is not None else None,
            )
        standing = told
