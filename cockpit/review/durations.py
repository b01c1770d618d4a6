"""Durations as people write them in sentences: `3 h 30`, `two-hour`, `1h25m`, `92 minutes`. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

_NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60,
    "ninety": 90, "an": 1, "a": 1,
}  # fmt: skip
_NUMBER = rf"\d{{1,4}}(?:\.\d{{1,2}})?|(?:{'|'.join(sorted(_NUMBERS, key=len, reverse=True))})(?=[\s-])"
_SPANS = re.compile(
    rf"""
    \b(?:
      (?:(?P<weeks>{_NUMBER})[\s-]*weeks?\b[\s,]*(?:and\s+)?)?
      (?:(?P<days>{_NUMBER})[\s-]*(?:d|days?)\b[\s,]*(?:and\s+)?)?
      (?:(?P<part>half\s+(?=an?\s))?(?P<hours>{_NUMBER})(?P<more>\s+and\s+a\s+half)?[\s-]*(?:h|hrs?|hours?)(?![a-z])(?P<half>\s+and\s+a\s+half\b)?[\s,-]*(?:and\s+(?=\d))?)?
      (?:(?P<minutes>{_NUMBER})(?:[\s-]*(?:m|mins?|minutes?)\b|(?<=\d)(?P<bare>(?![\d:.%]|\s*-?s(?:ec|\b))\b))[\s,]*(?:and\s+(?=\d))?)?
      (?:(?P<seconds>{_NUMBER})[\s-]*(?:s|secs?|seconds?)\b)?
    )
    """,
    re.VERBOSE | re.IGNORECASE,
)
_UNITS = ("weeks", "days", "hours", "minutes", "seconds")
_OUTAGE = re.compile(r"outage|incident|downtime|disruption|lasted|was down|were down|unavailable", re.IGNORECASE)
_NEAR = 25
"""Characters between a duration and the word that makes it one of the incident."""


class Claim(msgspec.Struct, frozen=True):
    """A duration as it is stated, in seconds, and how far rounding alone may take it."""

    words: str
    seconds: float
    slack: float

    def fits(self, seconds: float) -> bool:
        """Whether that could be what was meant."""
        return abs(self.seconds - seconds) <= self.slack


def claims(text: str) -> Iterator[Claim]:
    """Every duration in a text that says how long it took."""
    for match in _SPANS.finditer(text):
        weeks, days, hours, minutes, seconds = (_number(match[name]) for name in _UNITS)
        if {weeks, days, hours, seconds} == {None} and (minutes is None or match["bare"] is not None):
            continue
        if hours is not None and match["part"]:
            hours /= 2
        if hours is not None and (match["half"] or match["more"]):
            hours += 0.5
        whole = (weeks or 0) * 604_800 + (days or 0) * 86_400 + (hours or 0) * 3600 + (minutes or 0) * 60
        yield Claim(match.group().strip(" ,-"), whole + (seconds or 0), _slack(days, hours, minutes, seconds))


def of_incident(text: str) -> Iterator[Claim]:
    """Those of a running text that are said of the incident itself, as in `the two-hour outage`."""
    for claim in claims(text):
        at = text.find(claim.words)
        around = text[max(0, at - _NEAR) : at + len(claim.words) + _NEAR]
        if _OUTAGE.search(around):
            yield claim


def _slack(days: float | None, hours: float | None, minutes: float | None, seconds: float | None) -> float:
    if seconds is not None:
        return 5.0
    if minutes is not None:
        return 120.0
    if hours is None:
        return 302_400.0 if days is None else 43_200.0
    return 1800.0 if hours.is_integer() else 600.0


def _number(raw: str | None) -> float | None:
    if raw is None:
        return None
    word = raw.lower()
    return float(_NUMBERS[word]) if word in _NUMBERS else float(raw)
