"""The place in a replay that a person means, as they type it. Pure; everything is UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from cockpit.moments import SECOND, iso, moment
from cockpit.protocol.messages import Wind

_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9]))?Z?", re.ASCII)
_AFTER = re.compile(r"\+(?:([0-9]{1,4})h)?(?:([0-9]{1,6})m)?(?:([0-9]{1,8})s)?", re.ASCII)
_EVENT = re.compile(r"#([0-9]{1,9})", re.ASCII)
_FULL = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|z|[+-][0-9]{2}:[0-9]{2})?", re.ASCII
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FORMS = "write 10:55, 10:55:30, 2026-11-20T10:55:00Z, +12m after the declaration, or #41 for an event"


def sought(text: str, start: int, end: int, last: int) -> Wind:
    """How to wind there, in a record from `start` to `end` of `last` events; microseconds.

    ValueError says how to write it, or what there is, where it lies outside the record.
    """
    text = text.strip()
    if number := _EVENT.fullmatch(text):
        seq = int(number[1])
        if not 1 <= seq <= last:
            raise ValueError(f"there is no event {seq}: the record has events 1 to {last}")
        return Wind("event", seq)
    at = _moment(text, start)
    # A person names seconds: the one that the end lies in is inside.
    if not start // SECOND <= at // SECOND <= end // SECOND:
        raise ValueError(f"{iso(at)} is outside the record, which goes from {iso(start)} to {iso(end)}")
    return Wind("moment", max(start, at))


def _moment(text: str, start: int) -> int:
    if clock := _CLOCK.fullmatch(text):
        hour, minute, second = (int(part or 0) for part in clock.groups())
        first = moment(start).replace(microsecond=0)
        at = first.replace(hour=hour, minute=minute, second=second)
        # Said to the minute, the minute in which it begins is not the next day's.
        begun = at >= (first if clock[3] else first.replace(second=0))
        return max(start, _stored(at)) if begun else _stored(at + timedelta(days=1))
    if text != "+" and (after := _AFTER.fullmatch(text)):
        hours, minutes, seconds = (int(part or 0) for part in after.groups())
        return start + (hours * 3600 + minutes * 60 + seconds) * SECOND
    if full := _FULL.fullmatch(text):
        if full[3] is None:
            raise ValueError(f"{text} needs its zone, as in {text}Z")
        try:
            return max(_stored(datetime.fromisoformat(text.upper())), 0)
        except (ValueError, OverflowError):
            raise ValueError(f"{text} is not in the calendar") from None
    raise ValueError(FORMS)


def _stored(at: datetime) -> int:
    return (at.astimezone(UTC) - _EPOCH) // timedelta(microseconds=1)
