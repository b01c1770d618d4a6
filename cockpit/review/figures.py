"""What a probe measured minute by minute, from the telemetry, as a table or as data."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import msgspec

from cockpit.clock import SECOND, Clock, SystemClock, iso, moment, span
from cockpit.incident.saying import percent
from cockpit.journal.errors import JournalError
from cockpit.journal.telemetry import minutes_of
from cockpit.probes.rollup import MINUTE, Minute


async def told(
    telemetry: Path, probe: str, seconds: float, *, as_json: bool, clock: Clock | None = None
) -> tuple[str, bool]:
    """The minutes of a lane in the last so many seconds, and whether there is any; also why there is none."""
    now = (clock or SystemClock()).now()
    try:
        found = await minutes_of(telemetry, probe, now - int(seconds * SECOND))
    except JournalError as error:
        return str(error), False
    if as_json:
        return json.dumps([_data(minute, now) for minute in found], indent=2), True
    if not found:
        return f"nothing was measured of {probe} in the last {span(seconds)}: `cockpit status` names the probes", False
    return "\n".join([_HEAD, *(_row(minute, now) for minute in found), _sum(found, now)]), True


_HEAD = "UTC              good slow  bad   ?      mean       max   fail"


def _row(minute: Minute, now: int) -> str:
    counts = f"{minute.good:>4} {minute.slow:>4} {minute.bad:>4} {minute.indeterminate:>3}"
    rate = percent(minute.error_rate if minute.error_rate is not None else _share(minute))
    return f"{moment(minute.start):%Y-%m-%d %H:%M} {counts} {_ms(minute.mean_ms):>9} {_ms(minute.max_ms):>9} {rate:>6}"


def _sum(found: Sequence[Minute], now: int) -> str:
    samples = sum(minute.samples for minute in found)
    bad = sum(minute.bad for minute in found)
    newest = span((now - found[-1].start - MINUTE) / SECOND)
    return f"{samples} samples in {len(found)} minutes, {bad} bad; the newest minute ended {newest} ago"


def _share(minute: Minute) -> float | None:
    return minute.bad / minute.samples if minute.samples else None


def _ms(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f} ms"


def _data(minute: Minute, now: int) -> dict[str, object]:
    age = round((now - minute.start - MINUTE) / SECOND, 3)
    return msgspec.structs.asdict(minute) | {"start": iso(minute.start), "age": age}
