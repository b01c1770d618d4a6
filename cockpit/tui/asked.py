"""What people type for a moment or for a length of time. Pure."""

from __future__ import annotations

import re

from cockpit.clock import SECOND, moment

_LENGTH = re.compile(r"(\d+(?:\.\d+)?) ?(m|min|h|d)?", re.IGNORECASE)
_TIME = re.compile(r"(\d{1,2}):(\d{2}) ?(?:z|utc)?", re.IGNORECASE)
_MINUTES = {"m": 1, "min": 1, "h": 60, "d": 1440}
_DAY = 86_400 * SECOND


def minutes(text: str) -> float | None:
    """Minutes from `90`, `90 m`, `+2h` or `1 d`; None for anything else, and for nothing or less."""
    found = _LENGTH.fullmatch(text.strip().removeprefix("+"))
    if found is None:
        return None
    return float(found[1]) * _MINUTES[(found[2] or "m").lower()] or None


def until(text: str, now: int) -> int | None:
    """The moment meant by `16:00` (UTC, the next one) or by a length from now, in microseconds; None for neither."""
    if (found := _TIME.fullmatch(text.strip())) is not None:
        hours, past = int(found[1]), int(found[2])
        if hours > 23 or past > 59:
            return None
        midnight = now - (moment(now).hour * 3600 + moment(now).minute * 60 + moment(now).second) * SECOND
        then = midnight // SECOND * SECOND + (hours * 3600 + past * 60) * SECOND
        return then if then > now else then + _DAY
    length = minutes(text)
    return None if length is None else now + int(length * 60 * SECOND)
