"""Names of time zones as people write them. Pure but for the zone data of the system."""

from __future__ import annotations

import re
from datetime import timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

_OFFSET = re.compile(r"(?:(?:UTC|GMT)\s*)?([+-])(\d{1,2})(?::?(\d{2}))?", re.IGNORECASE)
_IANA = re.compile(r"[A-Za-z]+(?:/[A-Za-z0-9_+-]+){1,2}")
_HOURS = {
    "UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "MSK": 3,
    "EST": -5, "EDT": -4, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "AKST": -9, "AKDT": -8, "HST": -10,
    "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11, "ACST": 9.5, "AWST": 8, "NZST": 12, "NZDT": 13,
}  # fmt: skip
_PLACES = {
    "PT": "America/Los_Angeles", "MT": "America/Denver", "CT": "America/Chicago", "ET": "America/New_York",
}  # fmt: skip
AMBIGUOUS = {
    "BST": "British or Bangladesh time", "CST": "central American, Cuban or Chinese time",
    "IST": "Indian, Irish or Israeli time", "AST": "Atlantic or Arabian time", "SST": "Samoan or Singapore time",
}  # fmt: skip
"""Abbreviations that name several zones, and which."""


def zone_of(name: str) -> tzinfo | None:
    """The zone of a name, an abbreviation or an offset; None when there is no such zone or there are several."""
    word = name.strip()
    if (hours := _HOURS.get(word.upper())) is not None:
        return timezone(timedelta(hours=hours), word.upper() if hours or word.upper() != "Z" else "UTC")
    if match := _OFFSET.fullmatch(word):
        sign, hour, minute = match.groups()
        offset = timedelta(hours=int(hour), minutes=int(minute or 0))
        if offset > timedelta(hours=14):
            return None
        return timezone(-offset if sign == "-" else offset)
    place = _PLACES.get(word.upper()) or (word if _IANA.fullmatch(word) else "")
    if not place:
        return None
    try:
        return ZoneInfo(place)
    except (KeyError, ValueError, OSError):
        return None
