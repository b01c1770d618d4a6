"""Where updates go, how often they are due, and whom they may name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator

from cockpit.config.fields import Deadline, Duration, Line, Name, Secret, Strict, Url

SLACK_API = "https://slack.com/api/"
SlackChannel = Annotated[str, Field(pattern=r"^[CG][A-Z0-9]{2,20}$")]
"""The id of a channel, which stays when the channel is renamed."""
SlackUser = Annotated[str, Field(pattern=r"^[UW][A-Z0-9]{2,20}$")]
"""The id of a person: only it makes a mention."""


class _Destination(Strict):
    """`fallback` are the destinations that take over, in this order, while this one cannot be reached."""

    name: Name
    fallback: tuple[Name, ...] = ()


class FileDestination(_Destination):
    """Updates appended to a file, one JSON object a line."""

    kind: Literal["file"]
    name: Name = "file"
    path: str = Field(min_length=1)


class SlackDestination(_Destination):
    """A channel by the Slack Web API: one card kept true, and a thread below it.

    `app_token` listens to buttons and commands through Socket Mode. `switch` has Slack itself tell the channel when
    the cockpit falls silent.
    """

    kind: Literal["slack"]
    name: Name = "slack"
    channel: SlackChannel
    token: Secret
    app_token: Secret | None = None
    api: Url = SLACK_API
    pin: bool = True
    switch: bool = True


class SlackWebhookDestination(_Destination):
    """An incoming webhook of Slack: it takes posts, but edits nothing and tells nothing back."""

    kind: Literal["slack_webhook"]
    name: Name = "slack-webhook"
    url: Secret


class WebhookDestination(_Destination):
    """Any address that takes a JSON document; `key` signs it."""

    kind: Literal["webhook"]
    name: Name = "webhook"
    url: Url | Secret
    key: Secret | None = None


class MattermostDestination(_Destination):
    kind: Literal["mattermost"]
    name: Name = "mattermost"
    url: Secret


class ZulipDestination(_Destination):
    """A topic of a Zulip channel, written to by a bot."""

    kind: Literal["zulip"]
    name: Name = "zulip"
    site: Url
    email: str = Field(pattern=r"^[^@\s:]+@[^@\s:]+$")
    key: Secret
    channel: Line
    topic: Line = "incidents"


class DiscordDestination(_Destination):
    kind: Literal["discord"]
    name: Name = "discord"
    url: Secret


_KINDS = ("file", "slack", "slack_webhook", "webhook", "mattermost", "zulip", "discord")


def _kind(raw: Any) -> str:
    found = raw.get("kind", "") if isinstance(raw, dict) else getattr(raw, "kind", "")
    return f"a {found}"


Destination = Annotated[
    Annotated[FileDestination, Tag("a file")]
    | Annotated[SlackDestination, Tag("a slack")]
    | Annotated[SlackWebhookDestination, Tag("a slack_webhook")]
    | Annotated[WebhookDestination, Tag("a webhook")]
    | Annotated[MattermostDestination, Tag("a mattermost")]
    | Annotated[ZulipDestination, Tag("a zulip")]
    | Annotated[DiscordDestination, Tag("a discord")],
    Discriminator(
        _kind, custom_error_type="destination_kind", custom_error_message=f"kind must be one of {', '.join(_KINDS)}"
    ),
]


class Statuspage(Strict):
    """A public status page, posted to by a person's explicit key alone, never by itself."""

    api: Url = "https://api.statuspage.io/v1"
    page: Line
    key: Secret


class Cadence(Strict):
    """The longest silence readers should meet, by severity; `slower` after two hours, once that was announced."""

    SEV1: Deadline = 1200.0
    SEV2: Deadline = 1800.0
    SEV3: Deadline = 3600.0
    SEV4: Deadline = 3600.0
    first: Deadline = 300.0
    slower: Deadline = 3600.0


GRACE = 120.0
"""Seconds at least from a broken promise to Slack's own word: a scheduled message stays in its last minute."""


def _graceful(seconds: float) -> float:
    if seconds < GRACE:
        raise ValueError("must be 2m at least: Slack takes nothing back in the last minute, and would call us silent")
    return seconds


class BroadcastConfig(Strict):
    """Where updates go, and how often they are due.

    `floor` is the least pause between two posts that tell of nothing urgent. After `grace` without the promised update
    Slack says that the cockpit is silent. `call` is the link for those who are needed, `people` their ids in Slack,
    `templates` a file with a team's own words. `relief` is how long somebody leads before relief is thought of.
    `late_arrival` is how long a letter may still arrive after its sender has given up waiting for the answer.
    """

    destinations: tuple[Destination, ...] = ()
    cadence: Cadence = Cadence()
    floor: Duration = 60.0
    grace: Annotated[Duration, AfterValidator(_graceful)] = 300.0
    relief: Deadline = 4 * 3600.0
    call: Url | None = None
    people: dict[str, SlackUser] = {}
    late_arrival: Duration = 30.0
    templates: str | None = Field(default=None, min_length=1)
    statuspage: Statuspage | None = None

    @property
    def routes(self) -> tuple[str, ...]:
        """The destinations that get every update: those that are not only the fallback of another."""
        spare = {name for each in self.destinations for name in each.fallback}
        return tuple(each.name for each in self.destinations if each.name not in spare)

    @model_validator(mode="after")
    def _fallbacks(self) -> BroadcastConfig:
        known = [each.name for each in self.destinations]
        for each in self.destinations:
            _check_fallback(each.name, each.fallback, known)
        if known and not self.routes:
            raise ValueError("every destination is the fallback of another: name one that comes first")
        return self


def _check_fallback(name: str, fallback: Sequence[str], known: Sequence[str]) -> None:
    for other in fallback:
        if other not in known:
            raise ValueError(f"{name}: there is no destination {other} to fall back to")
        if other == name:
            raise ValueError(f"{name}: a destination cannot be its own fallback")
