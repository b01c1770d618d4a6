"""How a fake in a process of its own is steered and asked: over HTTP, beside what it imitates."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec
from aiohttp import web

from tests.slack.faults import Rule
from tests.slack.server import FakeSlack
from tests.slack.times import ShiftedClock
from tests.slack.workspace import CHANNEL, Channel, Rules, Token


class Act(msgspec.Struct, kw_only=True):
    """What a person is to do: `click`, `command`, `say`, `react` or `unreact`. `name` is a button or an emoji."""

    what: str
    user: str
    ts: str = ""
    name: str = ""
    text: str = ""
    channel: str = CHANNEL


_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Steering:
    """The routes below `/_fake`."""

    def __init__(self, slack: FakeSlack, clock: ShiftedClock) -> None:
        self._slack = slack
        self._clock = clock

    def routes(self) -> list[web.RouteDef]:
        """What can be asked for and ordered."""
        orders: dict[str, _Handler] = {
            "weather": self._weather, "rules": self._rules, "advance": self._advance, "tokens": self._tokens,
            "channels": self._channels, "act": self._act,
        }  # fmt: skip
        put = [web.put(f"/_fake/{name}", handler) for name, handler in orders.items()]
        return [web.get("/_fake/books", self._books), *put]

    async def _books(self, request: web.Request) -> web.StreamResponse:
        self._slack.books.space.settle(self._clock)
        return web.Response(body=msgspec.json.encode(self._slack.books), content_type="application/json")

    async def _weather(self, request: web.Request) -> web.StreamResponse:
        self._slack.weather.rules = msgspec.json.decode(await request.read(), type=list[Rule])
        return web.Response()

    async def _rules(self, request: web.Request) -> web.StreamResponse:
        self._slack.space.rules = msgspec.json.decode(await request.read(), type=Rules)
        return web.Response()

    async def _advance(self, request: web.Request) -> web.StreamResponse:
        self._clock.advance(msgspec.json.decode(await request.read(), type=float))
        return web.Response()

    async def _tokens(self, request: web.Request) -> web.StreamResponse:
        self._slack.space.tokens |= msgspec.json.decode(await request.read(), type=dict[str, Token])
        return web.Response()

    async def _channels(self, request: web.Request) -> web.StreamResponse:
        for channel in msgspec.json.decode(await request.read(), type=list[Channel]):
            self._slack.space.channels[channel.id] = channel
        return web.Response()

    async def _act(self, request: web.Request) -> web.StreamResponse:
        act, people = msgspec.json.decode(await request.read(), type=Act), self._slack.people
        match act.what:
            case "click":
                await people.click(act.user, act.ts, act.name, act.text, act.channel)
            case "command":
                await people.command(act.user, act.text, act.name or "/cockpit", act.channel)
            case "say":
                await people.say(act.user, act.text, act.channel, act.ts)
            case "react":
                await people.react(act.user, act.ts, act.name or "pushpin", act.channel)
            case "unreact":
                await people.unreact(act.user, act.ts, act.name or "pushpin", act.channel)
            case _:
                return web.Response(status=400, text=f"nobody can {act.what}\n")
        return web.Response()
