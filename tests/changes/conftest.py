"""Real HTTP servers for sources, and the real transport to ask them over."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from cockpit.changes.source import Tools
from cockpit.clock import SECOND, SystemClock
from cockpit.probes.fetch import ask
from cockpit.probes.transport import ProbeTransport

NOON = 1_763_640_000 * SECOND
"""2025-11-20T12:00:00Z."""
NOBODY = "http://127.0.0.1:9"


class StillClock(SystemClock):
    """Stands still unless it is set."""

    def __init__(self, at: int = NOON) -> None:
        self.at = at

    def now(self) -> int:
        return self.at


@dataclass
class Site:
    """A server on loopback. `answers` are by method and path, without the query; `asked` is what came."""

    url: str = ""
    answers: dict[str, Callable[[web.Request], Awaitable[web.StreamResponse]] | Any] = field(default_factory=dict)
    asked: list[web.Request] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request)
        found = self.answers.get(f"{request.method} {request.raw_path.partition('?')[0]}")
        if found is None:
            return web.json_response({"message": "Not Found"}, status=404)
        if callable(found):
            made: web.StreamResponse = await found(request)
            return made
        return web.json_response(found)


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    made = Site()
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", made.answer)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    listener = web.TCPSite(runner, "127.0.0.1", 0)
    await listener.start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield made
    await runner.cleanup()


@pytest.fixture
async def tools(tmp_path: Path) -> AsyncIterator[Tools]:
    transport = ProbeTransport()
    yield Tools(partial(ask, transport), StillClock(), {"TOKEN": "t0k3n-value"}, tmp_path)
    await transport.aclose()


def status(code: int, body: Any = None, **headers: str) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """An answer of this status."""

    async def answer(_: web.Request) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.json_response(body, status=code, headers=named)

    return answer
