from __future__ import annotations

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.slack.server import FakeSlack
from tests.slack.times import HandClock
from tests.slack.workspace import CHANNEL, OUTSIDE, PRIVATE


async def fill(client: AsyncWebClient, clock: HandClock, number: int, thread: str | None = None) -> list[str]:
    """The times of so many messages, a second apart."""
    found = []
    for each in range(number):
        clock.advance(1)
        found.append((await client.chat_postMessage(channel=CHANNEL, text=f"m{each}", thread_ts=thread))["ts"])
    return found


async def test_history_shows_fifteen_at_a_time_the_newest_first(client: AsyncWebClient, clock: HandClock) -> None:
    stamps = await fill(client, clock, 33)
    found, cursor, pages = [], "", 0
    while True:
        told = await client.conversations_history(channel=CHANNEL, limit=200, cursor=cursor or None)
        found += [each["ts"] for each in told["messages"]]
        pages, cursor = pages + 1, told["response_metadata"]["next_cursor"]
        if not told["has_more"]:
            break
    assert (found, pages) == (stamps[::-1], 3)


async def test_history_keeps_to_its_bounds(client: AsyncWebClient, clock: HandClock) -> None:
    stamps = await fill(client, clock, 5)
    without = await client.conversations_history(channel=CHANNEL, oldest=stamps[1], latest=stamps[3])
    including = await client.conversations_history(channel=CHANNEL, oldest=stamps[1], latest=stamps[3], inclusive=True)
    assert [each["ts"] for each in without["messages"]] == [stamps[2]]
    assert [each["ts"] for each in including["messages"]] == stamps[3:0:-1]


async def test_replies_are_not_in_history_unless_they_were_broadcast(client: AsyncWebClient) -> None:
    root = (await client.chat_postMessage(channel=CHANNEL, text="root"))["ts"]
    await client.chat_postMessage(channel=CHANNEL, text="reply", thread_ts=root)
    await client.chat_postMessage(channel=CHANNEL, text="loud", thread_ts=root, reply_broadcast=True)
    told = (await client.conversations_history(channel=CHANNEL))["messages"]
    assert [(each["text"], each.get("reply_count")) for each in told] == [("loud", None), ("root", 2)]


async def test_replies_come_in_pages_with_their_parent_on_each(client: AsyncWebClient, clock: HandClock) -> None:
    root = (await client.chat_postMessage(channel=CHANNEL, text="root"))["ts"]
    stamps = await fill(client, clock, 20, root)
    first = await client.conversations_replies(channel=CHANNEL, ts=root)
    second = await client.conversations_replies(
        channel=CHANNEL, ts=root, cursor=first["response_metadata"]["next_cursor"]
    )
    assert [each["ts"] for each in first["messages"]] == [root, *stamps[:15]]
    assert [each["ts"] for each in second["messages"]] == [root, *stamps[15:]] and not second["has_more"]


async def test_what_cannot_be_read_is_refused(slack: FakeSlack, client: AsyncWebClient) -> None:
    with pytest.raises(SlackApiError, match="not_in_channel"):
        await client.conversations_history(channel=OUTSIDE)
    with pytest.raises(SlackApiError, match="thread_not_found"):
        await client.conversations_replies(channel=CHANNEL, ts="1763635620.000001")
    with pytest.raises(SlackApiError, match="invalid_cursor"):
        await client.conversations_history(channel=CHANNEL, cursor="nonsense")
    slack.space.channels[PRIVATE].members.clear()
    with pytest.raises(SlackApiError, match="channel_not_found"):
        await client.conversations_info(channel=PRIVATE)


async def test_a_message_is_pinned_once_and_a_hundred_at_most(slack: FakeSlack, client: AsyncWebClient) -> None:
    ts = (await client.chat_postMessage(channel=CHANNEL, text="root"))["ts"]
    await client.pins_add(channel=CHANNEL, timestamp=ts)
    with pytest.raises(SlackApiError, match="already_pinned"):
        await client.pins_add(channel=CHANNEL, timestamp=ts)
    assert slack.books.pins() == [ts]
    slack.space.channels[CHANNEL].pins = [str(number) for number in range(100)]
    with pytest.raises(SlackApiError, match="too_many_pins"):
        await client.pins_add(channel=CHANNEL, timestamp=ts)


async def test_the_small_methods(slack: FakeSlack, client: AsyncWebClient) -> None:
    direct = (await client.conversations_open(users="U0ADA"))["channel"]["id"]
    await client.chat_postMessage(channel="U0ADA", text="just you")
    assert slack.books.texts(direct) == ["just you"]
    ts = (await client.chat_postMessage(channel=CHANNEL, text="root"))["ts"]
    assert (await client.chat_getPermalink(channel=CHANNEL, message_ts=ts))["permalink"].endswith(ts.replace(".", ""))
    await client.reactions_add(channel=CHANNEL, timestamp=ts, name="eyes")
    assert (await client.users_info(user="U0ADA"))["user"]["name"] == "ada"
    assert (await client.conversations_info(channel=CHANNEL))["channel"]["is_member"]
    await client.chat_postEphemeral(channel=CHANNEL, user="U0ADA", text="psst")
    assert [each.text for each in slack.books.space.ephemerals] == ["psst"]
    assert len(slack.books.everything()) == 1


async def test_blocks_are_validated_without_posting_them(slack: FakeSlack, client: AsyncWebClient) -> None:
    await client.api_call("blocks.validate", json={"message": {"blocks": [{"type": "divider"}]}})
    with pytest.raises(SlackApiError) as refused:
        await client.api_call("blocks.validate", json={"blocks": [{"type": "section"}]})
    assert refused.value.response["errors"][0]["pointer"] == "/0"
    assert not slack.books.everything()
