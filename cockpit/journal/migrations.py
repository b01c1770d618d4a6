"""The numbered steps from an empty database to the journal of today."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import Connection, insert, inspect, select, text, update

from cockpit.journal import first, tables
from cockpit.journal.errors import Damaged, TooNew, TooOld

Step = Callable[[Connection], None]


def _first_tables(conn: Connection) -> None:
    first.metadata.create_all(conn)


def _letters_in_doubt(conn: Connection) -> None:
    """What was sent, where it is, and how often it was not found."""
    binary = tables.outbox.c.wire.type.compile(conn.dialect)
    for column in (f"wire {binary}", "address VARCHAR NOT NULL DEFAULT ''", "absences INTEGER NOT NULL DEFAULT 0"):
        conn.execute(text(f"ALTER TABLE outbox ADD COLUMN {column}"))


def _stamps(conn: Connection) -> None:
    """What was so while it was recorded."""
    binary = tables.stamps.c.digests.type.compile(conn.dialect)
    rowless = " WITHOUT ROWID" if conn.dialect.name == "sqlite" else ""
    conn.execute(
        text(
            "CREATE TABLE stamps (stream VARCHAR NOT NULL, seq BIGINT NOT NULL, version INTEGER NOT NULL, "
            f"digests {binary} NOT NULL, PRIMARY KEY (stream, seq)){rowless}"
        )
    )


# Step 1 makes the tables as they were then, and each later step changes what the one before it left.
STEPS: tuple[Step, ...] = (_first_tables, _letters_in_doubt, _stamps)


def migrate(conn: Connection, steps: Sequence[Step] = STEPS) -> None:
    """Bring the journal to the newest version; TooNew or Damaged when it is not one of ours to change."""
    version = version_of(conn, steps)
    for number in range(version + 1, len(steps) + 1):
        steps[number - 1](conn)
    if version == 0:
        conn.execute(insert(tables.meta).values(name="version", value=str(len(steps))))
    elif version < len(steps):
        conn.execute(update(tables.meta).where(tables.meta.c.name == "version").values(value=str(len(steps))))


def require_current(conn: Connection) -> None:
    """Refuse a journal that only a writer could bring up to date."""
    if version_of(conn, STEPS) < len(STEPS):
        raise TooOld("This journal was never finished or is of an older version. Start the cockpit once to update it.")


def version_of(conn: Connection, steps: Sequence[Step] = STEPS) -> int:
    """The number of the last step done, 0 for an empty database."""
    names = inspect(conn).get_table_names()
    if not names:
        return 0
    if tables.meta.name not in names:
        raise Damaged(
            "This file is a database, but not a journal of the cockpit. Choose another place for the journal."
        )
    stored = conn.execute(select(tables.meta.c.value).where(tables.meta.c.name == "version")).scalar()
    if stored is None or not stored.isdecimal():
        raise Damaged("This journal does not say which version it has. Move it aside to start a new one.")
    if int(stored) > len(steps):
        raise TooNew(
            f"This journal has version {stored} and this program knows versions up to {len(steps)}. "
            "Use the newer program, or another profile."
        )
    return int(stored)
