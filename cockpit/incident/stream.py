"""The events of one incident, and of them those of some kinds. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from itertools import chain

from cockpit.incident.event import AnyBody, Event


class Stream(tuple[Event, ...]):
    """Events in order: all of them are looked through once, however many questions are about few of them."""

    def of(self, *kinds: type[AnyBody]) -> list[Event]:
        """Those of exactly these kinds, in their order."""
        places = sorted(chain.from_iterable(self._places.get(kind, ()) for kind in kinds))
        return [self[place] for place in places]

    def __repr__(self) -> str:
        # Asyncio writes results of tasks out when it looks at them: not a hundred thousand events.
        return f"<Stream of {len(self)} events>"

    @cached_property
    def _places(self) -> Mapping[type[AnyBody], list[int]]:
        found: dict[type[AnyBody], list[int]] = {}
        for place, event in enumerate(self):
            found.setdefault(type(event.body), []).append(place)
        return found


def streamed(events: Iterable[Event]) -> Stream:
    """The same events, looked through only once more if at all."""
    return events if isinstance(events, Stream) else Stream(events)


def of_kinds(events: Iterable[Event], *kinds: type[AnyBody]) -> list[Event]:
    """Those of exactly these kinds, in their order."""
    return streamed(events).of(*kinds)
