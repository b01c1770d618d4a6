"""What people type for a moment or a length of time."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cockpit.clock import SECOND
from cockpit.tui import asked

NOW = int(datetime(2026, 3, 4, 15, 30, 20, tzinfo=UTC).timestamp()) * SECOND + 7


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [("90", 90), ("90 m", 90), ("1.5h", 90), ("2 H", 120), ("1 d", 1440), ("+30m", 30), ("0", None), ("-3", None),
     ("soon", None), ("", None), ("1e9", None)],
)  # fmt: skip
def test_lengths(typed: str, minutes: float | None) -> None:
    assert asked.minutes(typed) == minutes


@pytest.mark.parametrize(
    ("typed", "day", "hour", "minute"),
    [("16:00", 4, 16, 0), ("16:00Z", 4, 16, 0), ("15:31 utc", 4, 15, 31), ("15:30", 5, 15, 30), ("9:05", 5, 9, 5)],
)
def test_a_time_of_day_is_the_next_one(typed: str, day: int, hour: int, minute: int) -> None:
    expected = int(datetime(2026, 3, day, hour, minute, tzinfo=UTC).timestamp()) * SECOND
    assert asked.until(typed, NOW) == expected


def test_a_length_counts_from_now_and_nonsense_is_none() -> None:
    assert asked.until("90 m", NOW) == NOW + 5400 * SECOND
    assert [asked.until(typed, NOW) for typed in ("24:00", "12:60", "later", "")] == [None] * 4
