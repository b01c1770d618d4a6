"""From a config to senders; what lacks its secret stops nothing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from cockpit.broadcast.sender import Ambiguous, Outgoing, Refused, Sender, Thread
from cockpit.broadcast.senders.make import make
from cockpit.config.load import parse
from cockpit.config.model import Config
from cockpit.config.secrets import resolve
from cockpit.web import Reply

DESTINATIONS = """\
version: 1
broadcast:
  destinations:
    - {kind: file, path: updates.jsonl}
    - {kind: slack, channel: C0123456789, token: {env: SLACK_TOKEN}}
    - {kind: slack, name: quiet, channel: C0123456789, token: {env: SLACK_TOKEN}, switch: false}
    - {kind: slack_webhook, url: {env: SLACK_URL}}
    - {kind: webhook, url: "https://example.org/in", key: {env: WEBHOOK_KEY}}
    - {kind: mattermost, url: {env: MATTERMOST_URL}}
    - {kind: zulip, site: "https://chat.example", email: bot@chat.example, key: {env: ZULIP_KEY}, channel: ops}
    - {kind: discord, url: {env: DISCORD_URL}}
"""
SECRETS = {
    "SLACK_TOKEN": "xoxb-hunter22", "SLACK_URL": "https://hooks.example/hunter22", "WEBHOOK_KEY": "hunter22",
    "MATTERMOST_URL": "https://chat.example/hooks/hunter22", "ZULIP_KEY": "hunter22",
    "DISCORD_URL": "https://discord.example/api/webhooks/1/hunter22",
}  # fmt: skip
LETTER = Outgoing("u:file:thread", "thread", 1, "INC-1", "hello")


async def nobody(url: str, within: float, **_: object) -> Reply:
    raise AssertionError("nothing is asked")


def made(environ: Mapping[str, str], base: Path) -> dict[str, Sender]:
    config = parse(DESTINATIONS, "config.yaml", Config)
    secrets = resolve(config, environ, "config.yaml")
    return make(config.broadcast.destinations, secrets.reveal, base, nobody)


def test_each_has_its_sender_by_name(tmp_path: Path) -> None:
    senders = made(SECRETS, tmp_path)
    names = ["file", "slack", "quiet", "slack-webhook", "webhook", "mattermost", "zulip", "discord"]
    assert list(senders) == names == [sender.name for sender in senders.values()]
    assert "hunter22" not in repr(senders)


def test_one_without_its_secret_takes_what_it_would_take_with_it(tmp_path: Path) -> None:
    whole, unset = made(SECRETS, tmp_path), made({}, tmp_path)
    assert {name: sender.takes for name, sender in unset.items()} == {
        name: sender.takes for name, sender in whole.items()
    }


async def test_one_without_its_secret_says_so_for_ever(tmp_path: Path) -> None:
    senders = made({}, tmp_path)
    for name, variable in (
        ("slack", "SLACK_TOKEN"), ("slack-webhook", "SLACK_URL"), ("webhook", "WEBHOOK_KEY"),
        ("mattermost", "MATTERMOST_URL"), ("zulip", "ZULIP_KEY"), ("discord", "DISCORD_URL"),
    ):  # fmt: skip
        why = f"the environment variable {variable} is not set"
        wire = senders[name].wire(LETTER, Thread())
        assert wire == senders[name].minimal(LETTER, Thread())
        assert await senders[name].send(wire) == Refused(why, fault="configuration")
        assert await senders[name].find(LETTER, wire) == Ambiguous(why)


@pytest.mark.parametrize(
    "value", ["hunter22", "ftp://hunter22", "https://", "http://[hunter22", "https://a:999999/hunter22", "https://a\nb"]
)
async def test_a_secret_that_is_no_address_is_not_repeated(value: str, tmp_path: Path) -> None:
    for name, variable in (
        ("slack-webhook", "SLACK_URL"),
        ("mattermost", "MATTERMOST_URL"),
        ("discord", "DISCORD_URL"),
    ):
        sender = made({**SECRETS, variable: value}, tmp_path)[name]
        refused = await sender.send(sender.wire(LETTER, Thread()))
        why = f"the environment variable {variable} does not hold an http or https address"
        assert refused == Refused(why, fault="configuration")


def test_who_does_not_write_to_slack_does_not_load_its_client() -> None:
    program = "import sys, cockpit.broadcast.senders.make; sys.exit('slack_sdk' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
