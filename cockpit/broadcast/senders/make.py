"""The senders that a config asks for."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from cockpit.broadcast.sender import Kind, Sender
from cockpit.broadcast.senders import discord, file, mattermost, slack_webhook, webhook, zulip
from cockpit.broadcast.senders.unset import UnsetSender
from cockpit.broadcast.slack.mrkdwn import NOBODY
from cockpit.config.broadcasting import (
    Destination,
    DiscordDestination,
    FileDestination,
    MattermostDestination,
    SlackDestination,
    SlackWebhookDestination,
    WebhookDestination,
    ZulipDestination,
)
from cockpit.config.fields import URL, EnvReference, FileReference
from cockpit.config.secrets import missing
from cockpit.web import Ask

Reveal = Callable[[str | EnvReference | FileReference], str]
"""The value of a setting, out of the environment where it is a secret; KeyError when that is unset."""
TAKES: Mapping[str, frozenset[Kind]] = {
    "file": frozenset({"card", "thread"}),
    "slack": frozenset({"card", "thread", "switch", "direct"}),
    "slack_webhook": slack_webhook.TAKES,
    "webhook": webhook.TAKES,
    "mattermost": mattermost.TAKES,
    "zulip": zulip.TAKES,
    "discord": discord.TAKES,
}
"""The kinds of letter that each kind of destination carries, whether it can be reached or not."""


class _Unfit(Exception):
    """A secret that is there, and cannot be what it should be; the text repeats nothing of it."""


def make(
    destinations: Sequence[Destination], reveal: Reveal, base: Path, ask: Ask, people: Mapping[str, str] = NOBODY
) -> dict[str, Sender]:
    """One sender for each destination, by name; `base` is where relative paths begin, `people` are ids in Slack.

    One whose secret is unset or unfit refuses its letters and says so.
    """
    return {each.name: _make(each, reveal, base, ask, people) for each in destinations}


def _make(destination: Destination, reveal: Reveal, base: Path, ask: Ask, people: Mapping[str, str]) -> Sender:
    try:
        return _fit(destination, reveal, base, ask, people)
    except KeyError as unset:
        why = missing(str(unset.args[0]))
    except _Unfit as unfit:
        why = str(unfit)
    takes = TAKES[destination.kind]
    if isinstance(destination, SlackDestination) and not destination.switch:
        takes -= {"switch"}
    return UnsetSender(destination.name, takes, why)


def _fit(destination: Destination, reveal: Reveal, base: Path, ask: Ask, people: Mapping[str, str]) -> Sender:
    name = destination.name
    match destination:
        case FileDestination(path=path):
            return file.FileSender(name, base / Path(path).expanduser())
        case SlackWebhookDestination(url=url):
            return slack_webhook.SlackWebhookSender(name, _address(url, reveal), ask)
        case WebhookDestination(url=url, key=key):
            return webhook.WebhookSender(name, _address(url, reveal), reveal(key) if key else "", ask)
        case MattermostDestination(url=url):
            return mattermost.MattermostSender(name, _address(url, reveal), ask)
        case ZulipDestination(key=key):
            return zulip.ZulipSender(destination, reveal(key), ask)
        case DiscordDestination(url=url):
            return discord.DiscordSender(name, _address(url, reveal), ask)
        case SlackDestination(token=token):
            # Slack's client is half a second and twelve megabytes: who does not write there does without.
            from cockpit.broadcast.senders.slack import SlackSender

            return SlackSender(destination, reveal(token), people)


def _address(url: str | EnvReference | FileReference, reveal: Reveal) -> str:
    value = reveal(url)
    called = "url is not" if isinstance(url, str) else f"{url.words} does not hold"
    try:
        # The port is looked at where it is asked for.
        if re.fullmatch(rf"{URL}\S*", value) and urlsplit(value).port != 0:
            return str(httpx.URL(value))
    except (httpx.InvalidURL, ValueError):
        pass
    raise _Unfit(f"{called} an http or https address")
