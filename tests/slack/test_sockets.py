from __future__ import annotations

import json
from typing import Any

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError

from tests.chaos.harness import until
from tests.slack.client import client_of
from tests.slack.errors import SlackError
from tests.slack.server import FakeSlack
from tests.slack.workspace import APP_LEVEL, CHANNEL, FULL

BUTTONS = {
    "type": "actions", "block_id": "help",
    "elements": [
        {"type": "button", "text": {"type": "plain_text", "text": "Help"}, "action_id": "help", "value": "inc"},
    ],
}  # fmt: skip


async def linked(slack: FakeSlack, session: aiohttp.ClientSession) -> aiohttp.ClientWebSocketResponse:
    """A connection that has been greeted."""
    url = (await client_of(slack, APP_LEVEL).apps_connections_open(app_token=APP_LEVEL))["url"]
    link = await session.ws_connect(url)
    assert (await link.receive_json())["type"] == "hello"
    return link


async def take(link: aiohttp.ClientWebSocketResponse, answer: dict[str, Any] | None = None) -> dict[str, Any]:
    """The next envelope, acknowledged."""
    found: dict[str, Any] = await link.receive_json()
    await link.send_str(json.dumps({"envelope_id": found["envelope_id"]} | ({"payload": answer} if answer else {})))
    return found


async def test_an_address_is_for_one_connection_and_for_the_token_of_an_app(slack: FakeSlack) -> None:
    with pytest.raises(SlackApiError, match="not_allowed_token_type"):
        await client_of(slack, FULL).apps_connections_open(app_token=FULL)
    url = (await client_of(slack, APP_LEVEL).apps_connections_open(app_token=APP_LEVEL))["url"]
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(url) as link:
            assert (await link.receive_json())["num_connections"] == 1
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(url)


async def test_a_click_comes_with_its_message_and_its_button(slack: FakeSlack) -> None:
    ts = (await client_of(slack).chat_postMessage(channel=CHANNEL, text="root", blocks=[BUTTONS]))["ts"]
    async with aiohttp.ClientSession() as session, await linked(slack, session) as link:
        envelope = await slack.people.click("U0ADA", ts, "help")
        told = await take(link)
        await until(envelope.acked.is_set)
        payload = told["payload"]
        assert (told["type"], payload["type"], payload["user"]["id"]) == ("interactive", "block_actions", "U0ADA")
        assert (payload["actions"][0]["value"], payload["message"]["ts"]) == ("inc", ts)
        async with session.post(payload["response_url"], json={"text": "thanks"}) as answer:
            assert answer.status == 200
    assert slack.sockets.responses == [(envelope.response_path, {"text": "thanks"})]
    with pytest.raises(SlackError):
        await slack.people.click("U0ADA", ts, "no-such-button")


async def test_a_command_can_be_answered_with_its_ack(slack: FakeSlack) -> None:
    async with aiohttp.ClientSession() as session, await linked(slack, session) as link:
        envelope = await slack.people.command("U0BEN", "status")
        told = await take(link, {"text": "all is well"})
        await until(envelope.acked.is_set)
    assert (told["payload"]["command"], told["payload"]["text"], told["payload"]["user_id"]) == (
        "/cockpit", "status", "U0BEN",
    )  # fmt: skip
    assert envelope.acks == [{"text": "all is well"}]


async def test_an_event_comes_again_until_it_is_acknowledged(slack: FakeSlack) -> None:
    slack.sockets.ack_within = 0.05
    ts = (await client_of(slack).chat_postMessage(channel=CHANNEL, text="root"))["ts"]
    async with aiohttp.ClientSession() as session, await linked(slack, session) as link:
        envelope = await slack.people.react("U0ADA", ts)
        first = await link.receive_json()
        second = await take(link)
        await until(envelope.acked.is_set)
        assert first["envelope_id"] == second["envelope_id"]
        assert (first["retry_attempt"], second["retry_attempt"]) == (0, 1)
        assert first["payload"]["event"]["item"] == {"type": "message", "channel": CHANNEL, "ts": ts}
        await slack.sockets.redeliver(envelope)
        assert (await take(link))["envelope_id"] == envelope.id
        await slack.people.unreact("U0ADA", ts)
        assert (await take(link))["payload"]["event"]["type"] == "reaction_removed"


async def test_what_comes_up_between_two_connections_waits(slack: FakeSlack) -> None:
    ts = (await client_of(slack).chat_postMessage(channel=CHANNEL, text="root"))["ts"]
    async with aiohttp.ClientSession() as session:
        link = await linked(slack, session)
        await slack.sockets.disconnect("warning")
        assert (await link.receive_json())["reason"] == "warning"
        assert (await link.receive()).type is aiohttp.WSMsgType.CLOSE
        await until(lambda: not slack.sockets.links)
        envelope = await slack.people.react("U0ADA", ts)
        async with await linked(slack, session) as again:
            assert (await take(again))["envelope_id"] == envelope.id
            await slack.sockets.drop()
            assert (await again.receive()).type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.ERROR)
        await until(lambda: not slack.sockets.links)
