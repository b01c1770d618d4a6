"""Slack's own client, as a test points it at the fake."""

from __future__ import annotations

from slack_sdk.web.async_client import AsyncWebClient

from tests.slack.server import FakeSlack
from tests.slack.workspace import FULL


def client_of(slack: FakeSlack, token: str = FULL, timeout: int = 5) -> AsyncWebClient:
    """Slack's own client, which retries nothing and knows no proxy."""
    return client_at(slack.api, token, timeout)


def client_at(api: str, token: str = FULL, timeout: int = 5) -> AsyncWebClient:
    """The same for an address."""
    client = AsyncWebClient(token=token, base_url=api, timeout=timeout, retry_handlers=[])
    client.proxy = None
    return client
