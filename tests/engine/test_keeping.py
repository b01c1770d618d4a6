"""Figures on their way to the disk: dropped and counted when it does not take them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from cockpit.clock import SECOND
from cockpit.engine import keeping
from cockpit.engine.keeping import Keeper
from cockpit.journal import sqlite
from cockpit.journal.telemetry import Telemetry, minutes_of
from cockpit.probes.rollup import MINUTE
from cockpit.probes.sample import Sample
from cockpit.text import SafeText

T0 = 1_700_000_040 * SECOND


class HandClock:
    """Moved by the test."""

    speed = 1.0

    def __init__(self) -> None:
        self.at = T0

    def now(self) -> int:
        return self.at

    def monotonic(self) -> float:
        return self.at / SECOND

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("nobody sleeps here")


def _sample(clock: HandClock) -> Sample:
    return Sample(clock.at, "good", SafeText("fine"), latency_ms=1.0)


async def test_a_locked_disk_drops_figures_counted_and_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.05)
    monkeypatch.setattr(keeping, "WAITING_AT_MOST", 2)
    clock, path = HandClock(), tmp_path / "telemetry.sqlite"
    telemetry = Telemetry(path)
    keeper = Keeper(telemetry, clock, 3600.0)
    await keeper.write()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        for _ in range(5):
            keeper.take("api", _sample(clock))
            clock.at += MINUTE
            await keeper.write()
        assert keeper.dropped == 3
        assert keeper.alarm.startswith("telemetry: 3 minutes of figures dropped: Another process has held")
        other.execute("ROLLBACK")
    await keeper.write()
    assert keeper.alarm == ""
    kept = await minutes_of(tmp_path / "telemetry.sqlite", "api", 0)
    assert [minute.start for minute in kept] == [
        T0 + 3 * MINUTE,
        T0 + 4 * MINUTE,
    ]
    await keeper.close()


async def test_what_is_older_than_is_kept_goes(tmp_path: Path) -> None:
    clock = HandClock()
    telemetry = Telemetry(tmp_path / "telemetry.sqlite")
    keeper = Keeper(telemetry, clock, 3600.0)
    keeper.take("api", _sample(clock))
    clock.at += MINUTE
    await keeper.write()
    assert len(await minutes_of(tmp_path / "telemetry.sqlite", "api", 0)) == 1
    clock.at += 3 * 3600 * SECOND
    await keeper.write()
    assert await minutes_of(tmp_path / "telemetry.sqlite", "api", 0) == ()
    await keeper.close()
