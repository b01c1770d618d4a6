from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Connection, inspect, text

from cockpit.clock import Clock
from cockpit.incident.event import Draft
from cockpit.journal import migrations, sqlite, tables
from cockpit.journal.errors import Damaged, TooNew, TooOld
from cockpit.journal.migrations import STEPS, migrate, version_of
from cockpit.journal.store import Fate, Journal, Letter, open_reader

Note = Callable[[str], Draft]


async def made(path: Path, clock: Clock, note: Note) -> None:
    journal = await Journal.open(path, clock=clock, host="h")
    await journal.append("watch", [note("kept")])
    await journal.close()


def execute(path: Path, statement: str) -> bytes:
    """The bytes of the file after the statement."""
    path.parent.mkdir(exist_ok=True)
    with closing(sqlite3.connect(path)) as db, db:
        db.execute(statement)
    db.close()
    return contents(path)


def contents(path: Path) -> bytes:
    return path.read_bytes()


async def test_a_journal_of_a_newer_program_is_refused_untouched(path: Path, clock: Clock, note: Note) -> None:
    await made(path, clock, note)
    before = execute(path, "UPDATE meta SET value = '99' WHERE name = 'version'")
    with pytest.raises(TooNew, match="version 99.*newer program"):
        await Journal.open(path, clock=clock, host="h")
    with pytest.raises(TooNew):
        await open_reader(path)
    assert contents(path) == before


async def test_another_programs_database_is_refused_untouched(path: Path, clock: Clock) -> None:
    before = execute(path, "CREATE TABLE customers (name TEXT)")
    with pytest.raises(Damaged, match="not a journal"):
        await Journal.open(path, clock=clock, host="h")
    assert contents(path) == before


async def test_a_journal_without_a_version_is_damaged(path: Path, clock: Clock, note: Note) -> None:
    await made(path, clock, note)
    execute(path, "DELETE FROM meta")
    with pytest.raises(Damaged, match="which version"):
        await Journal.open(path, clock=clock, host="h")


async def test_steps_not_yet_done_are_done_once_and_in_order(path: Path, clock: Clock, note: Note) -> None:
    await made(path, clock, note)
    done: list[int] = []

    def second(conn: Connection) -> None:
        done.append(1)
        conn.execute(text("ALTER TABLE outbox ADD COLUMN colour VARCHAR"))

    def third(conn: Connection) -> None:
        done.append(2)
        conn.execute(text("UPDATE outbox SET colour = 'red'"))

    steps = (*STEPS, second, third)
    engine = sqlite.writer(path)
    for _ in range(2):
        with engine.begin() as conn:
            migrate(conn, steps)
            assert version_of(conn, steps) == len(STEPS) + 2
    assert done == [1, 2]
    with pytest.raises(TooNew), engine.begin() as conn:
        migrate(conn)


async def test_a_journal_of_the_first_version_keeps_its_letters(path: Path, clock: Clock, note: Note) -> None:
    path.parent.mkdir()
    with sqlite.writer(path).begin() as conn:
        migrate(conn, STEPS[:1])
        conn.execute(
            text(
                "INSERT INTO outbox (key, stream, seq, update_id, destination, kind, payload, state, not_before, tries,"
                " queued_at) VALUES ('u1:team:card', 'INC-1', 1, 'u1', 'team', 'card', X'7B7D', 'sending', 5, 2, 9)"
            )
        )
    journal = await Journal.open(path, clock=clock, host="h")
    (kept,) = await journal.letters({"sending"})
    assert (kept.letter, kept.tries, kept.not_before) == (Letter("u1", "team", "card", b"{}"), 2, 5)
    assert (kept.wire, kept.address, kept.absences) == (b"", "", 0)
    await journal.settle("INC-1", [Fate(kept.id, "sending", "sent", address="C1/1.2")], [note("told")])
    assert (await journal.thread("INC-1", "team")).root == "C1/1.2"
    await journal.close()


async def test_the_steps_end_at_the_tables_of_today(path: Path, clock: Clock, note: Note) -> None:
    await made(path, clock, note)
    with sqlite.writer(path).connect() as conn:
        inspector = inspect(conn)
        for table in tables.metadata.sorted_tables:
            found = {column["name"]: str(column["type"]) for column in inspector.get_columns(table.name)}
            assert found == {column.name: str(column.type) for column in table.columns}


async def test_a_step_that_fails_leaves_the_journal_as_it_was(path: Path, clock: Clock, note: Note) -> None:
    await made(path, clock, note)

    def broken(conn: Connection) -> None:
        conn.execute(text("ALTER TABLE outbox ADD COLUMN colour VARCHAR"))
        raise RuntimeError("half-way")

    with pytest.raises(RuntimeError), sqlite.writer(path).begin() as conn:
        migrate(conn, (*STEPS, broken))
    journal = await Journal.open(path, clock=clock, host="h")
    assert await journal.head("watch") == 1
    with closing(sqlite3.connect(path)) as db, db:
        assert "colour" not in [column[1] for column in db.execute("PRAGMA table_info(outbox)")]
    db.close()
    await journal.close()


async def test_a_reader_cannot_bring_a_journal_up_to_date(
    path: Path, clock: Clock, note: Note, monkeypatch: pytest.MonkeyPatch
) -> None:
    await made(path, clock, note)
    monkeypatch.setattr(migrations, "STEPS", (*STEPS, lambda conn: None))
    with pytest.raises(TooOld, match="Start the cockpit once"):
        await open_reader(path)
