"""The moments people write."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cockpit.freeze.until import parse, understood
from cockpit.moments import SECOND, iso


def _at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * SECOND


NOW = _at("2026-03-29T00:59:30")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("16:00", "2026-03-29T16:00:00Z"), ("00:59", "2026-03-30T00:59:00Z"), ("1:00", "2026-03-29T01:00:00Z"),
        ("02:30Z", "2026-03-29T02:30:00Z"), ("2h", "2026-03-29T02:59:30Z"), ("1h30m", "2026-03-29T02:29:30Z"),
        ("1d", "2026-03-30T00:59:30Z"), ("2026-03-29T03:00:00+02:00", "2026-03-29T01:00:00Z"),
        ("2026-04-01T10:00Z", "2026-04-01T10:00:00Z"),
    ],
)  # fmt: skip
def test_a_moment_is_understood(text: str, meant: str) -> None:
    assert iso(parse(text, NOW)) == meant


@pytest.mark.parametrize(
    "text",
    ["", "soon", "24:00", "16", "0m", "-1h", "2026-03-29", "2026-03-29T16:00:00", "2026-02-30T10:00:00Z", "1h 30m",
     "2026-03-28T10:00:00Z", "9999-12-31T23:59:59-23:59", "١٦:٠٠"],
)  # fmt: skip
def test_what_is_no_moment_to_come_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse(text, NOW)


def test_the_moment_is_said_back_with_its_day() -> None:
    assert understood(parse("2:59", NOW), NOW) == "until 02:59Z today, in 1 h 59 m"
    assert understood(parse("00:30", NOW), NOW).startswith("until 00:30Z tomorrow")
    assert understood(parse("5d", NOW), NOW).startswith("until 00:59Z on 2026-04-03")
