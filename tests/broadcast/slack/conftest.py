"""A fake Slack, a sender for its channel, and the letters that it carries."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from cockpit.broadcast.message import Card, Direct, Message, Post, Switch
from cockpit.broadcast.sender import Kind, Outgoing
from cockpit.broadcast.senders.slack import SlackSender
from cockpit.clock import SECOND
from cockpit.config.broadcasting import SlackDestination
from cockpit.config.fields import EnvReference
from tests.slack.server import FakeSlack
from tests.slack.times import HandClock
from tests.slack.workspace import CHANNEL, FULL

PEOPLE = {"ada": "U0ADA"}
MakeSender = Callable[..., SlackSender]
Letter = Callable[..., Outgoing]
_KINDS: dict[type, Kind] = {Card: "card", Post: "thread", Switch: "switch", Direct: "direct"}


def card(**changes: Any) -> Card:
    """A card of which a part may be changed."""
    parts = {
        "headline": "SEV1 - Logins failing - Investigating", "act": "Needed: ada.", "impact": "since 10:00 UTC.",
        "measured": "", "unaffected": "", "know": "5xx", "doing": "", "unknown": "", "people": "", "due": "",
        "footer": "INC-7, update 1, as of 10:02 UTC", "incident": "INC-7",
    }  # fmt: skip
    return Card(**{**parts, **changes})


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
def make_sender(slack: FakeSlack, clock: HandClock) -> MakeSender:
    """A sender for the fake's channel."""

    def make(
        token: str = FULL, *, channel: str = CHANNEL, api: str = "", deadline: float = 5.0,
        environ: dict[str, str] | None = None, ours: HandClock | None = None, **config: Any,
    ) -> SlackSender:  # fmt: skip
        reference = EnvReference(env="SLACK_TOKEN")
        made = SlackDestination(kind="slack", channel=channel, token=reference, api=api or slack.api, **config)
        return SlackSender(made, token, PEOPLE, environ=environ or {}, clock=ours or clock, deadline=deadline)

    return make


@pytest.fixture
def sender(make_sender: MakeSender) -> SlackSender:
    """One that may do everything."""
    return make_sender()


@pytest.fixture
def letter(clock: HandClock) -> Letter:
    """A letter with this message, written now."""
    written = 0

    def write(message: Message, key: str = "", **more: Any) -> Outgoing:
        nonlocal written
        written += 1
        kind = _KINDS[type(message)]
        return Outgoing(
            key or f"INC-7/{written}", kind, clock.now(), "INC-7", "\n".join(message.lines), message, **more
        )

    return write


@pytest.fixture
def in_seconds(clock: HandClock) -> Callable[[float], int]:
    """The moment so many seconds from now."""
    return lambda seconds: clock.now() + int(seconds * SECOND)
