"""Deadlines of single phases, and whose fault it is when one fires."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from typing import Any, TypeVar

from cockpit.probes.failures import FailureKind, ProbeFailure
from cockpit.probes.phases import Stopwatch
from cockpit.probes.verdict import cut_off

LATE = 1.0
"""Real seconds: a deadline that fires later than this was held up by this process, which proves nothing."""

Result = TypeVar("Result")


async def within(seconds: float | None, work: Coroutine[Any, Any, Result], watch: Stopwatch) -> Result:
    """What the work gives, when it is done in time; raises ProbeFailure that tells the phase under way."""
    if seconds is None:
        return await work
    start = time.monotonic()
    try:
        async with asyncio.timeout(seconds):
            return await work
    except TimeoutError:
        raise ProbeFailure(*fired(seconds, time.monotonic() - start, watch)) from None


def fired(seconds: float, waited: float, watch: Stopwatch) -> tuple[FailureKind, str]:
    """What a deadline stands for that fired after `waited` seconds, and that in words."""
    if waited > seconds + LATE:
        return "local", f"the cockpit was held up: {waited:.1f} s in one probe"
    return cut_off(watch.under_way, seconds, watch.phases())
