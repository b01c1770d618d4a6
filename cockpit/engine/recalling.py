"""What earlier incidents have left in the journal."""

from __future__ import annotations

from cockpit.incident.event import WATCH
from cockpit.incident.fold import State
from cockpit.incident.watching import Watching, merge
from cockpit.journal.reader import Reader

EARLIER = 20
"""Incidents before the latest that are asked for what they saw and did: a freeze or a pause outlasts its incident."""


async def latest_incident(journal: Reader) -> State | None:
    """By its number: the clock may have been set back. No earlier one can be open."""
    names = await incidents(journal)
    return await journal.load(names[-1]) if names else None


async def earlier(journal: Reader, latest: State | None) -> Watching:
    """What the incidents before this one have told; all of them where there is none."""
    known = Watching()
    names = await incidents(journal)
    if latest is not None and latest.stream in names:
        names = names[: names.index(latest.stream)]
    for name in names[-EARLIER:]:
        known = merge(known, (await journal.load(name)).watching)
    return known


async def incidents(journal: Reader) -> list[str]:
    """Their names, by their number."""
    names = [info.name for info in await journal.streams() if info.name != WATCH]
    return sorted(names, key=lambda name: int(name.rpartition("-")[2]))
