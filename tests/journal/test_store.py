from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from cockpit.clock import Clock
from cockpit.incident.broadcasts import UpdateDelivered
from cockpit.incident.event import Body, Draft, Unknown, encode
from cockpit.incident.vocabulary import NoteAdded
from cockpit.journal import sqlite
from cockpit.journal.errors import Busy, Closed, Damaged, Duplicate, Missing
from cockpit.journal.store import Answered, Fate, Journal, Letter, open_reader

Note = Callable[[str], Draft]


def contents(path: Path) -> bytes:
    return path.read_bytes()


CARD = Letter("u1", "team", "card", b"card text")


async def test_events_get_gapless_numbers_from_many_writers(journal: Journal, note: Note) -> None:
    async def write(writer: int) -> list[int]:
        seqs: list[int] = []
        for turn in range(10):
            made = await journal.append("watch", [note(f"{writer}-{turn}-{part}") for part in range(1 + turn % 3)])
            seqs.extend(event.seq for event in made)
        return seqs

    given = await asyncio.gather(*(write(writer) for writer in range(6)))
    stored = await journal.read("watch")
    assert [event.seq for event in stored] == list(range(1, len(stored) + 1)) == sorted(sum(given, []))
    assert await journal.head("watch") == len(stored)
    for seqs in given:
        assert seqs == sorted(seqs)


async def test_what_is_read_back_is_what_was_appended(journal: Journal, note: Note) -> None:
    made = await journal.append("watch", [note("first"), Draft(NoteAdded(text="then"), "bo", occurred_at=42)])
    assert await journal.read("watch") == made
    first, then = made
    assert (first.occurred_at, first.actor, first.host) == (first.recorded_at, "ana", "db-1")
    assert (then.occurred_at, then.recorded_at) == (42, first.recorded_at)
    assert await journal.read("watch", after=1) == made[1:]
    assert await journal.read("watch", limit=1) == made[:1]


async def test_each_reserved_name_is_given_once(journal: Journal, note: Note) -> None:
    names = await asyncio.gather(*(journal.reserve("INC") for _ in range(12)))
    assert sorted(names) == sorted(f"INC-{number}" for number in range(1, 13))
    assert await journal.reserve("DRILL") == "DRILL-1"
    for name in (*names, "DRILL-1"):
        await journal.append(name, [note("practice")])
    (drill,) = await journal.read("DRILL-1")
    streams = await journal.streams()
    assert [info.name for info in streams] == [f"INC-{number}" for number in range(1, 13)] + ["DRILL-1"]
    assert (streams[-1].head, streams[-1].first_at, streams[-1].last_at) == (1, drill.occurred_at, drill.occurred_at)


async def test_an_append_that_fails_leaves_nothing_behind(journal: Journal, note: Note) -> None:
    done = Answered("c1", b"done")
    await journal.append("watch", [note("kept")], letters=[CARD], answer=done)
    other = Letter("u2", "team", "card", b"never queued")
    with pytest.raises(Duplicate):
        await journal.append("watch", [note("lost")], letters=[other], answer=done)
    with pytest.raises(Duplicate):
        await journal.append("watch", [note("lost")], letters=[other, CARD], answer=Answered("c2", b"no"))
    with pytest.raises(Duplicate):
        await journal.append("INC-1", [note("lost")], answer=done)
    assert [event.body for event in await journal.read("watch")] == [NoteAdded(text="kept")]
    assert [letter.letter for letter in await journal.letters({"pending"})] == [CARD]
    assert await journal.answer_to("c1") == b"done"
    assert await journal.answer_to("c2") is None
    (opened,) = await journal.append("INC-1", [note("the first after all")])
    assert opened.seq == 1


async def test_a_command_may_be_answered_without_an_event(journal: Journal) -> None:
    assert await journal.append("watch", [], answer=Answered("c1", b"refused")) == ()
    assert await journal.answer_to("c1") == b"refused"
    assert await journal.streams() == ()


async def test_the_outbox_keeps_its_order_and_tells_the_fate_in_the_stream(journal: Journal, note: Note) -> None:
    thread = Letter("u1", "team", "thread", b"thread text")
    await journal.append("INC-1", [note("told")], letters=[CARD, thread])
    first, second = await journal.letters({"pending"})
    assert (first.letter, second.letter, first.stream, first.seq) == (CARD, thread, "INC-1", 1)
    await journal.settle("INC-1", [Fate(first.id, "pending", "sending")])
    await journal.settle("INC-1", [Fate(first.id, "sending", "pending", 99)])
    await journal.settle("INC-1", [Fate(first.id, "pending", "sending")])
    (late,) = await journal.letters({"sending"})
    assert (late.tries, late.not_before) == (2, 0)
    told = UpdateDelivered(update="u1", destination="team")
    (event,) = await journal.settle("INC-1", [Fate(first.id, "sending", "sent")], [Draft(told, "engine")])
    assert (event.stream, event.seq, event.body) == ("INC-1", 2, told)
    assert [letter.id for letter in await journal.letters({"pending", "sent"})] == [first.id, second.id]
    with pytest.raises(Missing):
        await journal.settle("INC-1", [Fate(77, "sending", "sent")], [note("never")])
    assert await journal.head("INC-1") == 2


async def test_an_event_of_a_future_kind_survives(journal: Journal) -> None:
    class Teleported(Body, frozen=True, kw_only=True):
        kind = "person.teleported"
        version = 7
        where: str

    class NoteOfTomorrow(Body, frozen=True, kw_only=True):
        kind = NoteAdded.kind
        version = NoteAdded.version + 1
        drawing: str

    bodies = [Teleported(where="là-bas"), NoteOfTomorrow(drawing="~")]
    await journal.append("watch", [Draft(body, "ana") for body in bodies])
    read = await journal.read("watch")
    for event, body in zip(read, bodies, strict=True):
        assert isinstance(event.body, Unknown)
        assert event.body.kind == body.kind
        assert encode(event.body) == encode(body)
    assert (await journal.load("watch")).seq == 2
    assert (await journal.verify("watch")).ok


async def test_a_reader_sees_a_growing_prefix_while_the_engine_commits(
    journal: Journal, path: Path, note: Note
) -> None:
    reader = await open_reader(path)
    seen: list[int] = []

    async def watch() -> None:
        while not seen or seen[-1] < 60:
            events = await reader.read("watch")
            assert [event.seq for event in events] == list(range(1, len(events) + 1))
            seen.append(len(events))

    async with asyncio.TaskGroup() as group:
        group.create_task(watch())
        for turn in range(60):
            await journal.append("watch", [note(str(turn))])
    assert seen == sorted(seen)
    with pytest.raises(sqlite3.OperationalError, match="readonly"), sqlite.reader(path).connect() as conn:
        conn.connection.cursor().execute("DELETE FROM events")
    await reader.close()


async def test_a_journal_held_by_another_process_is_busy(
    path: Path, clock: Clock, note: Note, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.02)
    journal = await Journal.open(path, clock=clock, host="db-1")
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(Busy, match="Another process"):
        await journal.append("watch", [note("waits")])
    holder.execute("ROLLBACK")
    holder.close()
    await journal.append("watch", [note("goes")])
    assert await journal.head("watch") == 1
    await journal.close()


async def test_files_are_the_owners_alone(tmp_path: Path, clock: Clock, note: Note) -> None:
    before = os.umask(0)
    try:
        journal = await Journal.open(tmp_path / "p" / "journal.sqlite", clock=clock, host="h")
        await journal.append("watch", [note("x")])
        await journal.close()
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "p").stat().st_mode) == 0o700
    files = list((tmp_path / "p").iterdir())
    assert {file.name for file in files} == {"journal.sqlite", "journal.sqlite.ballast"}
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


async def test_the_journal_is_as_durable_as_promised(journal: Journal, path: Path) -> None:
    with sqlite.writer(path).connect() as conn:
        pragmas = ("journal_mode", "synchronous", "secure_delete")
        assert [conn.exec_driver_sql(f"PRAGMA {name}").scalar() for name in pragmas] == ["delete", 3, 1]


async def test_a_closed_journal_says_so(path: Path, clock: Clock, note: Note) -> None:
    journal = await Journal.open(path, clock=clock, host="h")
    await journal.close()
    with pytest.raises(Closed):
        await journal.append("watch", [note("late")])


@pytest.fixture(params=[b"a long text, but no database at all" * 40, b"SQLite format 3\0oops"])
def stranger(path: Path, request: pytest.FixtureRequest) -> bytes:
    """A file in the journal's place that is none."""
    path.parent.mkdir()
    path.write_bytes(request.param)
    return path.read_bytes()


async def test_a_file_that_is_no_journal_is_left_alone(path: Path, clock: Clock, stranger: bytes) -> None:
    with pytest.raises(Damaged):
        await Journal.open(path, clock=clock, host="h")
    with pytest.raises(Damaged):
        await open_reader(path)
    assert contents(path) == stranger


async def test_a_reader_needs_a_journal(path: Path) -> None:
    with pytest.raises(Missing):
        await open_reader(path)
    assert not path.parent.exists()
