"""The stage of a drill: a simulator, a private profile with real commands in its PATH, and an engine on the clock."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import shlex
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import yaml

from cockpit.clock import SECOND, Clock, SystemClock, moment
from cockpit.drills import shelf, tools
from cockpit.drills.model import DrillProbe, Scenario
from cockpit.drills.simulator import LOOPBACK
from cockpit.drills.world import Hidden
from cockpit.platform.drill import DrillMark
from cockpit.platform.drillclock import SharedClock, begin
from cockpit.platform.places import Places
from cockpit.protocol.control import stop
from cockpit.protocol.launch import launch_engine

HEADROOM = 3 * SECOND
"""Real microseconds for simulator and engine to start before the clock of the drill reaches its beginning."""
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
        return await asyncio.to_thread(_hidden, self.url)


@asynccontextmanager
async def staged(name: str, speed: float, places: Places, profile: str) -> AsyncIterator[Stage]:
    """Set the drill up and take it down again: the engine and the simulator end with it, the journal stays."""
    scenario = shelf.load(name)
    places.make()
    origin = beginning(scenario, SystemClock().now())
    t0 = origin + int(scenario.lead * SECOND)
    begin(places.drill_clock, speed, origin - int(HEADROOM * speed))
    async with _simulator(name, places.drill_clock, t0) as url:
        config, commands = prepare(scenario, url, places.home / "drill")
        DrillMark(scenario.id, name, url, t0).write(places.drill)
        await launch_engine(places, profile=profile, config=config)
        env = {
            **os.environ,
            "PATH": os.pathsep.join([str(commands), os.environ.get("PATH", os.defpath)]),
            "COCKPIT_DRILL_URL": url,
        }
        try:
            yield Stage(scenario, SharedClock(places.drill_clock), t0, places, profile, config, url, env)
        finally:
            await stop(places)


def beginning(scenario: Scenario, now: int) -> int:
    """When the clock of the drill starts: today, `lead` before the scenario's T0."""
    hour, minute = scenario.t0.split(":")
    t0 = moment(now).replace(hour=int(hour), minute=int(minute), second=0, microsecond=0)
    return int(t0.timestamp()) * SECOND - int(scenario.lead * SECOND)


@asynccontextmanager
async def _simulator(name: str, clock: Path, t0: int) -> AsyncIterator[str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "cockpit.drills.simulator", "--scenario", name, "--clock", str(clock), "--t0", str(t0),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None and process.stdout is not None
    try:
        async with asyncio.timeout(READY_SECONDS):
            line = await process.stdout.readline()
        if not line:
            raise DrillFailed("the simulator could not be started")
        yield f"http://{LOOPBACK}:{json.loads(line)['port']}"
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


def prepare(scenario: Scenario, url: str, directory: Path) -> tuple[Path, Path]:
    """Write the drill's config and its commands below `directory`, for its owner alone; their paths."""
    commands = directory / "bin"
    commands.mkdir(mode=0o700, parents=True, exist_ok=True)
    directory.chmod(0o700)
    for tool in scenario.tools:
        words = (sys.executable, "-I", "-S", tools.__file__, tool)
        script = commands / tool
        script.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n', "utf-8")
        script.chmod(0o700)
    config = directory / "config.yaml"
    config.write_text(yaml.safe_dump(_config(scenario, url, directory), sort_keys=False), "utf-8")
    return config, commands


def _config(scenario: Scenario, url: str, directory: Path) -> dict[str, Any]:
    return {
        "version": 1,
        "services": [
            {
                "name": service.name,
                "title": service.title,
                "reads": list(service.reads),
                "probes": [_probe(probe, url) for probe in service.probes],
            }
            for service in scenario.services
        ],
        "changes": [{"name": "changes", "url": f"{url}/changes", "interval": "15s"}],
        "broadcast": {
            "destinations": [{"kind": "file", "name": "chat", "path": str(directory / "chat.jsonl")}],
        },
    }


def _probe(probe: DrillProbe, url: str) -> dict[str, Any]:
    made: dict[str, Any] = {
        "name": probe.name,
        "url": url + probe.path,
        "kind": probe.kind,
        "interval": f"{round(probe.interval * 1000)}ms",
        "failures": probe.failures,
        "successes": probe.successes,
    }
    return made if probe.error_rate is None else {**made, "error_rate": probe.error_rate.model_dump()}


def _hidden(url: str) -> Hidden:
    connection = http.client.HTTPConnection(url.removeprefix("http://"), timeout=READY_SECONDS)
    try:
        connection.request("GET", "/sim/state")
        return msgspec.json.decode(connection.getresponse().read(), type=Hidden)
    except (OSError, http.client.HTTPException, msgspec.MsgspecError) as error:
        raise DrillFailed("the simulator went away") from error
    finally:
        connection.close()
