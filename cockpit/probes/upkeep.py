"""Whether something is expected to be down just now. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from cockpit.clock import hhmm
from cockpit.config.maintenance import Maintenance

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def in_maintenance(windows: Iterable[Maintenance], now: int) -> str:
    """Until when, and why if the config says, for the window open now that ends last; empty for none.

    `now` in microseconds. A weekly window begins when the clocks of its zone show its hour (where that hour is left
    out in spring, as much later) and lasts as long as it says, whatever the clocks do meanwhile.
    """
    moment = _EPOCH + timedelta(microseconds=now)
    ends = [(end, window) for window in windows for end in _ends(window, moment)]
    if not ends:
        return ""
    end, window = max(ends, key=lambda found: found[0])
    reason = f": {window.reason}" if window.reason else ""
    return f"maintenance until {hhmm((end - _EPOCH) // timedelta(microseconds=1))}Z{reason}"


def _ends(window: Maintenance, now: datetime) -> Iterator[datetime]:
    """The end of each stretch of the window that is open now."""
    if window.start is not None and window.until is not None:
        if window.start <= now < window.until:
            yield window.until.astimezone(UTC)
    elif window.at is not None and window.lasts is not None:
        zone, lasts = ZoneInfo(window.zone), timedelta(seconds=window.lasts)
        hour, minute = map(int, window.at.split(":"))
        local = now.astimezone(zone)
        for back in range(-(-int(window.lasts) // 86_400) + 2):
            day = local.date() - timedelta(days=back)
            if _DAYS[day.weekday()] in window.days:
                begin = datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone).astimezone(UTC)
                if begin <= now < begin + lasts:
                    yield begin + lasts
