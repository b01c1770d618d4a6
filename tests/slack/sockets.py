"""Socket Mode: what people do in the workspace comes to the app through a WebSocket that the app opened."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from aiohttp import WSMsgType, web

from cockpit.tasks import TaskSet
from tests.slack.workspace import APP

ACK_WITHIN = 3.0
"""Seconds an app has to say that it took an envelope."""
TIMES = 4
"""How often an envelope is sent that nobody acknowledges."""


@dataclass
class Envelope:
    """One thing an app is told. `sent` counts how often; `acks` holds what it said each time, None for no words."""

    id: str
    frame: dict[str, Any]
    sent: int = 0
    acks: list[Any] = field(default_factory=list)
    acked: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def response_path(self) -> str:
        """The path of the address where the app can answer the person."""
        return str(self.frame["payload"].get("response_url", "")).partition("/respond/")[2]


class Sockets:
    """The connections of one app, and the envelopes it was sent.

    An envelope without an ack within `ack_within` seconds comes again on the newest connection, and what comes up
    while there is none waits for the next.
    """

    def __init__(self) -> None:
        self.ack_within = ACK_WITHIN
        self.envelopes: list[Envelope] = []
        self.responses: list[tuple[str, dict[str, Any]]] = []
        """What the app sent to response addresses: the rest of the path, and the body."""
        self.connected = asyncio.Event()
        self._links: list[web.WebSocketResponse] = []
        self._transports: dict[web.WebSocketResponse, asyncio.Transport] = {}
        self._tickets: set[str] = set()
        self._tasks = TaskSet()

    @property
    def links(self) -> int:
        """How many connections there are."""
        return len(self._links)

    def ticket(self, port: int) -> str:
        """An address that can be connected to once."""
        ticket = uuid4().hex
        self._tickets.add(ticket)
        return f"ws://127.0.0.1:{port}/link?ticket={ticket}&app_id={APP}"

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One connection, from hello to its end."""
        ticket = request.query.get("ticket", "")
        if ticket not in self._tickets:
            return web.Response(status=403)
        self._tickets.remove(ticket)
        link = web.WebSocketResponse()
        await link.prepare(request)
        self._links.append(link)
        if request.transport is not None:
            self._transports[link] = request.transport
        await link.send_str(json.dumps(_hello(len(self._links))))
        self.connected.set()
        try:
            for envelope in [each for each in self.envelopes if not each.acked.is_set()]:
                await self._send(envelope)
            async for message in link:
                if message.type is WSMsgType.TEXT:
                    self._take(json.loads(message.data))
        finally:
            self._links.remove(link)
            self._transports.pop(link, None)
            if not self._links:
                self.connected.clear()
        return link

    async def tell(self, kind: str, payload: dict[str, Any]) -> Envelope:
        """Tell the app something: `events_api`, `interactive` or `slash_commands`."""
        identity = str(uuid4())
        frame: dict[str, Any] = {"type": kind, "envelope_id": identity, "payload": payload}
        frame["accepts_response_payload"] = kind == "slash_commands"
        if kind == "events_api":
            frame |= {"retry_attempt": 0, "retry_reason": ""}
        envelope = Envelope(identity, frame)
        self.envelopes.append(envelope)
        await self._send(envelope)
        self._tasks.spawn(self._insist(envelope), f"envelope {identity}")
        return envelope

    async def redeliver(self, envelope: Envelope) -> None:
        """Send it once more, acknowledged or not."""
        await self._send(envelope)

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """End every connection, and say why: `refresh_requested`, `warning`, `link_disabled`."""
        for link in list(self._links):
            await link.send_str(json.dumps({"type": "disconnect", "reason": reason, "debug_info": {"host": "fake"}}))
            await link.close()

    async def drop(self) -> None:
        """Break every connection without a word."""
        for transport in self._transports.values():
            transport.abort()

    async def close(self) -> None:
        """End everything."""
        await self._tasks.close()
        for link in list(self._links):
            await link.close()

    def _take(self, said: dict[str, Any]) -> None:
        for envelope in self.envelopes:
            if envelope.id == said.get("envelope_id"):
                envelope.acks.append(said.get("payload"))
                envelope.acked.set()

    async def _send(self, envelope: Envelope) -> None:
        if not self._links:
            return
        if envelope.sent and envelope.frame["type"] == "events_api":
            envelope.frame |= {"retry_attempt": envelope.sent, "retry_reason": "timeout"}
        envelope.sent += 1
        await self._links[-1].send_str(json.dumps(envelope.frame))

    async def _insist(self, envelope: Envelope) -> None:
        while envelope.sent < TIMES:
            try:
                async with asyncio.timeout(self.ack_within):
                    await envelope.acked.wait()
                    return
            except TimeoutError:
                await self._send(envelope)


def _hello(number: int) -> dict[str, Any]:
    return {
        "type": "hello", "num_connections": number, "connection_info": {"app_id": APP},
        "debug_info": {"host": "fake", "build_number": 1, "approximate_connection_time": 18060},
    }  # fmt: skip
