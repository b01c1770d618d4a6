"""From a journal to a tape: read only, and let go of as soon as it is read."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from cockpit.engine.recalling import earlier, incidents
from cockpit.incident.event import WATCH, Event
from cockpit.incident.fold import State, fold
from cockpit.incident.watching import Watching, merge
from cockpit.journal.chain import Verified
from cockpit.journal.errors import JournalError
from cockpit.journal.reader import Reader, open_reader
from cockpit.journal.telemetry import minutes_between
from cockpit.platform.places import Places
from cockpit.probes.rollup import MINUTE
from cockpit.replay.lanes import SPARK, Minutes
from cockpit.replay.tape import Tape, tape

log = logging.getLogger(__name__)

PAGE = 1_000
QUIET = 2_000
"""Events of the quiet watch before an incident that are looked at for what was known then."""


class Unplayable(Exception):
    """There is no such incident to replay; the text says what there is."""


class Opened(msgspec.Struct, frozen=True):
    """An incident that can be played, and the journal that it is read from."""

    reader: Reader
    tape: Tape
    minutes: Minutes

    async def chain(self) -> Verified:
        """Whether the record itself is whole."""
        return await self.reader.verify(self.tape.stream)


@asynccontextmanager
async def opened(places: Places, incident: str) -> AsyncIterator[Opened]:
    """The incident of that name, the latest without one; Unplayable when there is none.

    JournalError when there is no journal to have.
    """
    reader = await open_reader(places.journal)
    try:
        stream = await _named(reader, incident)
        early = await reader.stamps(stream)
        events = await _events(reader, stream)
        # An engine may write meanwhile: a later stamp is of events that were not read, an erasure takes some away.
        kept = {each.seq for each in await reader.stamps(stream)}
        stamps = [each for each in early if each.seq in kept]
        seen = await _seen(reader, events[0])
        made = await asyncio.to_thread(tape, events, stamps, seen)
        yield Opened(reader, made, await _minutes(places.telemetry, made))
    finally:
        await reader.close()


async def _named(reader: Reader, incident: str) -> str:
    names = await incidents(reader)
    if not names:
        raise Unplayable("no incident is recorded here")
    if incident and incident not in names:
        raise Unplayable(f"there is no incident {incident}: recorded here are {', '.join(names[-10:])}")
    return incident or names[-1]


async def _events(reader: Reader, stream: str) -> list[Event]:
    events: list[Event] = []
    while page := await reader.read(stream, events[-1].seq if events else 0, PAGE):
        events += page
    return events


async def _seen(reader: Reader, first: Event) -> Watching:
    """What was known when the incident began: from earlier incidents, and of late from the quiet watch."""
    end = await _before(reader, first.recorded_at)
    quiet = await reader.read(WATCH, max(0, end - QUIET), min(end, QUIET)) if end else ()
    return merge(fold(quiet).watching, await earlier(reader, State(stream=first.stream)))


async def _before(reader: Reader, moment: int) -> int:
    """The number of the last event of the watch that was recorded before that moment."""
    low, high = 0, await reader.head(WATCH)
    while low < high:
        middle = (low + high + 1) // 2
        found = await reader.read(WATCH, middle - 1, 1)
        low, high = (middle, high) if found and found[0].recorded_at <= moment else (low, middle - 1)
    return low


async def _minutes(telemetry: Path, made: Tape) -> Minutes:
    try:
        return Minutes(await minutes_between(telemetry, made.start - SPARK * MINUTE, made.end))
    except JournalError as error:
        # Figures may be lost: the lanes then say that their samples are not recorded.
        log.warning("%s", error.message)
        return Minutes()
