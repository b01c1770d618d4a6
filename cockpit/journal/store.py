"""The journal as the engine has it: one writer, every change one transaction."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError

from cockpit.clock import Clock
from cockpit.incident.broadcasts import UpdatePosted
from cockpit.incident.event import Draft, Event
from cockpit.incident.fold import State, fold
from cockpit.incident.stamp import due
from cockpit.journal import answers, checkpoints, events, migrations, outbox, redaction, sqlite, stamps
from cockpit.journal.answers import Answered
from cockpit.journal.ballast import Ballast
from cockpit.journal.chain import Verified
from cockpit.journal.errors import JournalError
from cockpit.journal.events import StreamInfo
from cockpit.journal.outbox import Diversion, Fate, Letter, LetterKind, LetterState, StoredLetter
from cockpit.journal.reader import Reader, open_reader, reading
from cockpit.journal.worker import Worker

__all__ = [
    "Answered", "Diversion", "Fate", "Journal", "Letter", "LetterKind", "LetterState", "Reader", "StoredLetter",
    "StreamInfo", "Verified", "open_reader",
]  # fmt: skip

log = logging.getLogger(__name__)


class Journal(Reader):
    """The journal, open for writing; made by `Journal.open`.

    A call that returns has its changes on the disk. A call that raises has changed nothing and told nobody, except
    after StorageFault, when only reading back can tell.
    """

    def __init__(self, path: Path, clock: Clock, host: str) -> None:
        self._engine = sqlite.writer(path)
        super().__init__(reading(path))
        self._path = path
        self._clock = clock
        self._host = host
        self._ballast = Ballast(path)
        self._writes = Worker(self._engine, "journal-writes", self._explain, self._ballast.release)
        self._outdated: set[str] = set()
        self._redactions = 0

    @classmethod
    async def open(cls, path: Path, *, clock: Clock, host: str) -> Journal:
        """Open the journal, making it and its directory if need be; a JournalError says what a person can do."""
        journal = cls(path, clock, host)
        try:
            await journal._writes.run(migrations.migrate)
            await journal._writes.call(journal._ballast.take)
            await journal._writes.call(journal._wipe)
        except JournalError:
            await journal.close()
            raise
        return journal

    async def close(self) -> None:
        """Finish what was asked for and let go of the file."""
        await self._writes.close()
        await super().close()

    @property
    def tight(self) -> bool:
        """Whether the disk is so full that the ballast is gone or could not be taken."""
        return not self._ballast.held

    async def append(
        self, stream: str, drafts: Sequence[Draft], *, letters: Sequence[Letter] = (),
        answer: Answered | None = None, before: State | None = None,
    ) -> tuple[Event, ...]:  # fmt: skip
        """Store the events with the letters they cause and the answer they give, all or nothing.

        `before` is what was so until now: with it, what these events make of it is stamped where that is due.
        """
        return await self._writes.run(lambda conn: self._store(conn, stream, drafts, letters, answer, before))

    async def reserve(self, prefix: str) -> str:
        """The name of a new stream, the prefix with its next number, which nobody is given again."""
        return await self._writes.run(lambda conn: events.next_name(conn, prefix))

    async def settle(
        self, stream: str, fates: Sequence[Fate], drafts: Sequence[Draft] = (), *,
        diversion: Diversion | None = None, uproot: tuple[str, LetterKind] | None = None,
        before: State | None = None,
    ) -> tuple[Event, ...]:  # fmt: skip
        """Give the letters their new states, and their stream the events that tell of it.

        What waits may be told at another destination too; `uproot` names one where the card, or what it has in keeping,
        is gone. `before` is as in `append`. Missing when a letter is not in the state it was in any more.
        """

        def work(conn: Connection) -> tuple[Event, ...]:
            now = self._clock.now()
            for fate in fates:
                outbox.settle(conn, fate, now)
            if uproot is not None:
                outbox.uproot(conn, stream, *uproot)
            if diversion is not None:
                outbox.divert(conn, stream, diversion, now)
            made = events.append(conn, stream, drafts, now, self._host)
            self._stamp(conn, before, made)
            return made

        return await self._writes.run(work)

    async def checkpoint(self, state: State) -> None:
        """Keep the state, to load it faster; ignored for a stream with a redaction since it was last loaded."""
        if state.stream not in self._outdated:
            await self._writes.run(partial(_keep, state=state))
            await self._writes.call(self._ballast.take)

    async def load(self, stream: str) -> State:
        """The state after the stream's last event, from the checkpoint if there is one that fits."""
        before = self._redactions
        state = await super().load(stream)
        if before == self._redactions:
            self._outdated.discard(stream)
        return state

    async def redact(
        self, stream: str, seq: int, reason: str, actor: str, *, answer: Answered | None = None
    ) -> tuple[Event, ...]:
        """Erase what the event said, here and in every copy, and return the events that say so.

        A state folded before still holds it: load the stream again.
        """
        self._outdate(stream)

        def work(conn: Connection) -> tuple[Event, ...]:
            made = redaction.redact(conn, stream, seq, reason, actor, self._clock.now(), self._host)
            if answer is not None:
                answers.keep(conn, answer, stream, made[0].seq, made[-1].seq)
            return made

        made = await self._writes.run(work)
        self._outdate(stream)  # again: a load that began before the commit must not clear it
        await self._writes.call(self._wipe)
        return made

    def _outdate(self, stream: str) -> None:
        self._outdated.add(stream)
        self._redactions += 1

    def _store(
        self,
        conn: Connection,
        stream: str,
        drafts: Sequence[Draft],
        letters: Sequence[Letter],
        answer: Answered | None,
        before: State | None,
    ) -> tuple[Event, ...]:
        now = self._clock.now()
        made = events.append(conn, stream, drafts, now, self._host)
        last = made[-1].seq if made else events.head(conn, stream)
        for draft in drafts:
            if isinstance(draft.body, UpdatePosted) and draft.body.replaces:
                outbox.withdraw(conn, stream, draft.body.replaces)
        outbox.queue(conn, stream, last, letters, now)
        if answer is not None:
            answers.keep(conn, answer, stream, last - len(made) + 1, last)
        self._stamp(conn, before, made)
        return made

    def _stamp(self, conn: Connection, before: State | None, made: Sequence[Event]) -> None:
        """Stamp what the events make of the state before them, unless that may still hold what was erased."""
        if before is not None and before.stream not in self._outdated and due(before, made):
            stamps.keep(conn, fold(made, before))

    def _wipe(self) -> None:
        """Write the file anew if something was erased; put off to the next opening when that cannot be done now."""
        try:
            with self._engine.begin() as conn:
                due = redaction.wipe_due(conn)
            if due:
                sqlite.wipe(self._engine)
                with self._engine.begin() as conn:
                    redaction.wiped(conn)
        except DatabaseError as error:
            log.warning("traces of what was erased may remain until the next start: %s", self._explain(error).message)

    def _explain(self, error: DatabaseError) -> JournalError:
        return sqlite.translate(error, self._path)


def _keep(conn: Connection, state: State) -> None:
    checkpoints.save(conn, state)
    stamps.keep(conn, state)
