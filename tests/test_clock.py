"""The clocks agree, and durations read well."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.clock import SECOND, DrillClock, SystemClock, awake_and_boot, hhmm, hhmmss, iso, moment, span

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


def test_two_drill_clocks_of_one_origin_agree() -> None:
    real = SystemClock().now()
    first, second = DrillClock(60, real, AT), DrillClock(60, real, AT)
    one, two, three = first.now(), second.now(), first.now()
    assert AT <= one <= two <= three


def test_a_drill_clock_runs_faster() -> None:
    real = SystemClock().now() - 10 * SECOND
    assert DrillClock(60, real, AT).now() >= AT + 600 * SECOND


@pytest.mark.parametrize("speed", [0, -1])
def test_a_drill_that_stands_still_is_refused(speed: float) -> None:
    with pytest.raises(ValueError, match="speed"):
        DrillClock(speed, 0, 0)


async def test_sleeping_passes_incident_time() -> None:
    clock = DrillClock(1000, SystemClock().now(), AT)
    before = clock.monotonic()
    await clock.sleep(5)
    assert clock.monotonic() - before >= 5


def test_boot_time_includes_awake_time() -> None:
    awake, boot = awake_and_boot()
    assert 0 < awake <= boot + 1
