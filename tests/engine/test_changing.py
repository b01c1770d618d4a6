"""Change feeds on their way into the journal."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import msgspec
import pytest

from cockpit.clock import SECOND, SystemClock
from cockpit.config.sources import FeedSource
from cockpit.engine.changing import Changing
from cockpit.engine.core import Core
from cockpit.engine.recording import Recorder
from cockpit.incident.event import WATCH, Draft
from cockpit.incident.fold import State
from cockpit.incident.watching import CHANGES_KEPT
from cockpit.journal.store import Journal, Letter
from cockpit.probes.transport import ProbeTransport
from cockpit.tasks import TaskSet

NOW = 1_700_000_000 * SECOND


class Feed:
    """Lists more changes than are kept in mind; `asked` counts how often."""

    def __init__(self) -> None:
        self.asked = 0
        self.again = asyncio.Event()
        changes = [{"id": n, "at": NOW + n * SECOND, "what": f"deploy {n}"} for n in range(CHANGES_KEPT + 50)]
        self._body = msgspec.json.encode({"changes": changes})

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(self._body))
        writer.write(self._body)
        await writer.drain()
        writer.close()
        self.asked += 1
        if self.asked > 3:
            self.again.set()


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    opened = await Journal.open(tmp_path / "journal.sqlite", clock=SystemClock(), host="here")
    yield opened
    await opened.close()


def _alone(state: State, drafts: Sequence[Draft]) -> tuple[Sequence[Draft], Sequence[Letter]]:
    return drafts, ()


async def test_a_feed_longer_than_what_is_kept_is_recorded_once(journal: Journal) -> None:
    core = Core(journal, SystemClock(), _alone, State(stream=WATCH), None)
    recorder, tasks, feed = Recorder(core), TaskSet(), Feed()
    server = await asyncio.start_server(feed.answer, "127.0.0.1", 0)
    async with server, asyncio.timeout(20):
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        source = FeedSource(name="ci", url=url, interval=0.05)
        tasks.spawn(recorder.run(), "recorder")
        Changing(core, recorder, [source], SystemClock()).start(ProbeTransport(), tasks)
        await feed.again.wait()
        await tasks.close()
    told = [event.body for event in await journal.read(WATCH)]
    assert len(told) == len(set(map(repr, told))) == CHANGES_KEPT + 50
