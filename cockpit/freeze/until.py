"""When a freeze is to end, as a tired person writes it. Pure; everything is UTC, so no clock jumps in between."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from cockpit.moments import SECOND, hhmm, iso, moment, span

_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])Z?", re.ASCII)
_SPAN = re.compile(r"(?:([0-9]{1,3})d)?(?:([0-9]{1,4})h)?(?:([0-9]{1,5})m)?", re.ASCII)
_FULL = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|z|[+-][0-9]{2}:[0-9]{2})?", re.ASCII
)


def parse(text: str, now: int) -> int:
    """The moment in microseconds: `16:00` (UTC, the next one), `2h`, `1h30m`, or RFC 3339; ValueError otherwise.

    A moment that has passed is refused.
    """
    at = _parsed(text.strip(), moment(now))
    if at <= now:
        raise ValueError(f"{iso(at)} has passed already")
    return at


def _parsed(text: str, now: datetime) -> int:
    if clock := _CLOCK.fullmatch(text):
        today = now.replace(hour=int(clock[1]), minute=int(clock[2]), second=0, microsecond=0)
        return _stored(today if today > now else today + timedelta(days=1))
    if text and (parts := _SPAN.fullmatch(text)):
        days, hours, minutes = (int(part or 0) for part in parts.groups())
        return _stored(now + timedelta(days=days, hours=hours, minutes=minutes))
    if full := _FULL.fullmatch(text):
        if full[2] is None:
            raise ValueError(f"{text} needs its zone, as in {text}Z")
        try:
            return _stored(datetime.fromisoformat(text.upper()))
        except (ValueError, OverflowError):
            raise ValueError(f"{text} is not in the calendar") from None
    raise ValueError("write 16:00 (UTC), 2h, 1h30m or 2026-11-20T22:00:00Z")


def _stored(at: datetime) -> int:
    since = at.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return since // timedelta(microseconds=1)


def understood(at: int, now: int) -> str:
    """The moment as it was understood: `until 16:00Z today, in 2 h 10 m`."""
    days = (moment(at).date() - moment(now).date()).days
    day = {0: "today", 1: "tomorrow"}.get(days, f"on {moment(at).date()}")
    return f"until {hhmm(at)}Z {day}, in {span((at - now) / SECOND)}"
