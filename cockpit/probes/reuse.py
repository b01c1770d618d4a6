"""Connections kept from one request to the next, one a name."""

from __future__ import annotations

import time

from cockpit.probes.wire import Wire

OLDEST = 300.0
"""Real seconds a connection is kept: after that the name is resolved again, for its addresses may have changed."""


class Kept:
    """Owns the connections nobody uses just now. One that is taken out belongs to whoever took it."""

    def __init__(self) -> None:
        self._wires: dict[str, Wire] = {}

    def take(self, name: str) -> Wire | None:
        """The connection of that name, if there is one that is neither old nor closed by the peer."""
        wire = self._wires.pop(name, None)
        if wire is None or (time.monotonic() - wire.opened < OLDEST and wire.idle()):
            return wire
        wire.close()
        return None

    def put(self, name: str, wire: Wire) -> None:
        """Keep it for the next request; the one kept before it is closed."""
        before = self._wires.pop(name, None)
        if before is not None:
            before.close()
        self._wires[name] = wire

    def close(self) -> None:
        """Close all of them."""
        while self._wires:
            self._wires.popitem()[1].close()
