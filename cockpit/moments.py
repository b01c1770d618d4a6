"""Stored times and how they are written for people. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

SECOND = 1_000_000
"""One second in the unit of every stored time: integer microseconds since the epoch, UTC."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST, _LAST = -62_135_596_800, 253_402_300_799
"""Seconds: the years 1 and 9999, the ends of Python's calendar."""


def iso(at: int) -> str:
    """The moment as RFC 3339 in UTC, to the second."""
    return moment(at).strftime("%Y-%m-%dT%H:%M:%SZ")


def hhmm(at: int) -> str:
    """The moment as hours and minutes in UTC."""
    return moment(at).strftime("%H:%M")


def hhmmss(at: int) -> str:
    """The moment as hours, minutes and seconds in UTC."""
    return moment(at).strftime("%H:%M:%S")


def moment(at: int) -> datetime:
    """The stored time as an aware datetime in UTC; one beyond the calendar is its first or last second."""
    seconds = at // SECOND
    if not _FIRST <= seconds <= _LAST:
        seconds = _FIRST if seconds < _FIRST else _LAST
    return _EPOCH + timedelta(0, seconds, at % SECOND)


def span(seconds: float) -> str:
    """A duration in words a tired reader takes in at a glance: `4 s`, `3 m 05 s`, `2 h 10 m`."""
    whole = max(0, int(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} m {whole % 60:02d} s"
    if whole < 86_400:
        return f"{whole // 3600} h {whole % 3600 // 60:02d} m"
    return f"{whole // 86_400} d {whole % 86_400 // 3600} h"
