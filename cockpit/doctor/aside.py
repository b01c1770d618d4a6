"""Work beside the loop, never waited for beyond its deadline."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import suppress
from functools import partial
from typing import TypeVar

from cockpit.doctor.finding import Finding

T = TypeVar("T")
AT_ONCE = 50
"""Things looked at beside each other: each may hold descriptors."""
EACH = 8.0
"""Real seconds for one thing that is looked at."""


async def aside(work: Callable[[], T]) -> T:
    """What a blocking call returns or raises. Its thread is nobody's to wait for: a dead disk may hold it for ever."""
    loop = asyncio.get_running_loop()
    told: asyncio.Future[T] = loop.create_future()

    def deliver(tell: Callable[[], None]) -> None:
        if not told.done():
            tell()

    def run() -> None:
        try:
            tell = partial(told.set_result, work())
        except Exception as error:
            tell = partial(told.set_exception, error)
        with suppress(RuntimeError):  # the loop may have ended without us
            loop.call_soon_threadsafe(deliver, tell)

    threading.Thread(target=run, name="doctor", daemon=True).start()
    return await told


async def each(
    items: Iterable[T], look: Callable[[T], Awaitable[list[Finding]]], late: Callable[[T], Finding]
) -> AsyncIterator[Finding]:
    """What is found of every item as it is known; `late` tells of one that took longer than `EACH`."""
    room = asyncio.Semaphore(AT_ONCE)

    async def one(item: T) -> list[Finding]:
        async with room:
            try:
                async with asyncio.timeout(EACH):
                    return await look(item)
            except TimeoutError:
                return [late(item)]

    async with asyncio.TaskGroup() as group:
        asking = [group.create_task(one(item)) for item in items]
        for done in asyncio.as_completed(asking):
            for found in await done:
                yield found
