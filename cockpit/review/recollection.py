"""From the journal to what `cockpit incidents` prints."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import msgspec

from cockpit.clock import SECOND
from cockpit.journal.errors import JournalError
from cockpit.journal.reader import open_reader
from cockpit.platform.places import Places
from cockpit.review import brought, listing
from cockpit.review.alike import alike
from cockpit.review.history import search, summaries
from cockpit.review.summary import Summary

NONE = "there is no incident yet"


class Wanted(msgspec.Struct, frozen=True):
    """Which incidents: that say these words, are like that one (empty for the latest), began on or after that day."""

    words: str = ""
    like: str | None = None
    since: str = ""


async def told(
    places: Places, wanted: Wanted, *, as_json: bool, progress: Callable[[int, int], None] = lambda done, of: None
) -> tuple[str, bool]:
    """The list or what is alike, and whether there was anything to read."""
    try:
        since = _day(wanted.since)
        kept = await asyncio.to_thread(brought.summaries, places.home)
        known = await _recorded(places, bool(kept), progress)
    except (JournalError, ValueError) as error:
        return str(error), False
    if wanted.like is not None:
        return _alike(known, kept, wanted.like, as_json)
    listed = (*known, *kept)
    chosen = [each for each in search(listed, wanted.words) if each.declared >= since]
    if as_json:
        return listing.as_data(chosen), True
    if not chosen:
        return "no incident has all of these words" if wanted.words else NONE, True
    return listing.table(chosen), True


async def _recorded(places: Places, without: bool, progress: Callable[[int, int], None]) -> Sequence[Summary]:
    """Those of the journal; there may be `without` one where reports are kept."""
    if without and not places.journal.exists():
        return ()
    reader = await open_reader(places.journal)
    try:
        return await summaries(reader, places.home, progress)
    finally:
        await reader.close()


def _alike(known: Sequence[Summary], kept: Sequence[Summary], incident: str, as_json: bool) -> tuple[str, bool]:
    chosen = [each for each in known if each.incident == incident] if incident else known[-1:]
    if any(each.incident == incident for each in kept):
        return f"{incident} comes from elsewhere: nothing was measured there to compare with", False
    if not chosen:
        return f"there is no incident {incident}" if incident else NONE, False
    (about,) = chosen
    found = alike(about.turned, about.changed, (*known, *kept), besides=about.incident)
    return listing.likes_as_data(found) if as_json else listing.likes(found, about.incident), True


def _day(text: str) -> int:
    """Its first moment in microseconds, 0 for none; ValueError with the way to mend it."""
    if not text:
        return 0
    try:
        return int(datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).timestamp()) * SECOND
    except ValueError:
        raise ValueError(f"--since wants a day as 2026-11-20, not {text!r}") from None
