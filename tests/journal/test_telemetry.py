"""Figures by the minute on a real disk."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from cockpit.journal import sqlite
from cockpit.journal.errors import Busy, Damaged, ReadOnly
from cockpit.journal.telemetry import Telemetry, minutes_of
from cockpit.probes.rollup import MINUTE, Minute


@pytest.fixture
async def telemetry(tmp_path: Path) -> AsyncIterator[Telemetry]:
    opened = Telemetry(tmp_path / "telemetry.sqlite")
    yield opened
    await opened.close()


async def test_what_is_kept_is_read_again_by_its_lane(telemetry: Telemetry, tmp_path: Path) -> None:
    kept = [Minute("api", n * MINUTE, good=5, mean_ms=1.5, error_rate=0.25) for n in range(3)]
    await telemetry.add([*kept, Minute("web", 0, bad=1)])
    assert await minutes_of(tmp_path / "telemetry.sqlite", "api", MINUTE) == tuple(kept[1:])
    assert await minutes_of(tmp_path / "telemetry.sqlite", "web", 0) == (Minute("web", 0, bad=1),)
    assert stat.S_IMODE((tmp_path / "telemetry.sqlite").stat().st_mode) == 0o600


async def test_a_minute_told_again_takes_the_place_of_the_first(telemetry: Telemetry, tmp_path: Path) -> None:
    await telemetry.add([Minute("api", 0, good=1)])
    await telemetry.add([Minute("api", 0, good=2)])
    assert await minutes_of(tmp_path / "telemetry.sqlite", "api", 0) == (Minute("api", 0, good=2),)


async def test_what_is_too_old_is_forgotten(telemetry: Telemetry, tmp_path: Path) -> None:
    await telemetry.add([Minute("api", n * MINUTE) for n in range(5)])
    await telemetry.forget(3 * MINUTE)
    kept = await minutes_of(tmp_path / "telemetry.sqlite", "api", 0)
    assert [minute.start for minute in kept] == [
        3 * MINUTE,
        4 * MINUTE,
    ]


async def test_a_file_that_others_hold_is_busy_and_then_taken_again(
    telemetry: Telemetry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.05)
    with closing(sqlite3.connect(tmp_path / "telemetry.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(Busy, match="The telemetry|has held the telemetry"):
            await telemetry.add([Minute("api", 0)])
        other.execute("ROLLBACK")
    await telemetry.add([Minute("api", 0)])
    assert len(await minutes_of(tmp_path / "telemetry.sqlite", "api", 0)) == 1


async def test_a_file_that_is_no_database_is_told_as_such(tmp_path: Path) -> None:
    path = tmp_path / "telemetry.sqlite"
    path.write_bytes(b"not a database, but long enough to look at" * 50)
    broken = Telemetry(path)
    with pytest.raises(Damaged, match="The telemetry"):
        await broken.add([Minute("api", 0)])
    await broken.close()


async def test_a_directory_that_is_gone_is_told_as_such(tmp_path: Path) -> None:
    lost = Telemetry(tmp_path / "gone" / "telemetry.sqlite")
    with pytest.raises(ReadOnly, match="cannot be opened"):
        await lost.add([Minute("api", 0)])
    await lost.close()


async def test_where_nothing_was_kept_there_is_nothing_to_read(tmp_path: Path) -> None:
    path = tmp_path / "telemetry.sqlite"
    assert await minutes_of(path, "api", 0) == ()
    assert not path.exists()
    path.touch()
    assert await minutes_of(path, "api", 0) == ()
