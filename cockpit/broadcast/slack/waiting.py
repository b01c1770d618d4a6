"""How long Slack wants us to wait, and how far our clock is from its own. Pure."""

from __future__ import annotations

import math
from email.utils import parsedate_to_datetime

UNSAID, SHORTEST, LONGEST = 30.0, 1.0, 300.0
"""Seconds to wait when nothing usable is said, at least, and at most: a wild value must not silence an incident."""


def wait_of(raw: str | None, now: float) -> float:
    """Seconds from a Retry-After of any shape: a number, a date, or neither; `now` is in seconds since the epoch."""
    said = _seconds(raw or "", now)
    return UNSAID if said is None else min(LONGEST, max(SHORTEST, said))


def date_of(raw: str | None) -> float | None:
    """Seconds since the epoch from a Date header, None when there is none that can be read."""
    try:
        return parsedate_to_datetime(raw).timestamp() if raw else None
    except (ValueError, OverflowError):
        return None


def _seconds(raw: str, now: float) -> float | None:
    try:
        number = float(raw)
    except ValueError:
        moment = date_of(raw)
        return None if moment is None else moment - now
    return number if math.isfinite(number) else None
