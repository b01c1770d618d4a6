"""The simulator: a loopback HTTP server that is the world of one drill, as a process of its own."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import msgspec
from aiohttp import web

from cockpit.clock import SECOND, Clock
from cockpit.config.problems import ConfigError
from cockpit.drills import world
from cockpit.drills.model import Action, Scenario
from cockpit.drills.shelf import load
from cockpit.drills.world import Deed
from cockpit.platform.drillclock import ClockBroken, SharedClock
from cockpit.tasks import TaskSet

LOOPBACK = "127.0.0.1"
BODY_LIMIT = 64 * 1024

Frame = dict[str, object]


class Simulator:
    """Answers requests as the scenario has it at this moment, and remembers what commands have done."""

    def __init__(self, scenario: Scenario, clock: Clock, t0: int) -> None:
        self._scenario = scenario
        self._clock = clock
        self._t0 = t0
        self._deeds: list[Deed] = []
        self._actions = TaskSet()

    def app(self) -> web.Application:
        """The server's routes."""
        app = web.Application(client_max_size=BODY_LIMIT)
        app.router.add_get("/changes", self._changes)
        app.router.add_get("/sim/state", self._state)
        app.router.add_post("/sim/action", self._action)
        app.router.add_get("/{path:.*}", self._endpoint)
        app.cleanup_ctx.append(self._until_closed)
        return app

    async def _until_closed(self, app: web.Application) -> AsyncIterator[None]:
        yield
        await self._actions.close()

    @property
    def _at(self) -> float:
        """Seconds after T0."""
        return (self._clock.now() - self._t0) / SECOND

    async def _changes(self, request: web.Request) -> web.Response:
        return web.json_response({"changes": world.feed(self._scenario, self._t0, self._at)})

    async def _state(self, request: web.Request) -> web.Response:
        seen = world.hidden(self._scenario, self._deeds, self._at)
        return web.Response(body=msgspec.json.encode(seen), content_type="application/json")

    async def _endpoint(self, request: web.Request) -> web.Response:
        at = self._at
        rule = world.rule_for(self._scenario, request.path, world.variables(self._scenario, self._deeds, at))
        if rule is None:
            raise web.HTTPNotFound
        if rule.latency:
            await asyncio.sleep(rule.latency)
        return web.json_response(world.body_of(rule, at), status=rule.status)

    async def _action(self, request: web.Request) -> web.StreamResponse:
        argv = _argv(await request.text())
        action = world.action_for(self._scenario, argv, world.variables(self._scenario, self._deeds, self._at))
        frames: asyncio.Queue[Frame] = asyncio.Queue()
        if action is None:
            code, lines = world.complaint(self._scenario, argv)
            for line in lines:
                frames.put_nowait({"line": line, "error": True})
            frames.put_nowait({"exit": code})
        else:
            # On its own: whoever asked may be killed, what was started goes on.
            self._actions.spawn(self._perform(action, frames), " ".join(argv))
        return await _stream(request, frames)

    async def _perform(self, action: Action, frames: asyncio.Queue[Frame]) -> None:
        *earlier, (last_pause, last_line) = world.schedule(action)
        for pause, line in earlier:
            await self._clock.sleep(pause)
            frames.put_nowait({"line": line})
        await self._clock.sleep(last_pause)
        self._record(action)
        frames.put_nowait({"line": last_line})
        frames.put_nowait({"exit": action.exit_code})

    def _record(self, action: Action) -> None:
        self._deeds.append(Deed(self._at, action.command, action.exit_code, dict(action.sets), action.side_effects))


def _argv(body: str) -> list[str]:
    with suppress(ValueError, TypeError, KeyError):
        argv = json.loads(body)["argv"]
        if isinstance(argv, list) and argv and all(isinstance(word, str) for word in argv):
            return argv
    raise web.HTTPBadRequest(text='an action is {"argv": ["tool", "word", ...]}\n')


async def _stream(request: web.Request, frames: asyncio.Queue[Frame]) -> web.StreamResponse:
    answer = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
    await answer.prepare(request)
    frame: Frame = {}
    while "exit" not in frame:
        frame = await frames.get()
        await answer.write(json.dumps(frame).encode() + b"\n")
    await answer.write_eof()
    return answer


@asynccontextmanager
async def serving(simulator: Simulator, port: int) -> AsyncIterator[int]:
    """The simulator on loopback; yields its port."""
    runner = web.AppRunner(simulator.app(), access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    try:
        site = web.TCPSite(runner, LOOPBACK, port)
        await site.start()
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()


async def _run(options: argparse.Namespace, scenario: Scenario, clock: Clock) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    threading.Thread(target=_until_parent_gone, args=(loop, stop), daemon=True).start()
    simulator = Simulator(scenario, clock, options.t0)
    async with serving(simulator, options.port) as port:
        print(json.dumps({"port": port}), flush=True)
        await stop.wait()


def _until_parent_gone(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    """The parent holds the other end of stdin: when it is gone, there is nobody to simulate for."""
    with suppress(OSError):
        while os.read(0, 4096):
            pass
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(stop.set)


def main() -> int:
    """Serve one scenario until the parent's pipe closes or SIGTERM comes; 3 when it or the clock cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m cockpit.drills.simulator", description=__doc__)
    parser.add_argument("--scenario", required=True, help="a bundled scenario's name, or a file")
    parser.add_argument("--clock", type=Path, required=True, help="the file of the drill's clock")
    parser.add_argument("--t0", type=int, required=True, help="T0 on that clock, in microseconds since the epoch")
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    try:
        scenario, clock = load(options.scenario), SharedClock(options.clock)
    except (ConfigError, ClockBroken) as error:
        print(error, file=sys.stderr)
        return 3
    asyncio.run(_run(options, scenario, clock))
    return 0


if __name__ == "__main__":
    sys.exit(main())
