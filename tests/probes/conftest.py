"""Servers on loopback that answer byte for byte as told, and a clock that moves only when told."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import trustme

from cockpit.clock import SECOND, SystemClock
from cockpit.config.probes import HttpProbeConfig
from cockpit.probes.http import HttpProbe
from cockpit.probes.resolver import Resolver
from cockpit.probes.targets import Family, Target
from cockpit.probes.tools import Tools
from cockpit.probes.transport import ProbeTransport

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Serve = Callable[..., Awaitable[int]]
MakeProbe = Callable[..., HttpProbe]


class ManualClock:
    """Stands still but for `advance` and for those who sleep on it."""

    speed = 1.0

    def __init__(self) -> None:
        self.passed = 0.0

    def now(self) -> int:
        return 1_700_000_000 * SECOND + int(self.passed * SECOND)

    def monotonic(self) -> float:
        return self.passed

    def advance(self, seconds: float) -> None:
        self.passed += seconds

    async def sleep(self, seconds: float) -> None:
        self.advance(seconds)
        await asyncio.sleep(0)


@pytest.fixture
def manual_clock() -> ManualClock:
    return ManualClock()


@pytest_asyncio.fixture
async def serve() -> AsyncIterator[Serve]:
    """Starts a server whose handler gets the connection after the request's head; returns its port."""
    servers: list[asyncio.Server] = []
    handling: set[asyncio.Task[Any]] = set()

    async def start(handler: Handler, context: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> int:
        async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if (task := asyncio.current_task()) is not None:
                handling.add(task)
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                await reader.readuntil(b"\r\n\r\n")
                await handler(reader, writer)
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

        server = await asyncio.start_server(handle, host, 0, ssl=context)
        servers.append(server)
        port: int = server.sockets[0].getsockname()[1]
        return port

    yield start
    for server in servers:
        server.close()
        await server.wait_closed()
    await asyncio.gather(*handling)


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest_asyncio.fixture
async def transport(authority: trustme.CA) -> AsyncIterator[ProbeTransport]:
    """A transport that trusts the tests' own authority."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    transport = ProbeTransport(context, Resolver())
    yield transport
    await transport.aclose()


@pytest.fixture
def make_probe(transport: ProbeTransport, tmp_path: Path) -> MakeProbe:
    """A probe from the fields of its config; `instance` and `family` are those of its lane."""

    def make(
        url: str,
        env: Mapping[str, str] | None = None,
        over: ProbeTransport | None = None,
        instance: str = "",
        family: Family = "auto",
        **fields: Any,
    ) -> HttpProbe:
        config = HttpProbeConfig.model_validate({"name": "api", "url": url} | fields)
        target = Target("api", "api", "api", config, instance, family, instance if family == "auto" else "")
        return HttpProbe(target, Tools(over or transport, SystemClock(), env or {}, tmp_path))

    return make
