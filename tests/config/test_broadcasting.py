"""Destinations as people write them, and as the example shows them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest

from cockpit.config.broadcasting import Destination
from cockpit.config.load import parse
from cockpit.config.model import Config
from cockpit.config.problems import ConfigError

EXAMPLE = Path(__file__).parents[2] / "config.example.yaml"


def of(*destinations: str) -> str:
    return "\n".join(("version: 1", "broadcast:", "  destinations:", *(f"    - {each}" for each in destinations)))


def test_every_commented_destination_of_the_example_is_valid() -> None:
    shown = re.sub(r"(?m)^(  |    )# (- kind|  [a-z_]+:|statuspage:)", r"\1\2", EXAMPLE.read_text())
    config = parse(shown, "config.yaml", Config)
    kinds = {get_args(member)[0].model_fields["kind"].annotation for member in get_args(get_args(Destination)[0])}
    told = {destination.kind for destination in config.broadcast.destinations}
    assert told == {word for kind in kinds for word in get_args(kind)} and len(told) == 7
    assert config.broadcast.statuspage is not None


@pytest.mark.parametrize(
    ("destination", "problem"),
    [
        ("{kind: slack, channel: incidents, token: {env: T}}", "0.channel"),
        ("{kind: slack, channel: C012345, token: xoxb-1}", "0.token"),
        ("{kind: slack_webhook, url: 'https://hooks.slack.com/x'}", "0.url"),
        ("{kind: webhook, url: {env: U}, key: secret}", "0.key"),
        ("{kind: mattermost}", "0.url: is missing"),
        ("{kind: zulip, site: 'https://a', email: nobody, key: {env: K}, channel: ops}", "0.email"),
        ("{kind: discord, url: {env: U}, channel: ops}", "0.channel: unknown key"),
        ("{kind: file, path: a, fallback: [b]}", "there is no destination b to fall back to"),
        ("{kind: file, path: a, fallback: [file]}", "a destination cannot be its own fallback"),
        ("7", "kind must be one of"),
    ],
)
def test_what_is_wrong_with(destination: str, problem: str) -> None:
    with pytest.raises(ConfigError) as raised:
        parse(of(destination), "config.yaml", Config)
    assert problem in str(raised.value) and "xoxb" not in str(raised.value)


def test_routes_are_what_is_nobodys_fallback() -> None:
    text = of("{kind: file, name: a, path: a, fallback: [b]}", "{kind: file, name: b, path: b}")
    assert parse(text, "config.yaml", Config).broadcast.routes == ("a",)


def test_slack_is_not_left_to_call_us_silent_in_the_minute_in_which_it_takes_nothing_back() -> None:
    with pytest.raises(ConfigError, match="grace: must be 2m at least"):
        parse("version: 1\nbroadcast: {grace: 60s}", "config.yaml", Config)
    assert parse("version: 1\nbroadcast: {grace: 2m}", "config.yaml", Config).broadcast.grace == 120.0
