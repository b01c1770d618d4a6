"""What earlier incidents have left in the journal."""

from __future__ import annotations

from cockpit.incident.event import WATCH
from cockpit.incident.fold import State
from cockpit.incident.watching import Watching, merge
from cockpit.journal.store import Journal

EARLIER = 20
"""Incidents before the latest that are asked for what they saw and did: a freeze or a pause outlasts its incident."""


async def latest_incident(journal: Journal) -> State | None:
    """By its number: the clock may have been set back. No earlier one can be open."""
    names = await _incidents(journal)
    return await journal.load(names[-1]) if names else None


async def earlier(journal: Journal, latest: State | None) -> Watching:
    """What the incidents before the latest have told."""
    known = Watching()
    for name in [name for name in await _incidents(journal) if latest is None or name != latest.stream][-EARLIER:]:
        known = merge(known, (await journal.load(name)).watching)
    return known


async def _incidents(journal: Journal) -> list[str]:
    names = [info.name for info in await journal.streams() if info.name != WATCH]
    return sorted(names, key=lambda name: int(name.rpartition("-")[2]))
