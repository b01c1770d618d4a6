from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from cockpit.incident.event import Draft
from cockpit.journal.chain import GENESIS, Checker, Header, Stored, Verified, link, seal
from cockpit.journal.store import Journal

Note = Callable[[str], Draft]


def chained(bodies: list[bytes]) -> list[Stored]:
    rows: list[Stored] = []
    for seq, body in enumerate(bodies, 1):
        header = Header("INC-1", seq, "note.added", 10 * seq, 10 * seq + 1, "ana", "db-1")
        nonce = bytes([seq]) * 32
        sealed = seal(nonce, body)
        rows.append(Stored(header, sealed, link(rows[-1].hash if rows else GENESIS, header, sealed), nonce, body))
    return rows


def check(rows: list[Stored], end: Stored, erased: list[int] | None = None) -> Verified:
    checker = Checker()
    checker.follow(rows, erased or [])
    return checker.verdict(end.header.seq, end.hash)


def flipped(raw: bytes, bit: int) -> bytes:
    index = bit % (len(raw) * 8)
    return bytes(byte ^ (1 << index % 8) if place == index // 8 else byte for place, byte in enumerate(raw))


def changed(row: Stored, field: str, bit: int) -> Stored:
    columns: dict[str, Any] = row.columns()
    match columns[field]:
        case bytes() as raw:
            columns[field] = flipped(raw, bit)
        case int() as number:
            columns[field] = number ^ (1 << bit % 40)
        case text:
            columns[field] = f"{text}x"
    values = list(columns.values())
    return Stored(Header(*values[:7]), *values[7:])


bodies = st.lists(st.binary(min_size=1, max_size=20), min_size=1, max_size=12)
fields = st.sampled_from([*Header._fields, "seal", "hash", "nonce", "body"])


@given(bodies, st.data())
def test_a_change_of_any_field_is_found_where_it_is(raw: list[bytes], data: st.DataObject) -> None:
    rows = chained(raw)
    assert check(rows, rows[-1]) == Verified(True, len(rows))
    place = data.draw(st.integers(0, len(rows) - 1))
    forged = list(rows)
    forged[place] = changed(rows[place], data.draw(fields), data.draw(st.integers(0, 5000)))
    assert (check(forged, rows[-1]).ok, check(forged, rows[-1]).broken) == (False, place + 1)


@given(bodies, st.data())
def test_a_missing_event_is_found_also_at_the_end(raw: list[bytes], data: st.DataObject) -> None:
    rows = chained(raw)
    place = data.draw(st.integers(0, len(rows) - 1))
    found = check(rows[:place] + rows[place + 1 :], rows[-1])
    assert (found.ok, found.broken) == (False, place + 1)


@given(bodies.filter(lambda raw: len(raw) > 1), st.data())
def test_two_events_that_changed_places_are_found(raw: list[bytes], data: st.DataObject) -> None:
    rows = chained(raw)
    first = data.draw(st.integers(0, len(rows) - 2))
    second = data.draw(st.integers(first + 1, len(rows) - 1))
    swapped = list(rows)
    for place, other in ((first, second), (second, first)):
        moved = rows[other]
        swapped[place] = moved._replace(header=moved.header._replace(seq=place + 1))
    found = check(swapped, rows[-1])
    assert (found.ok, found.broken) == (False, first + 1)


def test_a_body_may_only_be_gone_where_a_redaction_names_it() -> None:
    rows = chained([b"a", b"b", b"c"])
    rows[1] = rows[1]._replace(body=None, nonce=None)
    assert check(rows, rows[-1], erased=[2]).ok
    assert check(rows, rows[-1]) == Verified(False, 1, 2, "its body is gone and no redaction names it")


def test_a_rewritten_end_is_found() -> None:
    rows = chained([b"a", b"b"])
    assert not check(rows, rows[0]).ok
    assert not check(rows, rows[-1]._replace(hash=GENESIS)).ok


async def test_every_tampered_row_of_a_real_journal_is_found(journal: Journal, path: Path, note: Note) -> None:
    await journal.append("watch", [note(f"line {turn}") for turn in range(15)])
    assert await journal.verify("watch") == Verified(True, 15)
    assert (await journal.verify("nothing")).ok
    vandal = sqlite3.connect(path)
    for seq in range(1, 16):
        for damage in (
            "UPDATE events SET actor = 'eve' WHERE seq = ?",
            "UPDATE events SET body = CAST(replace(body, 'line', 'lies') AS BLOB) WHERE seq = ?",
            "UPDATE events SET body = NULL, nonce = NULL WHERE seq = ?",
            "DELETE FROM events WHERE seq = ?",
        ):
            kept = vandal.execute("SELECT * FROM events WHERE seq = ?", (seq,)).fetchone()
            vandal.execute(damage, (seq,))
            vandal.commit()
            found = await journal.verify("watch")
            assert (found.ok, found.broken, bool(found.why)) == (False, seq, True)
            vandal.execute(f"INSERT OR REPLACE INTO events VALUES ({','.join('?' * len(kept))})", kept)
            vandal.commit()
    vandal.close()
    assert (await journal.verify("watch")).ok


async def test_a_chain_longer_than_one_page_is_followed(journal: Journal, note: Note) -> None:
    await journal.append("watch", [note(str(turn)) for turn in range(2_100)])
    assert await journal.verify("watch") == Verified(True, 2_100)
