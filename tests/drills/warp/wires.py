"""Connections without a network: real HTTP between the engine and the simulator, over socket pairs."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Sequence
from typing import Any

import h11
from aiohttp import web

from cockpit.probes.dialing import Dialled
from cockpit.probes.resolver import Address


class Wires:
    """Connects whoever dials to the simulator, whatever the address."""

    def __init__(self, app: web.AppRunner) -> None:
        self._app = app

    async def dial(self, addresses: Sequence[Address], dialled: Dialled) -> socket.socket:
        """A connected socket, not blocking."""
        dialled.addresses = tuple(addresses)
        dialled.address = addresses[0][1]
        return await self._connected()

    async def frames(self, argv: Sequence[str]) -> AsyncIterator[dict[str, Any]]:
        """What the simulator says while it does what a command asks for."""
        loop, http, text = asyncio.get_running_loop(), h11.Connection(h11.CLIENT), b""
        with await self._connected() as ours:
            await loop.sock_sendall(ours, _request(http, json.dumps({"argv": list(argv)}).encode()))
            while not isinstance(event := http.next_event(), h11.EndOfMessage | h11.ConnectionClosed):
                if event is h11.NEED_DATA:
                    http.receive_data(await loop.sock_recv(ours, 65536))
                elif isinstance(event, h11.Data):
                    *lines, text = (text + event.data).split(b"\n")
                    for line in lines:
                        yield json.loads(line)

    async def _connected(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        assert self._app.server is not None
        await asyncio.get_running_loop().connect_accepted_socket(self._app.server, theirs)
        return ours


def _request(http: h11.Connection, body: bytes) -> bytes:
    headers = [("host", "drill"), ("content-type", "application/json"), ("content-length", str(len(body)))]
    request = h11.Request(method="POST", target="/sim/action", headers=headers)
    return b"".join(http.send(part) or b"" for part in (request, h11.Data(data=body), h11.EndOfMessage()))
