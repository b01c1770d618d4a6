"""Figures by the minute, read from a real file."""

from __future__ import annotations

import json
from pathlib import Path

from cockpit.clock import SECOND
from cockpit.journal.telemetry import Telemetry
from cockpit.probes.rollup import MINUTE, Minute
from cockpit.review.figures import told

NOW = 1_700_000_460 * SECOND


class Still:
    """A clock that stands."""

    speed = 1.0

    def now(self) -> int:
        return NOW

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("nobody sleeps here")


async def _kept(path: Path) -> None:
    telemetry = Telemetry(path)
    last = NOW - 2 * MINUTE
    await telemetry.add(
        [
            Minute("api", last - 3600 * SECOND, good=6),
            Minute("api", last - MINUTE, good=5, bad=1, mean_ms=12.5, max_ms=30.0),
            Minute("api", last, good=6, mean_ms=10.0, max_ms=11.0, error_rate=0.25, requests=4000.0),
        ]
    )
    await telemetry.close()


async def test_a_table_with_its_sum_and_its_age(tmp_path: Path) -> None:
    path = tmp_path / "t.sqlite"
    await _kept(path)
    text, good = await told(path, "api", 1800, as_json=False, clock=Still())
    assert good
    assert text.splitlines() == [
        "UTC              good slow  bad   ?      mean       max   fail",
        "2023-11-14 22:18    5    0    1   0   12.5 ms   30.0 ms 16.7 %",
        "2023-11-14 22:19    6    0    0   0   10.0 ms   11.0 ms 25.0 %",
        "12 samples in 2 minutes, 1 bad; the newest minute ended 1 m 00 s ago",
    ]


async def test_as_data_every_minute_has_its_age(tmp_path: Path) -> None:
    path = tmp_path / "t.sqlite"
    await _kept(path)
    text, good = await told(path, "api", 7200, as_json=True, clock=Still())
    found = json.loads(text)
    assert good and [minute["age"] for minute in found] == [3660.0, 120.0, 60.0]
    assert (found[-1]["start"], found[-1]["requests"]) == ("2023-11-14T22:19:00Z", 4000.0)


async def test_nothing_measured_is_said_so(tmp_path: Path) -> None:
    text, good = await told(tmp_path / "t.sqlite", "api", 7200, as_json=False, clock=Still())
    assert not good and text.startswith("nothing was measured of api in the last 2 h 00 m")
