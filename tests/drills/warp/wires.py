"""Connections without a network: real HTTP between the engine and the simulator, over socket pairs."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Sequence
from typing import Any

import h11
from aiohttp import web

from cockpit.drills.simulator import LOOPBACK, Lane, Simulator
from cockpit.probes.dialing import Dialled
from cockpit.probes.resolver import Address

MAIN = 1
"""The port of the simulator itself; its instances have those that follow."""
CHUNK = 64 * 1024


class Wires:
    """Connects whoever dials one of these ports to the simulator or to an instance of it."""

    def __init__(self, simulator: Simulator, lanes: Sequence[Lane]) -> None:
        ports = {lane: MAIN + 1 + index for index, lane in enumerate(lanes)}
        apps = {MAIN: simulator.app()} | {port: simulator.lane(lane) for lane, port in ports.items()}
        self.lanes = {lane: f"{LOOPBACK}:{port}" for lane, port in ports.items()}
        self._runners = {port: web.AppRunner(app, access_log=None, shutdown_timeout=0.1) for port, app in apps.items()}

    async def open(self) -> None:
        """Begin to answer."""
        for runner in self._runners.values():
            await runner.setup()

    async def close(self) -> None:
        """Answer no more."""
        for runner in self._runners.values():
            await runner.cleanup()

    async def dial(self, addresses: Sequence[Address], dialled: Dialled) -> socket.socket:
        """A connected socket, not blocking."""
        dialled.addresses = tuple(addresses)
        _, dialled.address, port = addresses[0]
        return await self._connected(port)

    async def ask(self, path: str, told: object = None) -> bytes:
        """What the simulator answers there, posted `told` as JSON where that is something."""
        return b"".join([part async for part in self._answer(path, told)])

    async def frames(self, argv: Sequence[str]) -> AsyncIterator[dict[str, Any]]:
        """What the simulator says while it does what a command asks for."""
        text = b""
        async for part in self._answer("/sim/action", {"argv": list(argv)}):
            *lines, text = (text + part).split(b"\n")
            for line in lines:
                yield json.loads(line)

    async def _answer(self, path: str, told: object) -> AsyncIterator[bytes]:
        loop, http = asyncio.get_running_loop(), h11.Connection(h11.CLIENT)
        with await self._connected(MAIN) as ours:
            await loop.sock_sendall(ours, _request(http, path, told))
            while not isinstance(event := http.next_event(), h11.EndOfMessage | h11.ConnectionClosed):
                if event is h11.NEED_DATA:
                    http.receive_data(await loop.sock_recv(ours, CHUNK))
                elif isinstance(event, h11.Response):
                    assert event.status_code == 200, f"{path} was answered with HTTP {event.status_code}"
                elif isinstance(event, h11.Data):
                    yield event.data

    async def _connected(self, port: int) -> socket.socket:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        server = self._runners[port].server
        assert server is not None
        await asyncio.get_running_loop().connect_accepted_socket(server, theirs)
        return ours


def _request(http: h11.Connection, path: str, told: object) -> bytes:
    body = b"" if told is None else json.dumps(told).encode()
    headers = [("host", "drill"), ("content-type", "application/json"), ("content-length", str(len(body)))]
    request = h11.Request(method="GET" if told is None else "POST", target=path, headers=headers)
    return b"".join(http.send(part) or b"" for part in (request, h11.Data(data=body), h11.EndOfMessage()))
