from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from tests.slack import faults
from tests.slack.server import FakeSlack
from tests.slack.workspace import CHANNEL


async def hook(url: str, body: dict[str, Any]) -> tuple[int, str]:
    """What a webhook answers."""
    async with aiohttp.ClientSession() as session, session.post(url, json=body) as answer:
        return answer.status, await answer.text()


async def test_a_webhook_takes_a_post_and_says_ok(slack: FakeSlack) -> None:
    assert await hook(slack.webhook, {"text": "hello", "blocks": [{"type": "divider"}]}) == (200, "ok")
    assert [(each.text, each.webhook) for each in slack.books.everything()] == [("hello", True)]


@pytest.mark.parametrize(
    "body, status, code",
    [
        ({}, 400, "no_text"),
        ({"text": "x", "surprise": 1}, 400, "invalid_payload"),
        ({"text": "x", "blocks": [{"type": "what"}]}, 400, "invalid_blocks"),
    ],
)
async def test_a_webhook_refuses_in_plain_words(slack: FakeSlack, body: dict[str, Any], status: int, code: str) -> None:
    assert await hook(slack.webhook, body) == (status, code)
    assert not slack.books.everything()


async def test_a_webhook_may_be_gone_or_its_channel_archived(slack: FakeSlack) -> None:
    slack.space.channels[CHANNEL].archived = True
    assert await hook(slack.webhook, {"text": "x"}) == (410, "channel_is_archived")
    slack.space.webhooks.clear()
    assert await hook(slack.webhook, {"text": "x"}) == (404, "no_service")


async def test_a_webhook_meets_faults_too(slack: FakeSlack) -> None:
    slack.weather.add(faults.too_many("3600"), "webhook")
    slack.weather.add(faults.reset(), "webhook")
    assert (await hook(slack.webhook, {"text": "one"}))[0] == 429
    with pytest.raises(aiohttp.ClientError):
        await hook(slack.webhook, {"text": "two"})
    assert slack.books.texts() == ["two"]
