"""The reading face of the journal. A process that only reads, such as a report, opens just this."""

from __future__ import annotations

from collections.abc import Container
from functools import partial
from pathlib import Path

from sqlalchemy import Connection

from cockpit.broadcast.sender import Thread
from cockpit.incident.event import Event
from cockpit.incident.fold import State, fold
from cockpit.incident.kinds import decode
from cockpit.incident.stamp import Stamp
from cockpit.incident.vocabulary import EventRedacted
from cockpit.journal import answers, checkpoints, events, migrations, outbox, sqlite, stamps
from cockpit.journal.chain import Checker, Stored, Verified
from cockpit.journal.errors import JournalError
from cockpit.journal.events import StreamInfo
from cockpit.journal.outbox import StoredLetter
from cockpit.journal.worker import Worker

PAGE = 1_000
"""Events read in one transaction: a longer one would keep the writer from committing."""


class Reader:
    """Reads on a connection of its own, in a thread of its own."""

    def __init__(self, reads: Worker) -> None:
        self._reads = reads

    async def close(self) -> None:
        """Let go of the file."""
        await self._reads.close()

    async def read(self, stream: str, after: int = 0, limit: int = PAGE) -> tuple[Event, ...]:
        """The events of the stream that follow the one numbered `after`, at most `limit`."""
        return await self._reads.run(partial(events.read, stream=stream, after=after, limit=limit))

    async def head(self, stream: str) -> int:
        """The number of the stream's last event, 0 when it has none."""
        return await self._reads.run(partial(events.head, stream=stream))

    async def streams(self) -> tuple[StreamInfo, ...]:
        """Every stream, the oldest first."""
        return await self._reads.run(events.all_streams)

    async def load(self, stream: str) -> State:
        """The state after the stream's last event, from the checkpoint if there is one that fits."""
        state = await self._reads.run(partial(checkpoints.load, stream=stream))
        while tail := await self.read(stream, state.seq):
            state = await self._reads.call(partial(fold, tail, state))
        return state

    async def verify(self, stream: str) -> Verified:
        """Compute the chain anew: it holds, or the first event that does not, and why."""
        checker, after = Checker(), 0
        while True:
            page, head, hash_at_head = await self._reads.run(partial(_page, stream=stream, after=after))
            await self._reads.call(partial(checker.follow, page, _redacted_in(page)))
            if not page:
                return checker.verdict(head, hash_at_head)
            after = page[-1].header.seq

    async def stamps(self, stream: str) -> tuple[Stamp, ...]:
        """What was so while the stream was recorded, at some of its events, in order."""
        return await self._reads.run(partial(stamps.of, stream=stream))

    async def answer_to(self, command_id: str) -> bytes | None:
        """What the command was answered before, None when it is new; Missing when the answer was erased."""
        return await self._reads.run(partial(answers.find, command=command_id))

    async def letters(self, states: Container[str], destination: str = "") -> tuple[StoredLetter, ...]:
        """The letters in any of these states, in the order they were queued; all, or those for one destination."""
        return await self._reads.run(partial(outbox.in_states, states=states, destination=destination))

    async def thread(self, stream: str, destination: str) -> Thread:
        """Where the incident's card is at that destination, and the message that is in keeping there."""
        return await self._reads.run(partial(outbox.thread, stream=stream, destination=destination))


async def open_reader(path: Path) -> Reader:
    """Open the journal to read it, also while an engine writes and where nothing can be written."""
    reads = reading(path)
    try:
        await reads.run(migrations.require_current)
    except JournalError:
        await reads.close()
        raise
    return Reader(reads)


def reading(path: Path) -> Worker:
    """The thread that reads the journal at that path."""
    return Worker(sqlite.reader(path), "journal-reads", partial(sqlite.translate, path=path))


def _page(conn: Connection, stream: str, after: int) -> tuple[tuple[Stored, ...], int, bytes]:
    return (events.stored(conn, stream, after, PAGE), *events.end(conn, stream))


def _redacted_in(page: tuple[Stored, ...]) -> list[int]:
    said = [decode(row.header.kind, row.body) for row in page if row.header.kind == EventRedacted.kind and row.body]
    return [body.seq for body in said if isinstance(body, EventRedacted)]
