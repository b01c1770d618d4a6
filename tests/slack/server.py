"""A Slack on loopback: real HTTP, strict as the real one, with faults to order and books to read afterwards."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from contextlib import suppress
from email.utils import formatdate
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from cockpit.clock import SECOND, Clock, SystemClock
from tests.slack import arguments
from tests.slack.books import Books, Call
from tests.slack.errors import SlackError, TooMany
from tests.slack.faults import Answer, Fault, Weather
from tests.slack.people import People
from tests.slack.service import Service
from tests.slack.sockets import Sockets
from tests.slack.webhooks import Webhooks
from tests.slack.workspace import WEBHOOK, Rules, Workspace, furnished

_LINGER = struct.pack("ii", 1, 0)
"""Close without a farewell: the peer sees a reset."""
_TICK = 0.005


class FakeSlack:
    """One workspace behind one port.

    `async with FakeSlack() as slack` serves it; `slack.api` is its address for a client, `slack.weather.add(fault,
    method)` orders a fault, `slack.books` tells what happened. `down` and `up` take the server away and back again.
    """

    def __init__(
        self, *, clock: Clock | None = None, rules: Rules | None = None, port: int = 0,
        space: Workspace | None = None, seed: int = 0,
    ) -> None:  # fmt: skip
        """`seed` settles the faults that come by chance."""
        self.clock: Clock = clock or SystemClock()
        self.books = Books(space or furnished(rules))
        self.weather = Weather(seed)
        self.port = port
        self.sockets = Sockets()
        self.people = People(self.books.space, self.clock, self.sockets)
        self._service = Service(self.books.space, self.clock, lambda: self.sockets.ticket(self.port))
        self._webhooks = Webhooks(self.books.space, self.clock)
        self._runner: web.AppRunner | None = None
        self.app_routes: list[web.RouteDef] = []
        """Further routes, for who steers it from outside."""

    @property
    def space(self) -> Workspace:
        """What is really there; scheduled messages whose time has come are posted first."""
        self.books.space.settle(self.clock)
        return self.books.space

    @property
    def api(self) -> str:
        """The address of the Web API, for `base_url`."""
        return f"http://127.0.0.1:{self.port}/api/"

    @property
    def webhook(self) -> str:
        """The address of an incoming webhook of the channel."""
        return f"http://127.0.0.1:{self.port}{WEBHOOK}"

    async def __aenter__(self) -> Self:
        await self.up()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        await self.down()

    async def up(self) -> None:
        """Listen, on the port of before when there was one."""
        app = web.Application(client_max_size=4 << 20)
        app.router.add_route("*", "/api/{method}", self._called)
        app.router.add_route("*", "/services/{tail:.*}", self._hooked)
        app.router.add_route("*", "/respond/{tail:.*}", self._responded)
        app.router.add_get("/link", self.sockets.serve)
        app.add_routes(self.app_routes)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.05)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()
        self.port = runner.addresses[0][1]
        self.people.host = f"http://127.0.0.1:{self.port}"
        self._runner = runner

    async def down(self) -> None:
        """Take the server away: connections end, and nobody listens on the port."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await self.sockets.close()
            await runner.cleanup()

    async def _called(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        shown = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        call = Call(method, shown, self.clock.now(), raw=await request.read())
        self.books.calls.append(call)
        fault = self.weather.meet(method)
        if fault is None:
            return await self._do(request, call)
        call.fault = fault.name
        return await self._do_badly(request, call, fault)

    async def _do_badly(self, request: web.Request, call: Call, fault: Fault) -> web.StreamResponse:
        answer = web.Response(status=500)
        if fault.commit == "before":
            answer = await self._do(request, call, fault.hidden)
        if fault.answer is not None:
            answer = _spoken(fault.answer)
        if fault.commit == "late":
            await (asyncio.sleep(fault.wait) if fault.wait else _left(request))
            await self._do(request, call, fault.hidden)
        elif fault.wait:
            await asyncio.sleep(fault.wait)
        if fault.wire == "stall":
            await _left(request)
        elif fault.wire == "reset":
            _reset(request)
        elif fault.wire == "cut":
            return await _cut(request, answer)
        return answer

    async def _do(self, request: web.Request, call: Call, hidden: float = 0.0) -> web.Response:
        headers = {"Date": formatdate(self.clock.now() / SECOND, usegmt=True)}
        try:
            takes = self._service.takes(call.method)
            token = self._service.token(call.token, takes)
            headers["x-oauth-scopes"] = ",".join(token.scopes) if token else ""
            headers["x-accepted-oauth-scopes"] = takes.scope
            call.args = await arguments.read(request, takes)
            self.books.space.hidden = hidden
            body = self._service.call(call.method, token, call.args)
            call.outcome = "ok"
        except SlackError as refused:
            body, call.outcome = refused.body(), refused.code
        except TooMany as refused:
            call.outcome = "ratelimited"
            return _json({"ok": False, "error": "ratelimited"}, headers | {"Retry-After": str(refused.wait)}, 429)
        finally:
            self.books.space.hidden = 0.0
        return _json(body, headers)

    async def _hooked(self, request: web.Request) -> web.StreamResponse:
        call = Call("webhook", request.path, self.clock.now(), raw=await request.read())
        self.books.calls.append(call)
        fault = self.weather.meet("webhook")
        if fault is None or fault.commit == "before":
            call.outcome, answer = await self._webhooks.take(request)
        if fault is None:
            return answer
        call.fault = fault.name
        if fault.answer is not None:
            answer = _spoken(fault.answer)
        if fault.wire == "stall":
            await _left(request)
        elif fault.wire == "reset":
            _reset(request)
        return answer if fault.commit == "before" or fault.answer else web.Response(status=500)

    async def _responded(self, request: web.Request) -> web.StreamResponse:
        found = json.loads(await request.text())
        self.sockets.responses.append((request.match_info["tail"], found))
        return web.Response(text="ok")


def _json(body: dict[str, Any], headers: dict[str, str], status: int = 200) -> web.Response:
    return web.json_response(body, status=status, headers=headers)


def _spoken(answer: Answer) -> web.Response:
    return web.Response(status=answer.status, text=answer.body, content_type=answer.kind, headers=answer.headers)


async def _left(request: web.Request) -> None:
    while True:
        if request.transport is None or request.transport.is_closing():
            return
        await asyncio.sleep(_TICK)


def _reset(request: web.Request) -> None:
    if request.transport is not None:
        with suppress(OSError):
            request.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER)
        request.transport.abort()


async def _cut(request: web.Request, answer: web.Response) -> web.StreamResponse:
    body = answer.body if isinstance(answer.body, bytes) else b""
    part = web.StreamResponse(status=answer.status, headers={"Content-Type": "application/json"})
    part.content_length = len(body) + 1
    await part.prepare(request)
    await part.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.close()
    return part
