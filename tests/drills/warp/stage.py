"""The stage of a drill in this process: the real engine and the real simulator on a clock that jumps."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from cockpit.clock import SECOND
from cockpit.config.load import read
from cockpit.config.model import Config
from cockpit.drills import answers, shelf
from cockpit.drills.harder import Modifier
from cockpit.drills.modifiers import modified
from cockpit.drills.profile import freeze_file, prepare
from cockpit.drills.published import KEY, PublishedFreeze
from cockpit.drills.simulator import LOOPBACK, Simulator
from cockpit.drills.stage import Stage, beginning
from cockpit.engine.engine import Engine, Ways
from cockpit.platform.places import Places
from cockpit.probes.transport import ProbeTransport
from tests.drills.warp.commands import Commands
from tests.drills.warp.wires import MAIN, Wires

SPEED = 60.0
TODAY = 1_800_000_000 * SECOND
"""Any day will do, and the same one each time."""
SECRET = "5ec4e7" * 5


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
    """A stage whose simulator is asked without a network, and whose commands are no processes."""

    wires: Wires
    commands: Commands

    async def ask(self, path: str, told: object = None) -> bytes:
        return await self.wires.ask(path, told)

    @contextmanager
    def still(self) -> Iterator[None]:
        """The loop's clock stands still for all that takes the host time."""
        yield


@asynccontextmanager
async def staged(name: str, home: Path, modifiers: Sequence[Modifier] = ()) -> AsyncIterator[WarpStage]:
    """A drill below `home`, from its beginning."""
    scenario = modified(shelf.load(name), modifiers)
    places, directory = Places(home), home / "drill"
    places.make()
    directory.mkdir(mode=0o700)
    origin = beginning(scenario, TODAY)
    t0 = origin + int(scenario.lead * SECOND)
    clock = WarpClock(origin)
    freeze = PublishedFreeze(freeze_file(directory), scenario.freeze_scopes, (SECRET,))
    wires = Wires(Simulator(scenario, clock, t0, freeze), answers.lanes(scenario))
    commands = Commands(wires)
    url = f"http://{LOOPBACK}:{MAIN}"
    config, tools = prepare(scenario, url, directory, wires.lanes, shelf.beside(name))
    path = os.pathsep.join([str(tools), os.environ.get("PATH", os.defpath)])
    with _environment(KEY, SECRET):
        await wires.open()
        engine = await Engine.open(
            places, read(config, Config), clock, profile="warp", config_path=str(config), drill=scenario.id,
            shutdown=_nobody_asks, ways=Ways(ProbeTransport(dialing=wires.dial), commands.launch),
        )  # fmt: skip
        try:
            await engine.start()
            yield WarpStage(
                scenario=scenario, clock=clock, t0=t0, places=places, profile="warp", config=config, url=url,
                env={**os.environ, "PATH": path, "COCKPIT_DRILL_URL": url}, wires=wires, commands=commands,
            )  # fmt: skip
        finally:
            await engine.close()
            await commands.close()
            await wires.close()


@contextmanager
def _environment(name: str, value: str) -> Iterator[None]:
    """The engine's own environment, which is this process's."""
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


def _nobody_asks() -> None:
    raise AssertionError("nobody stops an engine under test from outside")
