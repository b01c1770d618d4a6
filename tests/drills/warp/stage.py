"""The stage of a drill in this process: the real engine and the real simulator on a clock that jumps."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
from aiohttp import web

from cockpit.clock import SECOND
from cockpit.config.load import read
from cockpit.config.model import Config
from cockpit.drills.model import Scenario
from cockpit.drills.simulator import Simulator
from cockpit.drills.stage import Stage, beginning, prepare
from cockpit.drills.world import Hidden
from cockpit.engine.engine import Engine, Ways
from cockpit.platform.places import Places
from cockpit.probes.fetch import fetch
from cockpit.probes.transport import ProbeTransport
from tests.drills.warp.commands import Commands
from tests.drills.warp.wires import Wires

SPEED = 60.0
TODAY = 1_800_000_000 * SECOND
"""Any day will do, and the same one each time."""
URL = "http://127.0.0.1:1"
ASKING = 10.0


class WarpClock:
    """The drill's clock on the loop's time, as fast as that of a real drill at 60 times."""

    speed = SPEED

    def __init__(self, origin: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._start = self._loop.time()
        self._origin = origin

    def now(self) -> int:
        return self._origin + round(self.monotonic() * SECOND)

    def monotonic(self) -> float:
        return (self._loop.time() - self._start) * SPEED

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / SPEED)


@dataclass(frozen=True)
class WarpStage(Stage):
    """A stage whose simulator is asked without a network."""

    transport: ProbeTransport
    commands: Commands

    async def hidden(self) -> Hidden:
        return msgspec.json.decode(await fetch(self.transport, f"{URL}/sim/state", ASKING), type=Hidden)


@asynccontextmanager
async def staged(scenario: Scenario, home: Path) -> AsyncIterator[WarpStage]:
    """A drill below `home`, from its beginning."""
    places = Places(home)
    places.make()
    origin = beginning(scenario, TODAY)
    clock = WarpClock(origin)
    t0 = origin + int(scenario.lead * SECOND)
    app = web.AppRunner(Simulator(scenario, clock, t0).app(), access_log=None, shutdown_timeout=0.1)
    await app.setup()
    wires = Wires(app)
    transport = ProbeTransport(dialing=wires.dial)
    commands = Commands(wires)
    config, directory = prepare(scenario, URL, home / "drill")
    engine = await Engine.open(
        places, read(config, Config), clock, profile="warp", config_path=str(config), drill=scenario.id,
        shutdown=_nobody_asks, ways=Ways(transport, commands.launch),
    )  # fmt: skip
    try:
        await engine.start()
        path = os.pathsep.join([str(directory), os.environ.get("PATH", os.defpath)])
        env = {**os.environ, "PATH": path, "COCKPIT_DRILL_URL": URL}
        yield WarpStage(
            scenario=scenario, clock=clock, t0=t0, places=places, profile="warp", config=config, url=URL, env=env,
            transport=transport, commands=commands,
        )  # fmt: skip
    finally:
        await engine.close()
        await commands.close()
        await app.cleanup()


def _nobody_asks() -> None:
    raise AssertionError("nobody stops an engine under test from outside")
