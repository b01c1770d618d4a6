"""All that is peculiar to SQLite: how it is opened, made durable, wiped, and what its errors mean."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, Engine, NullPool, create_engine, event
from sqlalchemy.exc import DatabaseError

from cockpit.journal.errors import Busy, Damaged, JournalError, Missing, ReadOnly, StorageFault, StorageFull

BUSY_SECONDS = 5.0

_WRITER = (
    "PRAGMA journal_mode=DELETE",  # WAL of SQLite before 3.51.3 can lose commits when two connections write
    "PRAGMA synchronous=EXTRA",
    "PRAGMA fullfsync=ON",
    "PRAGMA secure_delete=ON",
)
_TELEMETRY = ("PRAGMA journal_mode=DELETE", "PRAGMA synchronous=NORMAL")
"""A power cut may cost the last minutes, which nobody will miss; a sync for each would be felt by the journal."""
_NO_TRANSACTION = "AUTOCOMMIT"
_READER = ("PRAGMA query_only=ON",)


def writer(path: Path) -> Engine:
    """An engine whose transactions hold the journal from their start.

    The file is made if there is none, with mode 0600, in a directory with mode 0700. ReadOnly when it cannot be.
    """
    try:
        _make(path)
    except OSError as error:
        raise ReadOnly(f"The journal {path} cannot be made: {error.strerror}. Check who owns its directory.") from error
    return _engine(path, _WRITER, "BEGIN IMMEDIATE")


def telemetry(path: Path) -> Engine:
    """An engine for figures that may be lost. The file is made with mode 0600 when it is first used."""

    def connect() -> sqlite3.Connection:
        try:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        except OSError as error:
            raise ReadOnly(f"The telemetry {path} cannot be opened: {error.strerror}.") from error
        return _connect(path, _TELEMETRY)

    return _listening(create_engine("sqlite+pysqlite://", creator=connect, poolclass=NullPool), "BEGIN IMMEDIATE")


def _make(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not all(
        os.access(place, os.W_OK, effective_ids=os.access in os.supports_effective_ids)
        for place in (path.parent, path)
        if place.exists()
    ):
        raise ReadOnly(f"The journal {path} cannot be written. Check who owns it, and its disk for a read-only mount.")
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    path.chmod(0o600)


def reader(path: Path) -> Engine:
    """An engine that never writes, but for undoing the half-written transaction of a process that was killed.

    It opens the file for writing where it may, since only that undoing needs it, and read-only where it must.
    Missing when there is no file.
    """
    if not path.exists():
        raise Missing(f"There is no journal at {path}.")
    return _engine(path, _READER, "BEGIN")


def _engine(path: Path, pragmas: tuple[str, ...], begin: str) -> Engine:
    return _listening(
        create_engine("sqlite+pysqlite://", creator=lambda: _connect(path, pragmas), poolclass=NullPool), begin
    )


def _connect(path: Path, pragmas: tuple[str, ...]) -> sqlite3.Connection:
    # No isolation level: the module's own transactions begin late and would not hold the journal.
    uri = f"file:{quote(os.fspath(path))}?mode=rw"
    connection = sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        for pragma in pragmas:
            connection.execute(pragma)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _listening(engine: Engine, begin: str) -> Engine:
    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        if connection.get_execution_options().get("isolation_level") != _NO_TRANSACTION:
            connection.exec_driver_sql(begin)

    return engine


def wipe(engine: Engine) -> None:
    """Write the file anew without what was deleted: moving rows about can leave copies that secure_delete misses."""
    with engine.connect().execution_options(isolation_level=_NO_TRANSACTION) as connection:
        connection.exec_driver_sql("VACUUM")


def translate(error: DatabaseError, path: Path, what: str = "journal") -> JournalError:
    """What the error means for the person whose journal, or whatever else it is called, this is."""
    cause = error.orig
    code = getattr(cause, "sqlite_errorcode", 0)
    if code == sqlite3.SQLITE_IOERR_WRITE:  # also a quota used up; a write comes before the commit, so nothing was kept
        return StorageFull(f"The {what} {path} could not be written. Free some space on its disk or in its quota.")
    match code & 0xFF:
        case sqlite3.SQLITE_FULL:
            return StorageFull(f"There is no room left for the {what} {path}. Free some space on its disk.")
        case sqlite3.SQLITE_IOERR:
            return StorageFault(f"The disk under the {what} {path} failed ({cause}). Look at the kernel's log.")
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return Busy(f"Another process has held the {what} {path} for {BUSY_SECONDS:.0f} s. See who has it open.")
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return ReadOnly(f"The {what} {path} cannot be opened or written ({cause}). Check who owns it.")
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CONSTRAINT:
            return Damaged(f"The {what} {path} is damaged ({cause}). Move it aside to start a new one, and keep it.")
    return JournalError(f"The {what} {path} failed: {cause}")
