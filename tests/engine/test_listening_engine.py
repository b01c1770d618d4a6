"""A whole engine that listens: from the button on the card that it posted itself to the people on every screen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from cockpit.clock import SystemClock
from cockpit.config.load import parse
from cockpit.config.model import Config
from cockpit.engine.engine import Engine
from cockpit.platform.places import Places
from cockpit.protocol.client import Client
from cockpit.protocol.commands import Declare
from cockpit.protocol.views import HeaderView, PeopleView
from tests.slack.server import FakeSlack
from tests.slack.workspace import APP_LEVEL, CHANNEL, FULL

CONFIG = """\
version: 1
services: []
broadcast:
  floor: 0s
  people: {{ada: U0ADA}}
  destinations:
    - {{kind: slack, channel: {channel}, token: {{env: BOT}}, app_token: {{env: APP}}, api: '{api}'}}
"""


@pytest.fixture(autouse=True)
def _tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOT", FULL)
    monkeypatch.setenv("APP", APP_LEVEL)


@pytest.fixture
async def slack() -> AsyncIterator[FakeSlack]:
    async with FakeSlack() as fake:
        yield fake


@asynccontextmanager
async def attached(home: Path, slack: FakeSlack) -> AsyncIterator[Client]:
    places = Places(home)
    places.make()
    config = parse(CONFIG.format(channel=CHANNEL, api=slack.api), "config.yaml", Config)
    engine = await Engine.open(
        places, config, SystemClock(), profile="test", config_path="", drill="", shutdown=lambda: None
    )
    try:
        async with asyncio.timeout(30):
            await engine.start()
            client = await Client.connect(places.socket, actor="ada", panes=True, after=0)
            yield client
            await client.close()
    finally:
        await engine.close()


async def shown(client: Client, kind: type[HeaderView] | type[PeopleView], so: Callable[[str], bool]) -> None:
    """Wait until a pane of that kind says it."""
    async for message in client.messages():
        if isinstance(message, kind) and so(str(message)):
            return
    raise AssertionError("the engine went away")


async def test_a_click_on_the_card_is_an_offer_on_every_screen(tmp_path: Path, slack: FakeSlack) -> None:
    async with attached(tmp_path / "home", slack) as client:
        assert (await client.do(Declare(title="Logins fail", severity="SEV1"))).ok
        await slack.sockets.connected.wait()
        while not slack.books.top():  # noqa: ASYNC110 - the card is within the fake
            await asyncio.sleep(0.01)
        await slack.people.click("U0EVE", slack.books.top()[0].ts, "cockpit.help", "INC-1")
        await shown(client, PeopleView, lambda people: "eve" in people and "offered=True" in people)
        status = await slack.people.command("U0EVE", "status")
        await status.acked.wait()
        assert status.acks[0]["text"].startswith("SEV1 - Logins fail")


async def test_a_line_that_cannot_be_had_is_an_alarm_on_every_screen(tmp_path: Path, slack: FakeSlack) -> None:
    slack.space.tokens[APP_LEVEL].refused = "token_revoked"
    async with attached(tmp_path / "home", slack) as client:
        await shown(client, HeaderView, lambda header: "buttons and pushpins are not heard" in header)
        assert (await client.do(Declare(title="Logins fail", severity="SEV1"))).ok
