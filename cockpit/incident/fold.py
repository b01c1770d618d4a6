"""The state of one stream, as a fold over its events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from cockpit.incident import lifecycle, people, running, telling, watching
from cockpit.incident.event import AnyBody, Event
from cockpit.incident.lifecycle import Lifecycle
from cockpit.incident.people import Roster
from cockpit.incident.run import Runs
from cockpit.incident.telling import Telling
from cockpit.incident.watching import Watching

STATE_VERSION = 10
"""Raised whenever `State` has another shape or folds otherwise: a checkpoint of another version is thrown away."""


class State(msgspec.Struct, frozen=True):
    """Everything that is so after the event `seq` of the stream."""

    stream: str = ""
    seq: int = 0
    lifecycle: Lifecycle = Lifecycle()
    watching: Watching = Watching()
    roster: Roster = Roster()
    runs: Runs = {}
    telling: Telling = Telling()


MOVED_BY: Mapping[str, frozenset[type[AnyBody]]] = {
    "lifecycle": lifecycle.MOVED_BY,
    "watching": watching.MOVED_BY,
    "roster": people.MOVED_BY,
    "runs": running.MOVED_BY,
    "telling": telling.MOVED_BY,
}
"""The kinds of events that move each family; no other event can."""


def apply(state: State, event: Event) -> State:
    """The state after one more event; one that no family knows only moves `seq`."""
    # Only those that it moves are asked: most of a long incident moves one family or none.
    kind = type(event.body)
    return State(
        event.stream,
        event.seq,
        lifecycle.reduce(state.lifecycle, event) if kind in lifecycle.MOVED_BY else state.lifecycle,
        watching.reduce(state.watching, event) if kind in watching.MOVED_BY else state.watching,
        people.reduce(state.roster, event) if kind in people.MOVED_BY else state.roster,
        running.reduce(state.runs, event) if kind in running.MOVED_BY else state.runs,
        telling.reduce(state.telling, event) if kind in telling.MOVED_BY else state.telling,
    )


def fold(events: Iterable[Event], start: State | None = None) -> State:
    """The state after all these events, from nothing or from a checkpoint."""
    state = start or State()
    for event in events:
        state = apply(state, event)
    return state


def freeze(state: State) -> bytes:
    """A checkpoint of the state."""
    return msgspec.msgpack.encode((STATE_VERSION, state), enc_hook=str)


def thaw(checkpoint: bytes) -> State | None:
    """The state in a checkpoint, or None when another version of the program made it."""
    try:
        version = msgspec.msgpack.decode(checkpoint, type=tuple[int, msgspec.Raw])
        if version[0] != STATE_VERSION:
            return None
        return msgspec.msgpack.decode(version[1], type=State)
    except msgspec.MsgspecError:
        return None
