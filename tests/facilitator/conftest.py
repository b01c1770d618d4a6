from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from cockpit.clock import SECOND
from cockpit.drills.shelf import load
from cockpit.platform.drill import DrillMark
from cockpit.platform.drillclock import begin
from cockpit.platform.places import Places

T0 = 1_700_046_960 * SECOND
Led = Callable[..., AbstractAsyncContextManager[Places]]


@pytest.fixture
def led(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Led:
    """Starts the world of a drill in the profile `d`, without an engine, at a minute after T0."""
    monkeypatch.setenv("COCKPIT_HOME", str(tmp_path))
    return partial(_led, Places(tmp_path / "d"))


@asynccontextmanager
async def _led(
    places: Places, minute: float = -1.0, speed: float = 0.001, name: str = "login-flag"
) -> AsyncIterator[Places]:
    scenario = load(name)
    places.make()
    begin(places.drill_clock, speed, T0 + int(minute * 60 * SECOND))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "cockpit.drills.simulator", "--scenario", name, "--clock", str(places.drill_clock),
        "--t0", str(T0), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None and process.stdout is not None
    try:
        port = json.loads(await process.stdout.readline())["port"]
        DrillMark(scenario.id, name, f"http://127.0.0.1:{port}", T0).write(places.drill)
        yield places
    finally:
        process.stdin.close()
        async with asyncio.timeout(10):
            await process.wait()
