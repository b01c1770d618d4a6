from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.review.stated import Context, leading, read
from cockpit.review.zones import zone_of

DAY = date(2026, 3, 2)
UTC_DAY = Context(day=DAY, zone=UTC, start=datetime(2026, 3, 2, 9, 0, tzinfo=UTC))


@pytest.mark.parametrize(
    ("written", "at", "precision"),
    [
        ("10:52", "2026-03-02T10:52:00+00:00", "minute"),
        ("10:52:07", "2026-03-02T10:52:07+00:00", "second"),
        ("[10:52]", "2026-03-02T10:52:00+00:00", "minute"),
        ("8pm", "2026-03-02T20:00:00+00:00", "minute"),
        ("4:30 a.m.", "2026-03-02T04:30:00+00:00", "minute"),
        ("12:00 am", "2026-03-02T00:00:00+00:00", "minute"),
        ("12:10 PM", "2026-03-02T12:10:00+00:00", "minute"),
        ("11:26 AM PT", "2026-03-02T11:26:00-08:00", "minute"),
        ("2026-03-01T10:52:00Z", "2026-03-01T10:52:00+00:00", "second"),
        ("2026-03-01 10:52 +02:00", "2026-03-01T10:52:00+02:00", "minute"),
        ("2026-03-01 10:52-05:00", "2026-03-01T10:52:00-05:00", "minute"),
        ("March 1st, 2026 at 10:52 PM", "2026-03-01T22:52:00+00:00", "minute"),
        ("1 March 2026", "2026-03-01T00:00:00+00:00", "day"),
        ("13/3/2026 10:00", "2026-03-13T10:00:00+00:00", "minute"),
        ("1.3.2026 10:00", "2026-03-01T10:00:00+00:00", "minute"),
        ("+28", "2026-03-02T09:28:00+00:00", "minute"),
        ("T0", "2026-03-02T09:00:00+00:00", "minute"),
        ("T-5", "2026-03-02T08:55:00+00:00", "minute"),
        ("T+5 min", "2026-03-02T09:05:00+00:00", "minute"),
    ],
)
def test_a_time_is_read_as_it_is_written(written: str, at: str, precision: str) -> None:
    said = read(written, UTC_DAY)
    assert said.at == datetime.fromisoformat(at) and said.precision == precision and said.rule is None and said.exact


@pytest.mark.parametrize(
    "written", ["~10:52", "about 10:52", "by 10:52", "10:52 - 11:05", "10:52-11:05", "10:52 to 11:05"]
)
def test_a_time_that_is_not_exact_says_so(written: str) -> None:
    said = read(written, UTC_DAY)
    assert said.at == datetime(2026, 3, 2, 10, 52, tzinfo=UTC) and not said.exact


@pytest.mark.parametrize(
    ("written", "rule", "why"),
    [
        ("21:03 PM", "impossible_time", "24 hours has no PM"),
        ("0:30 AM", "impossible_time", "24 hours has no AM"),
        ("23:00 PM PT", "impossible_time", "24 hours has no PM"),
        ("25:10", "unparsable_time", "no clock shows 25:10"),
        ("10:75", "unparsable_time", "no clock shows 10:75"),
        ("around lunch", "unparsable_time", "no time this program can read"),
        ("", "unparsable_time", "nothing says when"),
        ("02/03/2026 10:00", "unparsable_time", "one day in Europe and another in America"),
        ("2026-02-30 10:00", "unparsable_time", "no such day"),
        ("March 2 10:00", "unparsable_time", "leaves out the day or the year"),
        ("10:52 CST", "missing_zone", "Chinese"),
        ("10:52 XYZ", "missing_zone", "no zone this program knows"),
    ],
)
def test_what_cannot_be_taken_at_its_word_names_no_moment(written: str, rule: str, why: str) -> None:
    said = read(written, UTC_DAY)
    assert said.at is None and said.precision == "none"
    assert said.rule == rule and why in said.why


def test_nothing_is_guessed_of_day_zone_and_start() -> None:
    assert read("10:52", Context(zone=UTC)).rule == "missing_date"
    assert read("10:52", Context(day=DAY)).rule == "missing_zone"
    assert read("+28", Context(day=DAY, zone=UTC)).rule == "missing_date"
    assert read("2026-03-02T10:52Z", Context()).at == datetime(2026, 3, 2, 10, 52, tzinfo=UTC)


def test_an_hour_that_the_clock_shows_twice_or_never_is_no_moment() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    twice = read("2026-10-25 02:30", Context(zone=berlin))
    never = read("2026-03-29 02:30", Context(zone=berlin))
    assert (twice.at, twice.rule) == (None, "missing_zone") and "twice" in twice.why
    assert (never.at, never.rule) == (None, "impossible_time") and "skipped" in never.why
    assert read("2026-10-25 02:30 +02:00", Context(zone=berlin)).at is not None


@pytest.mark.parametrize(
    ("line", "stamp", "rest"),
    [
        ("10:52 page fires", "10:52", "page fires"),
        ("10:52 - page fires", "10:52", "page fires"),
        ("10:52: page fires", "10:52", "page fires"),
        ("21:03 PM outage", "21:03 PM", "outage"),
        ("10:52 UTC the page", "10:52 UTC", "the page"),
        ("10:52 DB is down", "10:52", "DB is down"),
        ("10:52 (DB) is down", "10:52", "(DB) is down"),
        ("+28 rollback", "+28", "rollback"),
        ("3 jobs are queued", "", "3 jobs are queued"),
        ("10:5x", "", "10:5x"),
        ("127.0.0.1:80 refuses", "", "127.0.0.1:80 refuses"),
        ("maybe later", "", "maybe later"),
    ],
)
def test_a_line_begins_with_a_time_or_does_not(line: str, stamp: str, rest: str) -> None:
    assert leading(line) == (stamp, rest)


@given(st.text(max_size=60) | st.from_regex(r"\A[~T+]?\d{1,4}[-:/. ]\d{1,4}([-:/ ]\d{1,4})?( ?[AP]M)?( [A-Z]{1,4})?\Z"))
def test_no_text_breaks_the_reading(text: str) -> None:
    for context in (Context(), UTC_DAY, Context(day=date.max, zone=zone_of("-12:00"), start=UTC_DAY.start)):
        said = read(text, context)
        assert (said.at is None) == (said.rule is not None)
    stamp, rest = leading(text)
    assert set(rest.split()) <= set(text.split()) or text.endswith(rest)
    assert stamp in text


@pytest.mark.parametrize("name", ["UTC", "Z", "gmt", "PT", "PST", "+02:00", "-0530", "UTC+2", "Europe/Berlin"])
def test_zones_are_known_by_their_names(name: str) -> None:
    assert zone_of(name) is not None


@pytest.mark.parametrize("name", ["", "CST", "IST", "Mars/Olympus", "../etc/passwd", "+99", "Europe", "a/b\0"])
def test_what_names_no_zone_or_several_is_none(name: str) -> None:
    assert zone_of(name) is None
