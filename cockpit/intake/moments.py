"""The moments other systems write down."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros(written: str) -> int:
    """Microseconds since the epoch of an RFC 3339 moment; 0 for none, an unreadable one, or the year 1 of Go."""
    try:
        at = msgspec.convert(written, datetime)
    except msgspec.ValidationError:
        return 0
    return 0 if at.tzinfo is None else max(0, (at - _EPOCH) // timedelta(microseconds=1))
