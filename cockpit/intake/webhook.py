"""A listener that is told of alarms, for those on a server."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from aiohttp import web

from cockpit.clock import SECOND, Clock
from cockpit.config.fields import split_endpoint
from cockpit.config.intake import WebhookIntake
from cockpit.intake.delivery import Unreadable, read
from cockpit.intake.proof import Proof
from cockpit.intake.source import Found

log = logging.getLogger(__name__)

BODY = 1024 * 1024
"""Bytes of one delivery."""
AT_ONCE = 8
"""Deliveries read at the same time."""
WITHIN = 10.0
"""Real seconds in which a body must have come, and before that all that comes ahead of it."""
CONNECTIONS = 64
"""Open at the same time: whoever opens more, proof or none, must not take the files that probes need."""
AGAIN = 30.0
"""Real seconds until a port that was busy is tried again."""

Deliver = Callable[[Found], None]
"""Takes over what was told; what it raises keeps the sender from thinking that it was."""


class Listener:
    """Answers 200 only once what was told has been handed over; `problem` says why it does not listen."""

    def __init__(
        self, config: WebhookIntake, proof: Proof, clock: Clock, again: float = AGAIN, within: float = WITHIN
    ) -> None:
        self.name = config.name
        self.problem = ""
        self.listening = asyncio.Event()
        self._config = config
        self._proof = proof
        self._clock = clock
        self._again = again
        self._within = within
        self._reading = 0
        self._deliver: Deliver = _nowhere

    async def run(self, deliver: Deliver) -> None:
        """Listen until cancelled. A port that is taken is tried again: another program may let go of it."""
        self._deliver = deliver
        app = web.Application(client_max_size=BODY)
        app.router.add_post(self._config.path, self._take)
        runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1.0)
        await runner.setup()
        try:
            server = await self._listening(runner)
            try:
                self.listening.set()
                await asyncio.Event().wait()
            finally:
                server.close()
        finally:
            await runner.cleanup()

    async def _listening(self, runner: web.AppRunner) -> asyncio.Server:
        host, port = split_endpoint(self._config.listen)
        loop = asyncio.get_running_loop()
        while True:
            try:
                server = await loop.create_server(lambda: self._connected(runner), host, port)
            except OSError as error:
                self.problem = f"cannot listen on {self._config.listen}: {error.strerror or error}"
                log.warning("intake %s: %s", self.name, self.problem)
                await asyncio.sleep(self._again)
            else:
                self.problem = ""
                return server

    def _connected(self, runner: web.AppRunner) -> asyncio.BaseProtocol:
        """One request a connection, and none open for longer than that can take: it may never say anything."""
        serve = runner.server
        if serve is None or len(serve.connections) >= CONNECTIONS:
            return _TurnedAway()
        handler = serve()
        asyncio.get_running_loop().call_later(2 * self._within, handler.force_close)
        return handler

    async def _take(self, request: web.Request) -> web.Response:
        if self._reading >= AT_ONCE:
            return _answer(503, "busy, try again", {"Retry-After": "1"})
        self._reading += 1
        try:
            async with asyncio.timeout(self._within):
                body = await request.read()
        except TimeoutError:
            return _answer(408, "the body did not come in time")
        finally:
            self._reading -= 1
        return self._judged(request, body)

    def _judged(self, request: web.Request, body: bytes) -> web.Response:
        """In one go, so that of two equal requests only one is taken in."""
        now = self._clock.now() / SECOND
        if objection := self._proof.objection(request.headers, body, now):
            return _answer(401, objection, {"WWW-Authenticate": "Bearer"})
        try:
            found = read(self.name, body, self._config.service_label)
        except Unreadable as why:
            return _answer(400, str(why))
        self._deliver(found)
        self._proof.spend(request.headers, now)
        return _answer(200, "taken in")


def _answer(status: int, words: str, headers: dict[str, str] | None = None) -> web.Response:
    response = web.Response(status=status, text=f"{words}\n", headers=headers)
    response.force_close()
    return response


class _TurnedAway(asyncio.Protocol):
    """A connection too many."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ends it, unheard."""
        transport.close()


def _nowhere(found: Found) -> None:
    raise RuntimeError("nobody takes this over")
