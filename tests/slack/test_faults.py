from __future__ import annotations

from collections.abc import Callable

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.chaos.harness import until
from tests.slack import faults
from tests.slack.client import client_of
from tests.slack.faults import Fault
from tests.slack.server import FakeSlack
from tests.slack.times import HandClock
from tests.slack.workspace import CHANNEL


async def raw(slack: FakeSlack, text: str = "x", patience: float = 5.0) -> tuple[int, str, str]:
    """One post with nothing between it and the wire: status, Retry-After or the kind of answer, and the body."""
    headers = {"Authorization": "Bearer xoxb-fake-full"}
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=patience)) as session:
        body = {"channel": CHANNEL, "text": text}
        async with session.post(slack.api + "chat.postMessage", json=body, headers=headers) as answer:
            said = answer.headers.get("Retry-After", answer.content_type)
            return answer.status, said, await answer.text()


@pytest.mark.parametrize(
    "fault, status, said, body",
    [
        (faults.too_many("0"), 429, "0", "ratelimited"),
        (faults.too_many("3600"), 429, "3600", "ratelimited"),
        (faults.too_many(None), 429, "application/json", "ratelimited"),
        (faults.too_many("soon"), 429, "soon", "ratelimited"),
        (faults.error("ratelimited"), 200, "application/json", '"ratelimited"'),
        (faults.error("rate_limited"), 200, "application/json", '"rate_limited"'),
        (faults.broken(500), 500, "text/plain", "500 upstream"),
        (faults.broken(503, html=True), 503, "text/html", "<html>"),
        (faults.captive_portal(), 200, "text/html", "Welcome"),
        (faults.plain(), 200, "text/plain", "all good"),
        (faults.bad_json(commit=False), 200, "application/json", '{"ok":tru'),
        (faults.error("fatal_error"), 200, "application/json", "fatal_error"),
    ],
)
async def test_a_fault_answers_in_slacks_place(
    slack: FakeSlack, fault: Fault, status: int, said: str, body: str
) -> None:
    slack.weather.add(fault)
    found = await raw(slack)
    assert found[:2] == (status, said) and body in found[2]
    assert not slack.books.everything() and slack.books.calls[-1].fault == fault.name
    assert (await raw(slack))[0] == 200
    assert slack.books.texts() == ["x"]


@pytest.mark.parametrize(
    "fault",
    [
        faults.too_many(commit=True), faults.error("internal_error", commit=True), faults.broken(commit=True),
        faults.plain(commit=True), faults.bad_json(),
    ],
)  # fmt: skip
async def test_a_fault_may_come_after_the_commit(slack: FakeSlack, fault: Fault) -> None:
    slack.weather.add(fault)
    assert '"ok": true' not in (await raw(slack))[2]
    assert slack.books.texts() == ["x"]


@pytest.mark.parametrize("commit", [True, False])
@pytest.mark.parametrize(
    "make, error",
    [(faults.truncated, aiohttp.ClientPayloadError), (faults.reset, aiohttp.ClientOSError)],
)
async def test_an_answer_gets_lost_on_its_way(
    slack: FakeSlack, make: Callable[..., Fault], error: type[Exception], commit: bool
) -> None:
    slack.weather.add(make(commit=commit))
    with pytest.raises(error):
        await raw(slack)
    assert len(slack.books.everything()) == commit


@pytest.mark.parametrize("commit", [True, False])
async def test_a_stall_lasts_until_the_caller_leaves(slack: FakeSlack, commit: bool) -> None:
    slack.weather.add(faults.stall(commit=commit))
    with pytest.raises(TimeoutError):
        await raw(slack, patience=0.1)
    assert len(slack.books.everything()) == commit


async def test_a_late_post_arrives_when_its_sender_has_left(slack: FakeSlack) -> None:
    slack.weather.add(faults.late())
    with pytest.raises(TimeoutError):
        await raw(slack, patience=0.1)
    await until(lambda: slack.books.calls[0].outcome)
    assert slack.books.texts() == ["x"]


async def test_history_may_lag_behind(slack: FakeSlack, client: AsyncWebClient, clock: HandClock) -> None:
    root = (await client.chat_postMessage(channel=CHANNEL, text="root"))["ts"]
    slack.weather.add(faults.hidden(10), "chat.postMessage", times=2)
    await client.chat_postMessage(channel=CHANNEL, text="reply", thread_ts=root)
    await client.chat_postMessage(channel=CHANNEL, text="top")

    async def seen() -> tuple[list[str], list[str]]:
        top = (await client.conversations_history(channel=CHANNEL))["messages"]
        replies = (await client.conversations_replies(channel=CHANNEL, ts=root))["messages"]
        return [each["text"] for each in top], [each["text"] for each in replies]

    clock.advance(9)
    assert await seen() == (["root"], ["root"])
    clock.advance(1)
    assert await seen() == (["top", "root"], ["root", "reply"])


async def test_rules_pick_their_calls(slack: FakeSlack, client: AsyncWebClient) -> None:
    slack.weather.add(faults.error("fatal_error"), "chat.*", skip=1, times=2)
    await client.auth_test()
    await client.chat_postMessage(channel=CHANNEL, text="one")
    for _ in range(2):
        with pytest.raises(SlackApiError):
            await client.chat_postMessage(channel=CHANNEL, text="two")
    await client.chat_postMessage(channel=CHANNEL, text="three")
    assert slack.books.texts() == ["one", "three"]


async def test_the_server_goes_away_and_comes_back_with_everything(slack: FakeSlack) -> None:
    await raw(slack, "before")
    port = slack.port
    await slack.down()
    with pytest.raises(aiohttp.ClientConnectorError):
        await raw(slack)
    await slack.up()
    await raw(slack, "after")
    assert (slack.port, slack.books.texts()) == (port, ["before", "after"])


async def test_slacks_own_client_sends_once(slack: FakeSlack) -> None:
    slack.weather.add(faults.reset())
    with pytest.raises(aiohttp.ClientError):
        await client_of(slack).chat_postMessage(channel=CHANNEL, text="x")
    assert len(slack.books.called("chat.postMessage")) == 1


async def test_who_watches_is_asked_before_the_rules(slack: FakeSlack) -> None:
    seen: list[str] = []

    def watch(method: str) -> Fault | None:
        seen.append(method)
        return faults.error("internal_error") if len(seen) == 1 else None

    slack.weather.watch = watch
    slack.weather.add(faults.error("fatal_error"))
    assert "internal_error" in (await raw(slack))[2]
    assert "fatal_error" in (await raw(slack))[2]
    assert (await raw(slack))[0] == 200 and seen == ["chat.postMessage"] * 3
