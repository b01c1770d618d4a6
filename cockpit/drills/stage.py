"""The stage of a drill: a simulator, a private profile with real commands in its PATH, and an engine on the clock."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import secrets
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from cockpit.clock import SECOND, Clock, SystemClock, moment
from cockpit.drills import shelf
from cockpit.drills.harder import Modifier
from cockpit.drills.hidden import Hidden
from cockpit.drills.model.scenario import Scenario
from cockpit.drills.modifiers import modified
from cockpit.drills.profile import freeze_file, prepare
from cockpit.drills.published import KEY
from cockpit.drills.simulator import ENDED, LOOPBACK, Lane
from cockpit.platform.drill import DrillMark
from cockpit.platform.drillclock import SharedClock, begin, hold, let_go, turn
from cockpit.platform.places import Places
from cockpit.protocol.control import stop
from cockpit.protocol.launch import launch_engine

READY_SECONDS = 20.0
GONE_SECONDS = 5.0


class DrillFailed(Exception):
    """The drill cannot go on; the text is for people."""


@dataclass(frozen=True)
class Stage:
    """A drill that is set up and running. `t0` is in microseconds on the drill's clock."""

    scenario: Scenario
    clock: Clock
    t0: int
    places: Places
    profile: str
    config: Path
    url: str
    env: Mapping[str, str]

    @property
    def minute(self) -> float:
        """Minutes after T0."""
        return (self.clock.now() - self.t0) / (60 * SECOND)

    async def hidden(self) -> Hidden:
        """What the simulator knows and the responder does not."""
        try:
            return msgspec.json.decode(await self.ask("/sim/state"), type=Hidden)
        except msgspec.MsgspecError as error:
            raise DrillFailed("the simulator answers what cannot be read") from error

    async def ask(self, path: str, told: object = None) -> bytes:
        """What the simulator answers there, posted `told` as JSON where that is something; DrillFailed when gone."""
        return await asyncio.to_thread(ask, self.url, path, told)

    @property
    def asked(self) -> float:
        """How fast people want the drill to run, 0 while they have paused it."""
        return SharedClock(self.places.drill_clock).asked

    def turn(self, speed: float) -> None:
        """Have the clock of the drill run so fast from now on, 0 to pause it."""
        turn(self.places.drill_clock, speed)

    @contextmanager
    def still(self) -> Iterator[None]:
        """The clock held for what takes the host time and the people in the incident none.

        What a facilitator asks of it meanwhile, such as a pause, holds when it is let go.
        """
        hold(self.places.drill_clock)
        try:
            yield
        finally:
            let_go(self.places.drill_clock)


@asynccontextmanager
async def staged(
    name: str, speed: float, places: Places, profile: str, modifiers: Sequence[Modifier] = ()
) -> AsyncIterator[Stage]:
    """Set the drill up and take it down again: the engine and the simulator end with it, the journal stays."""
    scenario = modified(shelf.load(name), modifiers)
    beside = shelf.beside(name)
    places.make()
    directory = places.home / "drill"
    directory.mkdir(mode=0o700, exist_ok=True)
    if modifiers:
        # Everybody who looks at the drill reads the same world.
        name = str(directory / "scenario.yaml")
        shelf.write(directory / "scenario.yaml", scenario)
        if beside.is_dir():
            (directory / "runbooks").symlink_to(beside, target_is_directory=True)
        # What was made harder may not fit into its time any more.
        shelf.load(name)
    origin = beginning(scenario, SystemClock().now())
    t0 = origin + int(scenario.lead * SECOND)
    # It stands still until everybody is there, however long that takes on a busy host.
    begin(places.drill_clock, 0, origin)
    # A key of this drill alone: with a real one a drill could freeze real pipelines.
    env = {**os.environ, KEY: secrets.token_hex(16)}
    async with _simulator(name, places.drill_clock, t0, directory, env) as (url, lanes):
        config, commands = prepare(scenario, url, directory, lanes, beside)
        DrillMark(scenario.id, name, url, t0).write(places.drill)
        await launch_engine(places, profile=profile, config=config, env=env)
        path = os.pathsep.join([str(commands), os.environ.get("PATH", os.defpath)])
        env |= {"PATH": path, "COCKPIT_DRILL_URL": url}
        turn(places.drill_clock, speed)
        try:
            yield Stage(scenario, SharedClock(places.drill_clock), t0, places, profile, config, url, env)
        finally:
            await stop(places, ENDED)


def beginning(scenario: Scenario, now: int) -> int:
    """When the clock of the drill starts: today, `lead` before the scenario's T0."""
    hour, minute = scenario.t0.split(":")
    t0 = moment(now).replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
    return int(t0.timestamp()) * SECOND - int(scenario.lead * SECOND)


@asynccontextmanager
async def _simulator(
    name: str, clock: Path, t0: int, directory: Path, env: Mapping[str, str]
) -> AsyncIterator[tuple[str, dict[Lane, str]]]:
    """The simulator as a process: its address, and host and port of each instance."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "cockpit.drills.simulator", "--scenario", name, "--clock", str(clock), "--t0", str(t0),
        "--freeze", str(freeze_file(directory)),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, env=dict(env),
        # Ctrl+C goes to whoever began the drill, who still has questions when it is taken down.
        start_new_session=True,
    )  # fmt: skip
    assert process.stdin is not None and process.stdout is not None
    try:
        async with asyncio.timeout(READY_SECONDS):
            line = await process.stdout.readline()
        if not line:
            raise DrillFailed("the simulator could not be started")
        ready = json.loads(line)
        lanes = {(service, instance): f"{LOOPBACK}:{port}" for service, instance, port in ready["lanes"]}
        yield f"http://{LOOPBACK}:{ready['port']}", lanes
    except TimeoutError as error:
        raise DrillFailed("the simulator did not start in time") from error
    finally:
        process.stdin.close()
        try:
            async with asyncio.timeout(GONE_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


def ask(url: str, path: str, told: object = None) -> bytes:
    """What the simulator at that address answers, posted `told` as JSON where that is something."""
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=READY_SECONDS)
    try:
        if told is None:
            connection.request("GET", path)
        else:
            connection.request("POST", path, json.dumps(told), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        body = answer.read()
    except (OSError, http.client.HTTPException) as error:
        raise DrillFailed("the simulator went away") from error
    finally:
        connection.close()
    if answer.status != 200:
        raise DrillFailed(f"the simulator refused: {body.decode(errors='replace').strip()}")
    return body
