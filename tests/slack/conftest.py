"""A fake Slack whose clock is moved by hand, and a client for it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from tests.slack.client import client_of
from tests.slack.server import FakeSlack
from tests.slack.times import HandClock


@pytest.fixture
def clock() -> HandClock:
    """Time stands still."""
    return HandClock()


@pytest.fixture
async def slack(clock: HandClock) -> AsyncIterator[FakeSlack]:
    """A workspace with nothing in it yet."""
    async with FakeSlack(clock=clock) as server:
        yield server


@pytest.fixture
def client(slack: FakeSlack) -> AsyncWebClient:
    """A client that may do everything."""
    return client_of(slack)
