"""When to ask: on a grid that never drifts, each probe at a place of its own, never twice at once."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable

from cockpit.clock import Clock
from cockpit.probes.sample import Sample, Samples

FIRST_WITHIN = 2.0
"""Incident seconds after the start in which every probe is asked for the first time."""


def place(name: str) -> float:
    """Where in its interval a probe is asked, from 0 up to 1: the same in every process, spread over all probes."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest()) / 2**64


def grid(name: str, interval: float) -> tuple[float, float]:
    """Seconds from the start to the first sample, taken early, and to the first point of the grid.

    Between the two lie at least half an interval and at most one and a half.
    """
    share = place(name)
    first = share * min(interval, FIRST_WITHIN)
    point = share * interval
    return first, point if point - first >= interval / 2 else point + interval


async def keep_probing(
    probe: Samples,
    *,
    name: str,
    interval: float,
    clock: Clock,
    on_sample: Callable[[Sample], None],
    on_skip: Callable[[int], None],
) -> None:
    """Sample for ever, every `interval` incident seconds; points missed while a sample took too long are counted."""
    start = clock.monotonic()
    first, point = (start + offset for offset in grid(name, interval))
    await _until(first, clock)
    on_sample(await probe.sample())
    while True:
        if (missed := math.ceil((clock.monotonic() - point) / interval)) > 0:
            on_skip(missed)
            point += missed * interval
        await _until(point, clock)
        on_sample(await probe.sample())
        point += interval


async def _until(moment: float, clock: Clock) -> None:
    await clock.sleep(max(0.0, moment - clock.monotonic()))
