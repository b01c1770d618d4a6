from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from cockpit.broadcast.sender import Outgoing
from cockpit.clock import Clock
from cockpit.incident.broadcasts import UpdatePosted, UpdateUndelivered
from cockpit.incident.event import Draft, Erased
from cockpit.incident.fold import fold
from cockpit.incident.vocabulary import EventRedacted, IncidentDeclared, NoteAdded
from cockpit.journal.errors import Duplicate, Missing
from cockpit.journal.store import Answered, Fate, Journal, Letter

Note = Callable[[str], Draft]
SECRET = "hunter2-of-the-database"


def traces(path: Path) -> list[str]:
    """Every file beside the journal that holds the secret."""
    return [file.name for file in path.parent.iterdir() if SECRET.encode() in file.read_bytes()]


async def test_a_redaction_leaves_a_sound_chain_and_no_trace(journal: Journal, path: Path, note: Note) -> None:
    declared = IncidentDeclared(title=f"login fails with {SECRET}", severity="SEV2")
    update = UpdatePosted(update="u1", reason="declared", headline=SECRET)
    letters = [Letter("u1", "team", "card", SECRET.encode()), Letter("u1", "file", "thread", SECRET.encode())]
    await journal.append("INC-1", [note("before")])
    await journal.append("INC-1", [Draft(declared, "ana")], answer=Answered("c1", f"declared {SECRET}".encode()))
    await journal.append("INC-1", [Draft(update, "ana")], letters=letters)
    await journal.checkpoint(await journal.load("INC-1"))
    (card, _) = await journal.letters({"pending"})
    await journal.settle("INC-1", [Fate(card.id, "pending", "sent")])
    assert traces(path) == ["journal.sqlite"]

    made = [*await journal.redact("INC-1", 2, "a password", "bo"), *await journal.redact("INC-1", 3, "again", "bo")]

    assert traces(path) == []
    assert [event.body for event in made] == [
        EventRedacted(seq=2, reason="a password"),
        UpdateUndelivered(update="u1", destination="file", why="its text was erased", final=True),
        EventRedacted(seq=3, reason="again"),
    ]
    kept = await journal.read("INC-1")
    assert [event.seq for event in kept] == [1, 2, 3, 4, 5, 6]
    assert kept[1].body == Erased("incident.declared") and kept[2].body == Erased("update.posted")
    assert kept[3:] == tuple(made)
    assert (await journal.verify("INC-1")).ok
    assert await journal.load("INC-1") == fold(kept)


async def test_erased_letters_are_never_sent(journal: Journal, note: Note) -> None:
    early = Letter("u1", "team", "thread", b"early")
    late = Letter("u2", "team", "thread", b"late, composed from all above")
    await journal.append("INC-1", [note("a")], letters=[early])
    await journal.append("INC-1", [note("b")])
    await journal.append("INC-1", [note("c")], letters=[late])
    await journal.redact("INC-1", 2, "why", "bo")
    assert [letter.letter for letter in await journal.letters({"pending"})] == [early]
    (erased,) = await journal.letters({"superseded"})
    assert erased.letter.payload == b""
    with pytest.raises(Missing, match="erased"):
        await journal.settle("INC-1", [Fate(erased.id, "superseded", "pending")])
    await journal.settle("INC-1", [Fate(erased.id, "superseded", "sent")])


async def test_what_had_become_one_with_an_erased_letter_is_said_to_be_lost_too(journal: Journal, note: Note) -> None:
    whole = Outgoing("u3:team:thread", "thread", 0, "INC-1", "three updates", merged=("u1", "u2"))
    await journal.append("INC-1", [note("a")], letters=[Letter("u3", "team", "thread", whole.pack())])
    events = await journal.redact("INC-1", 1, "why", "bo")
    assert [each.body.update for each in events if isinstance(each.body, UpdateUndelivered)] == ["u1", "u2", "u3"]


async def test_a_command_whose_answer_was_erased_is_still_not_done_again(journal: Journal, note: Note) -> None:
    await journal.append("watch", [note("a")], answer=Answered("c1", b"one"))
    await journal.append("watch", [note("b")], answer=Answered("c2", b"two"))
    await journal.redact("watch", 2, "why", "bo")
    assert await journal.answer_to("c1") == b"one"
    with pytest.raises(Missing):
        await journal.answer_to("c2")
    with pytest.raises(Duplicate):
        await journal.append("watch", [note("b")], answer=Answered("c2", b"two"))


async def test_a_state_folded_before_the_redaction_is_not_kept(journal: Journal, path: Path) -> None:
    await journal.append("INC-1", [Draft(IncidentDeclared(title=SECRET, severity="SEV1"), "ana")])
    old = await journal.load("INC-1")
    made = await journal.redact("INC-1", 1, "why", "bo")
    await journal.checkpoint(fold(made, old))
    assert traces(path) == []
    fresh = await journal.load("INC-1")
    await journal.checkpoint(fresh)
    assert fresh.lifecycle.title == "(erased)"
    assert await journal.load("INC-1") == fresh


async def test_a_load_that_fails_does_not_let_the_old_state_be_kept(journal: Journal, path: Path) -> None:
    await journal.append("INC-1", [Draft(IncidentDeclared(title=SECRET, severity="SEV1"), "ana")])
    old = await journal.load("INC-1")
    made = await journal.redact("INC-1", 1, "why", "bo")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await journal.load("INC-1")
    await journal.checkpoint(fold(made, old))
    assert traces(path) == []


async def test_a_load_that_overlaps_a_redaction_does_not_bring_the_text_back(journal: Journal, path: Path) -> None:
    await journal.append("INC-1", [Draft(IncidentDeclared(title=SECRET, severity="SEV1"), "ana")])
    _, state = await asyncio.gather(journal.redact("INC-1", 1, "why", "bo"), journal.load("INC-1"))
    await journal.checkpoint(state)
    assert traces(path) == []


async def test_what_cannot_be_redacted_is_refused_and_changes_nothing(journal: Journal, note: Note) -> None:
    await journal.append("watch", [note("a")])
    (redacted,) = await journal.redact("watch", 1, "why", "bo")
    for seq in (1, redacted.seq, 9):
        with pytest.raises(Missing):
            await journal.redact("watch", seq, "why", "bo")
    assert await journal.head("watch") == 2


async def test_rows_that_were_moved_about_leave_no_copies(journal: Journal, path: Path) -> None:
    """Bodies of all sizes in two streams, so that pages split and merge, all redacted in any order."""
    chance = random.Random(5)  # an order in which secure_delete alone leaves a copy behind
    for turn in range(60):
        body = NoteAdded(text=f"{SECRET}-{turn:03d} " + "x" * chance.choice([0, 40, 300, 900, 3_000]))
        await journal.append(chance.choice(["INC-1", "watch"]), [Draft(body, "ana")])
    streams = await journal.streams()
    every = [(info.name, seq) for info in streams for seq in range(1, info.head + 1)]
    for stream, seq in chance.sample(every, len(every)):
        await journal.redact(stream, seq, "why", "bo")
    assert traces(path) == []
    assert all([(await journal.verify(info.name)).ok for info in streams])


async def test_a_wipe_cut_short_is_made_good_at_the_next_start(path: Path, clock: Clock, note: Note) -> None:
    journal = await Journal.open(path, clock=clock, host="h")
    await journal.append("watch", [note("x" * 6_000 + SECRET)])
    await journal.close()
    with closing(sqlite3.connect(path)) as db, db:  # as a crash leaves it: erased in the tables, not yet in the file
        db.execute("PRAGMA secure_delete=OFF")
        db.execute("UPDATE events SET body=NULL, nonce=NULL")
        db.execute("INSERT INTO meta VALUES ('wipe_due', '1')")
    db.close()
    assert traces(path) == ["journal.sqlite"]
    await (await Journal.open(path, clock=clock, host="h")).close()
    assert traces(path) == []
    with closing(sqlite3.connect(path)) as db, db:
        assert db.execute("SELECT name FROM meta").fetchall() == [("version",)]
    db.close()


async def test_a_verification_under_way_bears_a_redaction(journal: Journal, note: Note) -> None:
    await journal.append("watch", [note(str(turn)) for turn in range(1_500)])
    found, _ = await asyncio.gather(journal.verify("watch"), journal.redact("watch", 1_400, "why", "bo"))
    assert found.ok
