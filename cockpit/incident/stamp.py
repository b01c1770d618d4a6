"""A mark of what was so at one event: small enough to be recorded on the way, and compared when it is replayed."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import Any, get_type_hints

import msgspec

from cockpit.incident.event import Event
from cockpit.incident.fold import STATE_VERSION, State
from cockpit.incident.vocabulary import IncidentDeclared, IncidentResolved, SeverityChanged, StatusChanged

EVERY = 200
"""Events of a stream after which a stamp is due even if nothing turned."""
BYTES = 16
_TURNS = IncidentDeclared | StatusChanged | SeverityChanged | IncidentResolved
# Sorted, so that the order in which a dict was filled cannot matter.
_canonical = msgspec.msgpack.Encoder(enc_hook=str, order="sorted")
_FAMILIES: dict[str, Any] = {
    name: kind for name, kind in get_type_hints(State).items() if name not in {"stream", "seq"}
}
_typed = {name: msgspec.msgpack.Decoder(kind) for name, kind in _FAMILIES.items()}


class Stamp(msgspec.Struct, frozen=True):
    """What a program of that `version` of the state made of the first `seq` events: a digest for each family."""

    stream: str
    seq: int
    version: int
    digests: dict[str, bytes]


def stamp(state: State) -> Stamp:
    """The stamp of that state."""
    return Stamp(state.stream, state.seq, STATE_VERSION, {name: _digest(name, state) for name in _FAMILIES})


def differing(recorded: Stamp, state: State) -> tuple[str, ...]:
    """The families of the state that are others than were recorded."""
    return tuple(name for name in _FAMILIES if recorded.digests.get(name) != _digest(name, state))


def due(before: State, events: Sequence[Event]) -> bool:
    """Whether the state after these events is to be stamped; not where some that came before them are not known."""
    if not events or events[0].seq != before.seq + 1:
        return False
    return before.seq // EVERY != events[-1].seq // EVERY or any(isinstance(each.body, _TURNS) for each in events)


def _digest(name: str, state: State) -> bytes:
    # Read back by its types: 300 and 300.0 are one number to whoever reads the journal.
    packed = _canonical.encode(getattr(state, name))
    return blake2b(_canonical.encode(_typed[name].decode(packed)), digest_size=BYTES).digest()
