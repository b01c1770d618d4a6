"""A preview in the form of one chat: only who asks for it loads what renders it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from cockpit.broadcast.dialects import DISCORD, MATTERMOST, ZULIP
from cockpit.broadcast.dialects import rendered as in_markdown
from cockpit.broadcast.sender import Outgoing
from cockpit.broadcast.slack.blocks import payload
from cockpit.config.broadcasting import BroadcastConfig, SlackDestination
from cockpit.config.load import read
from cockpit.config.model import Config
from cockpit.config.problems import ConfigError

_MARKDOWN = {"mattermost": MATTERMOST, "zulip": ZULIP, "discord": DISCORD}


def rendered(letters: bytes, dialect: str, config: Path | None) -> Mapping[str, Any]:
    """The letters of a preview by kind: text, or for Slack the JSON it is sent."""
    render = _slack(_broadcasting(config)) if dialect == "slack" else _markdown(dialect)
    found = msgspec.json.decode(letters, type=tuple[Outgoing, ...])
    return {letter.kind: render(letter) for letter in found if letter.message is not None}


def _slack(config: BroadcastConfig) -> Callable[[Outgoing], Any]:
    listening = any(isinstance(each, SlackDestination) and each.app_token for each in config.destinations)

    def render(letter: Outgoing) -> Any:
        assert letter.message is not None
        return payload(letter.message, config.people, listening=listening)

    return render


def _markdown(dialect: str) -> Callable[[Outgoing], Any]:
    return lambda letter: in_markdown(letter, _MARKDOWN[dialect])


def _broadcasting(path: Path | None) -> BroadcastConfig:
    """Whom a mention may name, as the config says; nobody where it cannot be read."""
    if path is None:
        return BroadcastConfig()
    try:
        return read(path, Config).broadcast
    except ConfigError:
        return BroadcastConfig()
