"""Sources of error rates on loopback, answering as told, and probes that ask them."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from pydantic import TypeAdapter

from cockpit.clock import Clock
from cockpit.config.probes import ProbeConfig
from cockpit.probes.make import make
from cockpit.probes.sample import Samples
from cockpit.probes.targets import Target
from cockpit.probes.tools import Tools
from cockpit.probes.transport import ProbeTransport
from tests.probes.conftest import ManualClock

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Probe = Callable[..., Samples]


@dataclass
class Server:
    """Answers every path by its `handler`, and remembers what it was asked."""

    handler: Handler
    url: str = ""
    asked: list[web.Request] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        await request.read()
        self.asked.append(request)
        return await self.handler(request)

    def says(self, body: str | bytes, kind: str = "application/json", status: int = 200, **headers: str) -> None:
        """From now on this is the answer."""
        raw = body.encode() if isinstance(body, str) else body

        async def handler(request: web.Request) -> web.StreamResponse:
            return web.Response(body=raw, status=status, headers={"Content-Type": kind, **headers})

        self.handler = handler


async def nothing(request: web.Request) -> web.StreamResponse:
    raise web.HTTPNotFound


@pytest_asyncio.fixture
async def server() -> AsyncIterator[Server]:
    made = Server(nothing)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", made.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest_asyncio.fixture
async def make_rate(server: Server, clock: ManualClock) -> AsyncIterator[Probe]:
    """A probe of a source from the fields of its config, as a file has them."""
    transport = ProbeTransport(ssl.create_default_context())

    def probe(env: dict[str, str] | None = None, clock: Clock = clock, **fields: Any) -> Samples:
        given = {"name": "rate", "url": server.url} | fields
        config = TypeAdapter[ProbeConfig](ProbeConfig).validate_python(given)
        return make(Target("rate", "rate", "api", config), Tools(transport, clock, env or {}, Path()))

    yield probe
    await transport.aclose()
