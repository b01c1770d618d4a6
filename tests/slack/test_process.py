from __future__ import annotations

from pathlib import Path

import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.slack import faults
from tests.slack.client import client_at
from tests.slack.faults import Rule
from tests.slack.remote import Remote, running
from tests.slack.steering import Act
from tests.slack.workspace import CHANNEL, FULL, Channel, Rules, Token


def reach(remote: Remote, token: str = FULL) -> AsyncWebClient:
    """A client of that process."""
    return client_at(remote.api, token)


async def test_a_process_keeps_its_workspace_in_a_file(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    async with running(state) as remote:
        await reach(remote).chat_postMessage(channel=CHANNEL, text="before")
    async with running(state) as remote:
        await reach(remote).chat_postMessage(channel=CHANNEL, text="after")
        assert (await remote.books()).texts() == ["before", "after"]


async def test_a_process_is_steered_from_outside() -> None:
    async with running() as remote:
        await remote.weather([Rule(fault=faults.error("fatal_error"), method="chat.postMessage")])
        with pytest.raises(SlackApiError, match="fatal_error"):
            await reach(remote).chat_postMessage(channel=CHANNEL, text="one")
        await remote.rules(Rules(post_every=3600.0))
        await remote.tokens({"xoxb-other": Token(("chat:write",))})
        await reach(remote, "xoxb-other").chat_postMessage(channel=CHANNEL, text="two")
        with pytest.raises(SlackApiError, match="ratelimited"):
            await reach(remote).chat_postMessage(channel=CHANNEL, text="three")
        await remote.advance(3601)
        await remote.act(Act(what="say", user="U0ADA", text="I am here"))
        await remote.channels(Channel(CHANNEL, "incident", set(), archived=True))
        with pytest.raises(SlackApiError, match="is_archived"):
            await reach(remote).chat_postMessage(channel=CHANNEL, text="four")
        books = await remote.books()
        assert books.texts() == ["two", "I am here"]
        assert [call.outcome for call in books.calls] == ["", "ok", "ratelimited", "is_archived"]
