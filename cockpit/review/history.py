"""All incidents of a journal as summaries, kept in a file beside it that may be thrown away."""

from __future__ import annotations

import asyncio
import logging
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from cockpit.journal.reader import Reader
from cockpit.review.reading import INCIDENTS, every
from cockpit.review.summary import VERSION, Summary, spoken, summarise

log = logging.getLogger(__name__)

FILE = "incidents.cache"

_Kept = tuple[int, tuple[Summary, ...]]


async def summaries(
    reader: Reader, home: Path, progress: Callable[[int, int], None] = lambda done, of: None
) -> tuple[Summary, ...]:
    """Every incident of the journal, the oldest first. What has no new events is taken from the cache below `home`.

    `progress` is told how many of those that had to be read are done.
    """
    infos = [info for info in await reader.streams() if info.name.startswith(INCIDENTS)]
    known = await asyncio.to_thread(_kept, home / FILE)
    fresh = [info for info in infos if _outdated(known.get(info.name), info.head)]
    for done, info in enumerate(fresh):
        progress(done, len(fresh))
        events = await every(reader, info.name)
        known[info.name] = await asyncio.to_thread(summarise, events)
    found = sorted((known[info.name] for info in infos), key=lambda each: (each.declared, each.incident))
    if fresh:
        await asyncio.to_thread(_keep, home / FILE, found)
    return tuple(found)


def _outdated(summary: Summary | None, head: int) -> bool:
    # An erasure is an event of its own, so that what it took out goes from here too.
    return summary is None or summary.head != head


def _kept(path: Path) -> dict[str, Summary]:
    try:
        version, found = msgspec.msgpack.decode(path.read_bytes(), type=_Kept)
    except (OSError, msgspec.MsgspecError):
        return {}
    return {each.incident: each for each in found} if version == VERSION else {}


def _keep(path: Path, found: Sequence[Summary]) -> None:
    """Replace the file as a whole; where nothing can be written everything is read again next time."""
    kept: _Kept = (VERSION, tuple(found))
    try:
        handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        log.info("summaries are not kept: %s", error)
        return
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(msgspec.msgpack.encode(kept))
        os.replace(draft, path)
    except OSError as error:
        log.info("summaries are not kept: %s", error)
        os.unlink(draft)


def forget(home: Path) -> None:
    """Remove what is kept: it may say what was erased since."""
    (home / FILE).unlink(missing_ok=True)


def search(found: Sequence[Summary], words: str) -> tuple[Summary, ...]:
    """Those in which every word is said somewhere, in full or as the beginning of one."""
    wanted = spoken(words) or tuple(words.casefold().split())
    return tuple(each for each in found if all(_says(each, word) for word in wanted))


def _says(summary: Summary, wanted: str) -> bool:
    own = f"{summary.incident} {summary.severity} {summary.status} {summary.lead}".casefold().split()
    return any(word.startswith(wanted) for word in (*own, *summary.words))
