"""What probes measured, minute by minute, in a file of its own: it may be lost, and must never hold up the journal."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    delete,
    insert,
    inspect,
    select,
)

from cockpit.journal import sqlite
from cockpit.journal.worker import Worker
from cockpit.probes.rollup import Minute

metadata = MetaData()
minutes = Table(
    "minutes",
    metadata,
    Column("probe", String, primary_key=True),
    Column("start", BigInteger, primary_key=True),
    Column("good", Integer, nullable=False),
    Column("slow", Integer, nullable=False),
    Column("bad", Integer, nullable=False),
    Column("indeterminate", Integer, nullable=False),
    Column("mean_ms", Float),
    Column("max_ms", Float),
    Column("error_rate", Float),
    Column("requests", Float),
    sqlite_with_rowid=False,
)


class Telemetry:
    """The minutes of every lane. Each call raises JournalError when the file cannot be used just now."""

    def __init__(self, path: Path) -> None:
        self._worker = Worker(
            sqlite.telemetry(path), "telemetry", lambda error: sqlite.translate(error, path, "telemetry")
        )
        self._made = False

    async def add(self, batch: Sequence[Minute]) -> None:
        """Keep these minutes, all or none; one that is kept already is replaced."""
        await self._worker.run(lambda conn: self._add(conn, batch))

    async def forget(self, before: int) -> None:
        """Drop what began before that moment, in microseconds."""
        await self._worker.run(lambda conn: self._forget(conn, before))

    async def close(self) -> None:
        """Finish what was asked for and let go of the file."""
        await self._worker.close()

    def _add(self, conn: Connection, batch: Sequence[Minute]) -> None:
        self._make(conn)
        if batch:
            rows = [{name: getattr(minute, name) for name in Minute.__struct_fields__} for minute in batch]
            conn.execute(insert(minutes).prefix_with("OR REPLACE", dialect="sqlite"), rows)

    def _forget(self, conn: Connection, before: int) -> None:
        self._make(conn)
        conn.execute(delete(minutes).where(minutes.c.start < before))

    def _make(self, conn: Connection) -> None:
        if not self._made:
            metadata.create_all(conn)
            self._made = True


async def minutes_of(path: Path, probe: str, since: int) -> tuple[Minute, ...]:
    """The minutes of a lane that began at or after that moment, oldest first; none where nothing was kept yet.

    It writes nothing, and holds nobody up; JournalError when the file cannot be read.
    """
    return await _read(path, (minutes.c.probe == probe) & (minutes.c.start >= since))


async def minutes_between(path: Path, first: int, last: int) -> tuple[Minute, ...]:
    """The minutes of every lane that began between those moments, both included; the same otherwise."""
    return await _read(path, (minutes.c.start >= first) & (minutes.c.start <= last))


async def _read(path: Path, wanted: ColumnElement[bool]) -> tuple[Minute, ...]:
    if not await asyncio.to_thread(path.exists):
        return ()
    worker = Worker(sqlite.reader(path), "telemetry-reads", lambda error: sqlite.translate(error, path, "telemetry"))

    def read(conn: Connection) -> tuple[Minute, ...]:
        if not inspect(conn).has_table(minutes.name):
            return ()
        return tuple(Minute(**row) for row in conn.execute(select(minutes).where(wanted).order_by("start")).mappings())

    try:
        return await worker.run(read)
    finally:
        await worker.close()
