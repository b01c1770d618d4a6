from __future__ import annotations

import asyncio
import json
import sys
import urllib.request
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from cockpit.clock import SECOND, SystemClock
from cockpit.drills.model import Scenario
from cockpit.drills.shelf import load
from cockpit.drills.stage import beginning

SPEED = 600.0


@pytest.fixture(scope="session")
def scenario() -> Scenario:
    return load("login-flag")


@dataclass
class Running:
    """A simulator as a real process."""

    process: asyncio.subprocess.Process
    url: str

    async def get(self, path: str) -> tuple[int, Any]:
        return await asyncio.to_thread(_get, self.url + path)

    async def until(self, path: str, status: int) -> Any:
        """What the path answers once it answers with that status."""
        async with asyncio.timeout(20):
            while True:
                got, body = await self.get(path)
                if got == status:
                    return body
                await asyncio.sleep(0.02)


def _get(url: str) -> tuple[int, Any]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoErrors())
    with opener.open(url, timeout=10) as answer:
        return answer.status, json.loads(answer.read())


class _NoErrors(urllib.request.HTTPErrorProcessor):
    def http_response(self, request: Any, response: Any) -> Any:
        return response


Simulating = Callable[[float], AbstractAsyncContextManager[Running]]


@pytest.fixture
def simulating() -> Simulating:
    """Starts the login-flag world at a minute after T0."""
    return _simulating


@asynccontextmanager
async def _simulating(minute: float) -> AsyncIterator[Running]:
    origin = beginning(load("login-flag"), SystemClock().now())
    origin_real = SystemClock().now() - int((2 + minute) * 60 * SECOND / SPEED)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "cockpit.drills.simulator", "--scenario", "login-flag", "--speed", str(SPEED),
        "--origin-real", str(origin_real), "--origin", str(origin),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None and process.stdout is not None
    try:
        port = json.loads(await process.stdout.readline())["port"]
        yield Running(process, f"http://127.0.0.1:{port}")
    finally:
        process.stdin.close()
        async with asyncio.timeout(10):
            await process.wait()
