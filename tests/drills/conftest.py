from __future__ import annotations

import asyncio
import json
import sys
import urllib.request
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from cockpit.clock import SECOND, SystemClock
from cockpit.drills.model.scenario import Scenario
from cockpit.drills.shelf import load
from cockpit.drills.stage import beginning
from cockpit.platform.drillclock import begin

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
def simulating(tmp_path: Path) -> Simulating:
    """Starts the login-flag world at a minute after T0."""
    return partial(_simulating, tmp_path)


@asynccontextmanager
async def _simulating(home: Path, minute: float) -> AsyncIterator[Running]:
    scenario = load("login-flag")
    t0 = beginning(scenario, SystemClock().now()) + int(scenario.lead * SECOND)
    clock = home / "drill.clock"
    begin(clock, SPEED, t0 + int(minute * 60 * SECOND))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "cockpit.drills.simulator", "--scenario", "login-flag",
        "--clock", str(clock), "--t0", str(t0),
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
