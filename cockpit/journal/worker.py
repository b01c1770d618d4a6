"""A thread that owns a connection."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DatabaseError

from cockpit.journal.errors import Closed, JournalError, StorageFull

T = TypeVar("T")
Work = Callable[[Connection], T]


class Worker:
    """Runs work one after the other, each in a transaction of its own: all of it is kept, or none.

    `translate` turns a database's error into a JournalError; `make_room` is asked once when the disk is full, and
    the work is done again if it found some. Work that a cancelled caller no longer waits for may still be done.
    """

    def __init__(
        self,
        engine: Engine,
        name: str,
        translate: Callable[[DatabaseError], JournalError],
        make_room: Callable[[], bool] = lambda: False,
    ) -> None:
        self._engine = engine
        self._translate = translate
        self._make_room = make_room
        self._connection: Connection | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)

    async def run(self, work: Work[T]) -> T:
        """The result of the work, once it is committed."""
        return await self.call(lambda: self._with_room(work))

    async def call(self, plain: Callable[[], T]) -> T:
        """The result of something that must have the thread, but no transaction."""
        try:
            waiting = asyncio.get_running_loop().run_in_executor(self._thread, plain)
        except RuntimeError as error:
            raise Closed("The journal is closed.") from error
        return await waiting

    async def close(self) -> None:
        """Finish what was asked for, then end the thread."""
        with contextlib.suppress(Closed):
            await self.call(self._disconnect)
        self._thread.shutdown()

    def _with_room(self, work: Work[T]) -> T:
        try:
            return self._transact(work)
        except StorageFull:
            if not self._make_room():
                raise
        return self._transact(work)

    def _transact(self, work: Work[T]) -> T:
        try:
            if self._connection is None:
                self._connection = self._engine.connect()
            with self._connection.begin():
                return work(self._connection)
        except DatabaseError as error:
            self._disconnect()  # after a fault of the disk only a new connection sees what is really there
            raise self._translate(error) from error

    def _disconnect(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(DatabaseError):
                self._connection.close()
            self._connection = None
        self._engine.dispose()
