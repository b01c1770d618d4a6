"""Real servers that imitate the APIs strictly, and what tests say of alarms."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

from aiohttp import web

from cockpit.clock import SECOND
from cockpit.probes.fetch import ask
from cockpit.probes.transport import ProbeTransport
from cockpit.web import Ask

NOW = 1_763_635_620 * SECOND
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class StillClock:
    """A clock that stands at `NOW`."""

    speed = 1.0

    def now(self) -> int:
        return NOW

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("nobody sleeps here")


@asynccontextmanager
async def serving(*routes: tuple[str, str, Handler]) -> AsyncIterator[str]:
    """The address of a server on loopback with these routes: method, path, handler."""
    app = web.Application()
    for method, path, handler in routes:
        app.router.add_route(method, path, handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


def asking() -> Ask:
    """How the engine asks."""
    return partial(ask, ProbeTransport())
