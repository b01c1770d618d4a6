"""The clocks agree, and durations read well."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.clock import (
    SECOND,
    DrillClock,
    Line,
    SystemClock,
    awake_and_boot,
    hhmm,
    hhmmss,
    iso,
    moment,
    passed,
    span,
    wait,
)

AT = 1_700_046_960 * SECOND


def test_moments_are_written_in_utc() -> None:
    assert (iso(AT + 999_999), hhmm(AT), hhmmss(AT)) == ("2023-11-15T11:16:00Z", "11:16", "11:16:00")
    assert moment(AT + 123_456).microsecond == 123_456


@given(st.integers())
def test_no_moment_is_beyond_the_calendar(at: int) -> None:
    assert iso(at).endswith("Z") and len(hhmm(at)) == 5


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(-1, "0 s"), (0, "0 s"), (59.9, "59 s"), (60, "1 m 00 s"), (185, "3 m 05 s"), (3599, "59 m 59 s"),
     (3600, "1 h 00 m"), (7800, "2 h 10 m"), (86_400, "1 d 0 h"), (100_000, "1 d 3 h")],
)  # fmt: skip
def test_spans(seconds: float, words: str) -> None:
    assert span(seconds) == words


@given(st.integers(0, 10**15), st.floats(0, 600), st.lists(st.integers(0, 10**14), min_size=2))
def test_a_line_never_goes_back(real: int, speed: float, later: list[int]) -> None:
    line = Line(real, AT, speed)
    shown = [line.shown(real + each) for each in sorted(later)]
    assert shown == sorted(shown) and shown[0] >= AT
    assert line.shown(real - later[0]) == AT


def test_a_line_is_exact() -> None:
    line = Line(5_000_000_000, AT, 60)
    assert (line.shown(5_000_000_000), line.shown(15_000_000_000)) == (AT, AT + 600 * SECOND)
    assert line._replace(speed=0.0).shown(15_000_000_000) == AT


@pytest.mark.parametrize("speed", [0, -1])
def test_a_drill_that_stands_still_is_refused(speed: float) -> None:
    with pytest.raises(ValueError, match="speed"):
        DrillClock(speed, 0)


async def test_sleeping_passes_incident_time() -> None:
    clock = DrillClock(1000, AT)
    before = clock.monotonic(), clock.now()
    await clock.sleep(5)
    assert clock.monotonic() - before[0] >= 5
    assert clock.now() - before[1] >= 5 * SECOND


async def test_an_event_ends_a_wait_early_and_time_ends_it_at_the_latest() -> None:
    event, clock = asyncio.Event(), DrillClock(1000, AT)
    asyncio.get_running_loop().call_soon(event.set)
    await wait(event, clock, 10**9)
    event.clear()
    before = clock.now()
    await wait(event, clock, 5)
    assert clock.now() - before >= 5 * SECOND


def test_a_stretch_of_real_time_is_told_in_incident_time() -> None:
    assert passed(SystemClock(), 3.0) == 3.0
    assert passed(DrillClock(60, AT), 3.0) == 180.0


def test_boot_time_includes_awake_time() -> None:
    awake, boot = awake_and_boot()
    assert 0 < awake <= boot + 1
