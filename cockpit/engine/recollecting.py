"""Looks for earlier incidents like the one that runs, and puts on record which there are and what helped then."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path

from cockpit.engine.core import Core
from cockpit.engine.recording import Recorder
from cockpit.incident.event import Draft
from cockpit.incident.fold import State
from cockpit.incident.vocabulary import IncidentRecalled, Past
from cockpit.journal.errors import JournalError
from cockpit.journal.reader import open_reader
from cockpit.platform.places import Places
from cockpit.review import brought, history
from cockpit.review.alike import Like, alike
from cockpit.review.summary import Changed, Summary, Turned, changed, tokens

log = logging.getLogger(__name__)

TOLD = 2
"""Things that helped, and that did not, named of one earlier incident."""
_Seen = tuple[str, tuple[Turned, ...], tuple[Changed, ...]]


class Recollecting:
    """Reads what there was once an incident is declared, and looks again whenever something turns or is changed."""

    def __init__(self, core: Core, recorder: Recorder, places: Places) -> None:
        self._core = core
        self._recorder = recorder
        self._places = places
        self._known: tuple[Summary, ...] = ()
        self._read_for = ""
        self._seen: _Seen = ("", (), ())

    async def run(self) -> None:
        """Look for ever."""
        waker = self._core.waker()
        try:
            while True:
                waker.clear()
                await self._look(self._core.shown)
                await waker.wait()
        finally:
            self._core.forget(waker)

    def forget(self) -> None:
        """Let go of everything that was read: something of it was erased."""
        self._known, self._read_for = (), ""
        history.forget(self._places.home)

    async def _look(self, state: State) -> None:
        if not state.lifecycle.open:
            return
        seen = state.stream, _turned(state), changed(state)
        if seen == self._seen:
            return
        if self._read_for != state.stream:
            self._known = await _earlier(self._places.journal, self._places.home)
            self._read_for = state.stream
        self._seen = seen
        found = await asyncio.to_thread(alike, seen[1], seen[2], self._known, state.stream)
        if found:
            self._recorder.post_decided(lambda now: _recalled(now, state.stream, found))


async def _earlier(journal: Path, home: Path) -> tuple[Summary, ...]:
    """The reports kept from elsewhere and all incidents of the journal.

    Those of the journal are left out where it cannot be read now, for this is no more than a reminder.
    """
    kept = await asyncio.to_thread(brought.summaries, home)
    try:
        reader = await open_reader(journal)
        try:
            return (*kept, *await history.summaries(reader, home))
        finally:
            await reader.close()
    except JournalError as error:
        log.warning("earlier incidents cannot be read: %s", error.message)
        return kept


def _turned(state: State) -> tuple[Turned, ...]:
    return tuple(
        Turned(each.probe, each.service, each.state, tokens(each.verdict))
        for each in state.watching.probes.values()
        if each.state in {"degraded", "down"}
    )


def _recalled(state: State, stream: str, found: Sequence[Like]) -> tuple[Draft, ...]:
    """Each earlier incident once; nothing when another incident is shown by now."""
    if state.stream != stream or not state.lifecycle.open:
        return ()
    told = {past.incident for past in state.lifecycle.recalled}
    return tuple(
        Draft(body=IncidentRecalled(past=_past(each)), actor="cockpit")
        for each in found
        if each.past.incident not in told
    )


def _past(like: Like) -> Past:
    return Past(
        incident=like.past.incident,
        title=like.past.title,
        declared=like.past.declared,
        why="; ".join(like.why),
        helped=tuple(deed.command for deed in like.helped[:TOLD]),
        harmed=tuple(deed.command for deed in like.harmed[:TOLD]),
    )
