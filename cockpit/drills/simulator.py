"""The simulator: a loopback HTTP server that is the world of one drill, as a process of its own."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web
from pydantic import ValidationError

from cockpit.clock import SECOND, Clock
from cockpit.config.problems import ConfigError
from cockpit.drills import answers, world
from cockpit.drills.course import Effect, course
from cockpit.drills.hidden import look_behind
from cockpit.drills.model.parts import Action, Fault
from cockpit.drills.model.scenario import Scenario
from cockpit.drills.published import KEY, PublishedFreeze
from cockpit.drills.script import script
from cockpit.drills.shelf import load
from cockpit.drills.state import World
from cockpit.platform.drillclock import ClockBroken, SharedClock
from cockpit.platform.places import Places
from cockpit.protocol.control import stop as stop_engine
from cockpit.protocol.launch import EngineFailed
from cockpit.tasks import TaskSet

LOOPBACK = "127.0.0.1"
ENDED = "the end of the drill"
"""What stops the engine of a drill."""
BODY_LIMIT = 64 * 1024
PACE = 5.0
"""Incident seconds between two looks at the published freeze while nobody asks anything."""
SHORTEST = 0.1
"""Real seconds between them at least."""

Frame = dict[str, object]
Lane = tuple[str, str]
"""A service and one of its instances."""


class Simulator:
    """Answers requests as the scenario has it at this moment, and remembers what commands have done."""

    def __init__(self, scenario: Scenario, clock: Clock, t0: int, freeze: PublishedFreeze | None = None) -> None:
        self._scenario = scenario
        self._clock = clock
        self._t0 = t0
        self._freeze = freeze
        self._world = world.begin(scenario)
        self._actions = TaskSet()

    def app(self) -> web.Application:
        """The server's routes."""
        app = web.Application(client_max_size=BODY_LIMIT)
        app.router.add_get("/changes", self._changes)
        app.router.add_get("/sim/state", self._state)
        app.router.add_post("/sim/action", self._action)
        app.router.add_post("/sim/call", self._call)
        app.router.add_post("/sim/effect", self._effect)
        app.router.add_get("/sim/script", self._script)
        app.router.add_post("/sim/say", self._say)
        app.router.add_post("/sim/skip", self._skip)
        app.router.add_post("/sim/chat", self._chat)
        app.router.add_get("/{path:.*}", self._endpoint)
        app.cleanup_ctx.append(self._until_closed)
        return app

    def lane(self, lane: Lane) -> web.Application:
        """The routes of one instance: what it answers itself and nothing else."""

        async def answered(request: web.Request) -> web.Response:
            return await self._answered(request.path, lane)

        app = web.Application(client_max_size=BODY_LIMIT)
        app.router.add_get("/{path:.*}", answered)
        return app

    async def _until_closed(self, app: web.Application) -> AsyncIterator[None]:
        watching = TaskSet()
        watching.spawn(self._watch(), "freeze")
        yield
        await watching.close()
        await self._actions.close()

    async def _watch(self) -> None:
        """Look at the published freeze at a pace of our own, so that its moments are known in time."""
        while True:
            self._now()
            await asyncio.gather(self._clock.sleep(PACE), asyncio.sleep(SHORTEST))

    def _now(self) -> World:
        """The world as it is at this moment, with what was published about the freeze by then."""
        now = self._clock.now()
        at = (now - self._t0) / SECOND
        if self._freeze is not None:
            holds, since = self._freeze.look(now)
            # What was said a moment ago counts from then, and not from when it was seen.
            self._advance(min(at, (since - self._t0) / SECOND) if since else at)
            self._world = world.frozen(self._scenario, self._world, holds)
        self._advance(at)
        return self._world

    def _advance(self, at: float) -> None:
        self._world = world.advance(self._scenario, self._world, at)

    async def _changes(self, request: web.Request) -> web.Response:
        return web.json_response({"changes": answers.feed(self._scenario, self._now(), self._t0)})

    async def _state(self, request: web.Request) -> web.Response:
        seen = look_behind(self._scenario, self._now())
        return web.Response(body=msgspec.json.encode(seen), content_type="application/json")

    async def _endpoint(self, request: web.Request) -> web.Response:
        return await self._answered(request.path, None)

    async def _answered(self, path: str, lane: Lane | None) -> web.Response:
        reply = answers.answer(self._scenario, self._now(), path, lane)
        if reply is None:
            raise web.HTTPNotFound
        if reply.latency:
            await asyncio.sleep(reply.latency)
        if reply.text is not None:
            return web.Response(text=reply.text, status=reply.status, content_type="text/html")
        return web.json_response(reply.body, status=reply.status)

    async def _chat(self, request: web.Request) -> web.Response:
        """A chat that is down: only a drill with that modifier posts here."""
        raise web.HTTPServiceUnavailable(text="this chat is down in the drill\n")

    async def _call(self, request: web.Request) -> web.Response:
        name = _fields(await request.text()).get("name")
        if not isinstance(name, str):
            raise web.HTTPBadRequest(text='a call is {"name": "who is asked for"}\n')
        self._world = world.call(self._scenario, self._now(), name)
        return web.json_response({})

    async def _effect(self, request: web.Request) -> web.Response:
        """What the facilitator does to the world."""
        told = _fields(await request.text())
        try:
            # Written as a fault is in a scenario, but for its time.
            done = Fault.model_validate_json(json.dumps({**told, "at": "0s"}))
        except ValidationError as error:
            raise web.HTTPBadRequest(text=f"{error.errors()[0]['msg']}\n") from None
        strange = [key for key in done.sets if key not in self._world.variables]
        strange += [key for key in done.adds if key not in self._world.gauges]
        if strange:
            raise web.HTTPBadRequest(text=f"there is nothing called {', '.join(strange)} in this drill\n")
        effect = Effect(done.sets, done.adds, done.says, done.side_effects, "the facilitator")
        self._world = world.act(self._scenario, self._now(), effect)
        return web.json_response({})

    async def _script(self, request: web.Request) -> web.Response:
        """All that is to come, as the scenario has it."""
        return web.Response(body=msgspec.json.encode(script(self._scenario)), content_type="application/json")

    async def _say(self, request: web.Request) -> web.Response:
        """Say a word of the scenario now, ahead of its time."""
        inject = self._inject(await request.text())
        self._world = world.say_now(self._scenario, self._world, inject)
        return web.json_response({})

    async def _skip(self, request: web.Request) -> web.Response:
        """Leave a word of the scenario out."""
        inject = self._inject(await request.text())
        self._world = world.skip(self._world, inject)
        return web.json_response({})

    def _inject(self, body: str) -> int:
        """Which word is meant, in the world of now; it must still be to come."""
        inject = _fields(body).get("inject")
        if type(inject) is not int or not world.waits(self._scenario, self._now(), inject):
            raise web.HTTPConflict(text="that word is not to come any more: it was said, or left out\n")
        return inject

    async def _action(self, request: web.Request) -> web.StreamResponse:
        argv = _argv(await request.text())
        self._world, action = world.start(self._scenario, self._now(), argv)
        frames: asyncio.Queue[Frame] = asyncio.Queue()
        if action is None:
            code, lines = answers.complaint(self._scenario, argv)
            for line in lines:
                frames.put_nowait({"line": line, "error": True})
            frames.put_nowait({"exit": code})
        else:
            # On its own: whoever asked may be killed, what was started goes on.
            self._actions.spawn(self._tell(action, self._world.at, frames), " ".join(argv))
        return await _stream(request, frames)

    async def _tell(self, action: Action, began: float, frames: asyncio.Queue[Frame]) -> None:
        """Say each line once what it tells has happened."""
        for part in course(action):
            while (left := began + part.after - self._now().at) > 0:
                await self._clock.sleep(left)
            if part.line:
                frames.put_nowait({"line": part.line})
        frames.put_nowait({"exit": action.exit_code})


def _argv(body: str) -> list[str]:
    argv = _fields(body).get("argv")
    if isinstance(argv, list) and argv and all(isinstance(word, str) for word in argv):
        return argv
    raise web.HTTPBadRequest(text='an action is {"argv": ["tool", "word", ...]}\n')


def _fields(body: str) -> Mapping[str, Any]:
    with suppress(ValueError):
        told = json.loads(body)
        if isinstance(told, dict):
            return told
    raise web.HTTPBadRequest(text="this must be a JSON object\n")


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
async def serving(simulator: Simulator, lanes: list[Lane], port: int = 0) -> AsyncIterator[tuple[int, dict[Lane, int]]]:
    """The simulator on loopback, with a port for each lane; yields its port and theirs."""
    async with AsyncExitStack() as stack:
        main = await stack.enter_async_context(_listening(simulator.app(), port))
        yield main, {lane: await stack.enter_async_context(_listening(simulator.lane(lane), 0)) for lane in lanes}


@asynccontextmanager
async def _listening(app: web.Application, port: int) -> AsyncIterator[int]:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    try:
        site = web.TCPSite(runner, LOOPBACK, port)
        await site.start()
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()


async def _run(options: argparse.Namespace, scenario: Scenario, clock: Clock) -> None:
    stop, orphaned = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)

    def alone() -> None:
        orphaned.set()
        stop.set()

    threading.Thread(target=_until_parent_gone, args=(loop, alone), daemon=True).start()
    simulator = Simulator(scenario, clock, options.t0, _freeze(options, scenario))
    async with serving(simulator, answers.lanes(scenario), options.port) as (port, lanes):
        ready = {"port": port, "lanes": [[*lane, at] for lane, at in lanes.items()]}
        print(json.dumps(ready), flush=True)
        await stop.wait()
    if orphaned.is_set():
        # Whoever began the drill stops its engine first. Who was killed could not: it would probe dead ports for ever.
        with suppress(ConnectionError, EngineFailed):
            await stop_engine(Places(options.clock.parent), ENDED)


def _freeze(options: argparse.Namespace, scenario: Scenario) -> PublishedFreeze | None:
    if options.freeze is None:
        return None
    return PublishedFreeze(options.freeze, scenario.freeze_scopes, tuple(filter(None, [os.environ.get(KEY, "")])))


def _until_parent_gone(loop: asyncio.AbstractEventLoop, alone: Callable[[], None]) -> None:
    """The parent holds the other end of stdin: when it is gone, there is nobody to simulate for."""
    with suppress(OSError):
        while os.read(0, 4096):
            pass
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(alone)


def main() -> int:
    """Serve one scenario until the parent's pipe closes or SIGTERM comes; 3 when it or the clock cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m cockpit.drills.simulator", description=__doc__)
    parser.add_argument("--scenario", required=True, help="a bundled scenario's name, or a file")
    parser.add_argument("--clock", type=Path, required=True, help="the file of the drill's clock")
    parser.add_argument("--t0", type=int, required=True, help="T0 on that clock, in microseconds since the epoch")
    parser.add_argument("--freeze", type=Path, help="where the cockpit publishes its freeze")
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
