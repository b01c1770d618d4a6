from __future__ import annotations

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from cockpit.clock import SECOND
from tests.slack.client import client_of
from tests.slack.server import FakeSlack
from tests.slack.times import HandClock
from tests.slack.workspace import APP_LEVEL, ARCHIVED, CHANNEL, OUTSIDE, WRITE_ONLY

SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "hello"}}
KEY = {"event_type": "cockpit", "event_payload": {"key": "a"}}


async def test_a_post_stands_in_the_channel_with_its_metadata(slack: FakeSlack, client: AsyncWebClient) -> None:
    sent = await client.chat_postMessage(channel=CHANNEL, text="hello", blocks=[SECTION], metadata=KEY)
    assert sent["ok"] and sent["channel"] == CHANNEL and "thread_ts" not in sent["message"]
    (message,) = slack.books.everything()
    assert (message.ts, message.text, message.metadata, message.key) == (sent["ts"], "hello", KEY, "a")


async def test_metadata_is_shown_to_those_only_who_ask(slack: FakeSlack, client: AsyncWebClient) -> None:
    await client.chat_postMessage(channel=CHANNEL, text="hello", metadata=KEY)
    plain = await client.conversations_history(channel=CHANNEL)
    asked = await client.conversations_history(channel=CHANNEL, include_all_metadata=True)
    assert [each.get("metadata") for each in plain["messages"]] == [None]
    assert [each.get("metadata") for each in asked["messages"]] == [KEY]


async def test_a_missing_parent_posts_at_top_level_in_silence(slack: FakeSlack, client: AsyncWebClient) -> None:
    root = await client.chat_postMessage(channel=CHANNEL, text="root")
    reply = await client.chat_postMessage(channel=CHANNEL, text="reply", thread_ts=root["ts"])
    assert reply["message"]["thread_ts"] == root["ts"]
    await client.chat_delete(channel=CHANNEL, ts=root["ts"])
    stray = await client.chat_postMessage(channel=CHANNEL, text="stray", thread_ts=root["ts"])
    assert "thread_ts" not in stray["message"]
    assert [each.text for each in slack.books.strays()] == ["stray"]


async def test_text_without_blocks_removes_the_blocks(slack: FakeSlack, client: AsyncWebClient) -> None:
    ts = (await client.chat_postMessage(channel=CHANNEL, text="one", blocks=[SECTION]))["ts"]
    await client.chat_update(channel=CHANNEL, ts=ts, text="two", blocks=[SECTION])
    assert [(each.edited, each.blocks) for each in slack.books.everything()] == [(False, [SECTION])]
    await client.chat_update(channel=CHANNEL, ts=ts, text="three")
    assert [(each.edited, each.blocks) for each in slack.books.everything()] == [(True, [])]
    assert [each.revisions for each in slack.books.everything()] == [["one", "two"]]


@pytest.mark.parametrize(
    "method, args, code",
    [
        ("chat.postMessage", {"channel": CHANNEL}, "no_text"),
        ("chat.postMessage", {"channel": CHANNEL, "text": "x" * 40_001}, "msg_too_long"),
        ("chat.postMessage", {"channel": CHANNEL, "text": "x", "blocks": [SECTION] * 51}, "invalid_blocks"),
        ("chat.postMessage", {"channel": CHANNEL, "text": "x", "blocks": "[nonsense"}, "invalid_blocks_format"),
        ("chat.postMessage", {"channel": CHANNEL, "text": "x", "metadata": {"a": 1}}, "invalid_metadata_format"),
        (
            "chat.postMessage",
            {"channel": CHANNEL, "text": "x", "metadata": {"event_type": "a", "event_payload": {"b": [1]}}},
            "invalid_metadata_schema",
        ),
        (
            "chat.postMessage",
            {"channel": CHANNEL, "text": "x", "metadata": {"event_type": "a", "event_payload": {"b": None}}},
            "invalid_metadata_schema",
        ),
        (
            "chat.postMessage",
            {"channel": CHANNEL, "text": "x", "metadata": {"event_type": "a", "event_payload": {"b": "c" * 16_000}}},
            "metadata_too_large",
        ),
        ("chat.postMessage", {"channel": OUTSIDE, "text": "x"}, "not_in_channel"),
        ("chat.postMessage", {"channel": ARCHIVED, "text": "x"}, "is_archived"),
        ("chat.postMessage", {"channel": "#incident", "text": "x"}, "channel_not_found"),
        ("chat.postMessage", {"channel": CHANNEL, "text": "x", "surprise": 1}, "invalid_arguments"),
        ("chat.update", {"channel": CHANNEL, "ts": "1763635620.000099", "text": "x"}, "message_not_found"),
        ("chat.nothing", {}, "unknown_method"),
    ],
)  # fmt: skip
async def test_every_refusal_has_slacks_own_code(
    slack: FakeSlack, client: AsyncWebClient, method: str, args: dict[str, object], code: str
) -> None:
    with pytest.raises(SlackApiError) as refused:
        await client.api_call(method, json=args)
    assert refused.value.response["error"] == code
    assert not slack.books.everything() and slack.books.calls[-1].outcome == code


async def test_a_text_that_can_be_posted_may_be_too_long_for_an_edit(client: AsyncWebClient) -> None:
    ts = (await client.chat_postMessage(channel=CHANNEL, text="x" * 4001))["ts"]
    with pytest.raises(SlackApiError, match="msg_too_long"):
        await client.chat_update(channel=CHANNEL, ts=ts, text="x" * 4001)


async def test_what_was_posted_long_ago_cannot_be_edited(
    slack: FakeSlack, client: AsyncWebClient, clock: HandClock
) -> None:
    slack.space.rules.edit_window = 60
    ts = (await client.chat_postMessage(channel=CHANNEL, text="x"))["ts"]
    clock.advance(61)
    with pytest.raises(SlackApiError, match="edit_window_closed"):
        await client.chat_update(channel=CHANNEL, ts=ts, text="y")


async def test_blocks_say_where_they_are_wrong(client: AsyncWebClient) -> None:
    header = {"type": "header", "text": {"type": "mrkdwn", "text": "x"}}
    with pytest.raises(SlackApiError) as refused:
        await client.chat_postMessage(channel=CHANNEL, text="x", blocks=[SECTION, header])
    assert refused.value.response["errors"] == ["unsupported type: mrkdwn [json-pointer:/blocks/1/text/type]"]


async def test_all_texts_together_have_a_budget(client: AsyncWebClient) -> None:
    long = {"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2_600}}
    with pytest.raises(SlackApiError, match="msg_blocks_too_long"):
        await client.chat_postMessage(channel=CHANNEL, text="x", blocks=[long] * 4)


async def test_tokens_are_asked_for_and_have_scopes(slack: FakeSlack, client: AsyncWebClient) -> None:
    told = await client.auth_test()
    assert "channels:history" in told.headers["x-oauth-scopes"] and told["bot_id"] == "B0COCKPIT"
    with pytest.raises(SlackApiError) as refused:
        await client_of(slack, WRITE_ONLY).conversations_history(channel=CHANNEL)
    assert refused.value.response["needed"] == "channels:history"
    for token, code in (("", "not_authed"), ("xoxb-other", "invalid_auth"), (APP_LEVEL, "not_allowed_token_type")):
        with pytest.raises(SlackApiError, match=code):
            await client_of(slack, token).auth_test()
    slack.space.tokens[WRITE_ONLY].refused = "token_revoked"
    with pytest.raises(SlackApiError, match="token_revoked"):
        await client_of(slack, WRITE_ONLY).auth_test()


async def test_more_than_a_post_a_second_is_too_many(
    slack: FakeSlack, client: AsyncWebClient, clock: HandClock
) -> None:
    slack.space.rules.post_every = 1.0
    await client.chat_postMessage(channel=CHANNEL, text="one")
    with pytest.raises(SlackApiError) as refused:
        await client.chat_postMessage(channel=CHANNEL, text="two")
    assert (refused.value.response.status_code, refused.value.response.headers["Retry-After"]) == (429, "1")
    clock.advance(1)
    await client.chat_postMessage(channel=CHANNEL, text="two")
    assert slack.books.texts() == ["one", "two"]


async def test_a_form_is_taken_as_json_is(slack: FakeSlack, client: AsyncWebClient) -> None:
    await client.api_call(
        "chat.postMessage", data={"channel": CHANNEL, "text": "form", "blocks": '[{"type":"divider"}]'}
    )
    assert slack.books.everything()[0].blocks == [{"type": "divider"}]


async def test_a_scheduled_message_comes_when_its_time_has_come(
    slack: FakeSlack, client: AsyncWebClient, clock: HandClock
) -> None:
    at = clock.now() // SECOND + 300
    root = (await client.chat_postMessage(channel=CHANNEL, text="root"))["ts"]
    made = await client.chat_scheduleMessage(channel=CHANNEL, text="silent", post_at=at, thread_ts=root)
    listed = await client.chat_scheduledMessages_list(channel=CHANNEL)
    assert [each["id"] for each in listed["scheduled_messages"]] == [made["scheduled_message_id"]]
    clock.advance(299)
    assert slack.space and slack.books.texts() == ["root"]
    clock.advance(1)
    assert slack.space and [each.text for each in slack.books.thread(root)] == ["silent"]
    assert not slack.books.waiting()


async def test_a_scheduled_message_can_be_deleted_until_a_minute_before(
    slack: FakeSlack, client: AsyncWebClient, clock: HandClock
) -> None:
    at = clock.now() // SECOND + 300
    first = await client.chat_scheduleMessage(channel=CHANNEL, text="a", post_at=at)
    second = await client.chat_scheduleMessage(channel=CHANNEL, text="b", post_at=at)
    await client.chat_deleteScheduledMessage(channel=CHANNEL, scheduled_message_id=first["scheduled_message_id"])
    clock.advance(241)
    for each in (first, second):
        with pytest.raises(SlackApiError, match="invalid_scheduled_message_id"):
            await client.chat_deleteScheduledMessage(channel=CHANNEL, scheduled_message_id=each["scheduled_message_id"])
    clock.advance(60)
    assert slack.space and slack.books.texts() == ["b"]


async def test_what_is_scheduled_with_metadata_never_comes(
    slack: FakeSlack, client: AsyncWebClient, clock: HandClock
) -> None:
    at = clock.now() // SECOND + 300
    await client.chat_scheduleMessage(channel=CHANNEL, text="a", post_at=at, metadata=KEY)
    clock.advance(301)
    assert slack.space and not slack.books.everything()
    assert [each.state for each in slack.books.space.scheduled] == ["lost"]


async def test_times_that_cannot_be_scheduled_are_refused(client: AsyncWebClient, clock: HandClock) -> None:
    now = clock.now() // SECOND
    for at, code in ((now, "time_in_past"), (now + 121 * 86_400, "time_too_far")):
        with pytest.raises(SlackApiError, match=code):
            await client.chat_scheduleMessage(channel=CHANNEL, text="a", post_at=at)
    for _ in range(30):
        await client.chat_scheduleMessage(channel=CHANNEL, text="a", post_at=now + 500)
    with pytest.raises(SlackApiError, match="restricted_too_many"):
        await client.chat_scheduleMessage(channel=CHANNEL, text="a", post_at=now + 700)
    await client.chat_scheduleMessage(channel=CHANNEL, text="a", post_at=now + 900)
