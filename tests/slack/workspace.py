"""What a Slack workspace holds: its people, channels and messages, and who may do what. No HTTP here."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from cockpit.clock import SECOND, Clock
from tests.slack.errors import SlackError, TooMany

TEAM = "T0FAKE"
APP = "A0COCKPIT"
BOT = "B0COCKPIT"
BOT_USER = "U0COCKPIT"
CHANNEL = "C0INCIDENT"
SECOND_CHANNEL = "C0SECOND"
PRIVATE = "G0PRIVATE"
OUTSIDE = "C0OUTSIDE"
ARCHIVED = "C0ARCHIVED"
PEOPLE = {"U0ADA": "ada", "U0BEN": "ben", "U0EVE": "eve", BOT_USER: "cockpit"}

FULL = "xoxb-fake-full"
WRITE_ONLY = "xoxb-fake-write-only"
APP_LEVEL = "xapp-fake"
WEBHOOK = f"/services/{TEAM}/{BOT}/fake"
SCOPES = (
    "chat:write", "pins:write", "channels:history", "groups:history", "im:history", "channels:read", "groups:read",
    "reactions:read", "reactions:write", "users:read", "im:write", "commands",
)  # fmt: skip

PINS = 100
"""Pins a channel can have."""


class Token(msgspec.Struct):
    """What a caller shows. `refused` is the code for a token that no longer counts."""

    scopes: tuple[str, ...]
    kind: Literal["bot", "app"] = "bot"
    refused: str = ""


class Channel(msgspec.Struct):
    """A conversation; `members` holds people and the bot."""

    id: str
    name: str
    members: set[str]
    private: bool = False
    archived: bool = False
    direct: bool = False
    refused: str = ""
    """A code with which every post is refused: `restricted_action_read_only_channel`."""
    pins: list[str] = []
    posted_at: int = 0
    last_ts: int = 0


class Message(msgspec.Struct, kw_only=True):
    """One message as it stands. `visible_from` is when history begins to show it; times are in microseconds.

    `asked_thread` is the parent that was asked for, which `thread_ts` is not when there was no such message.
    """

    ts: str
    channel: str
    text: str
    user: str = BOT_USER
    by_bot: bool = True
    blocks: list[dict[str, Any]] = []
    attachments: list[dict[str, Any]] = []
    metadata: dict[str, Any] | None = None
    thread_ts: str = ""
    asked_thread: str = ""
    broadcast: bool = False
    edited: bool = False
    revisions: list[str] = []
    deleted: bool = False
    visible_from: int = 0
    scheduled: str = ""
    webhook: bool = False
    reactions: dict[str, list[str]] = {}
    key: str = ""
    """What the sender called it in its metadata when it was posted; empty for nothing."""


class Ephemeral(msgspec.Struct):
    """A message that one person saw."""

    channel: str
    user: str
    text: str
    blocks: list[dict[str, Any]]
    thread_ts: str = ""


class Scheduled(msgspec.Struct, kw_only=True):
    """A message that waits for its time; `post_at` is in seconds."""

    id: str
    message: Message
    post_at: int
    created: int
    state: Literal["waiting", "posted", "deleted", "lost"] = "waiting"


class Rules(msgspec.Struct):
    """How strict the workspace is.

    `post_every` is the least pause between two posts of a channel, in seconds; 0 for none. `page` is the most objects
    in one answer of history and replies. `history_every` is the least pause between two looks. `edit_window` is how
    long a message can be edited, in seconds.
    """

    post_every: float = 0.0
    page: int = 15
    history_every: float = 0.0
    edit_window: float | None = None


class Workspace(msgspec.Struct, kw_only=True):
    """Everything that was really committed."""

    rules: Rules = msgspec.field(default_factory=Rules)
    tokens: dict[str, Token] = {}
    channels: dict[str, Channel] = {}
    people: dict[str, str] = {}
    webhooks: dict[str, str] = {}
    messages: list[Message] = []
    ephemerals: list[Ephemeral] = []
    scheduled: list[Scheduled] = []
    looked_at: int = 0
    hidden: float = 0.0
    """How long what is committed now stays out of history, in seconds."""

    def channel(self, name: str) -> Channel:
        """The conversation of that id."""
        found = self.channels.get(name)
        if found is None or (found.private and BOT_USER not in found.members):
            raise SlackError("channel_not_found")
        return found

    def writable(self, name: str) -> Channel:
        """The conversation of that id, when the bot can post there; a person's id opens the conversation with them."""
        channel = self.channel(self.direct(name) if name in self.people else name)
        if channel.archived:
            raise SlackError("is_archived")
        if channel.refused:
            raise SlackError(channel.refused)
        if BOT_USER not in channel.members:
            raise SlackError("not_in_channel")
        return channel

    def direct(self, user: str) -> str:
        """The id of the conversation with one person, opened when there is none."""
        if user not in self.people:
            raise SlackError("user_not_found")
        made = "D" + user[1:]
        self.channels.setdefault(made, Channel(made, made.lower(), {user, BOT_USER}, private=True, direct=True))
        return made

    def message(self, channel: str, ts: str) -> Message:
        """One message that is there."""
        for each in self.messages:
            if each.channel == channel and each.ts == ts and not each.deleted:
                return each
        raise SlackError("message_not_found")

    def stamp(self, channel: Channel, now: int) -> str:
        """A time for a message that no other of the channel has."""
        channel.last_ts = max(now, channel.last_ts + 1)
        return f"{channel.last_ts // SECOND}.{channel.last_ts % SECOND:06d}"

    def keep_pace(self, channel: Channel, now: int) -> None:
        """Refuse a post that comes too soon."""
        pause = self.rules.post_every * SECOND
        if pause and now - channel.posted_at < pause:
            raise TooMany(max(1, int((channel.posted_at + pause - now) // SECOND)))

    def post(self, message: Message, channel: Channel, now: int) -> Message:
        """Commit a message; a parent that is not there is forgotten in silence."""
        parent = self._parent(channel.id, message.asked_thread)
        message.ts, message.channel, message.thread_ts = self.stamp(channel, now), channel.id, parent
        message.broadcast = message.broadcast and bool(parent)
        message.visible_from = now + int(self.hidden * SECOND)
        message.key = str((message.metadata or {}).get("event_payload", {}).get("key", ""))
        channel.posted_at = now
        self.messages.append(message)
        return message

    def _parent(self, channel: str, ts: str) -> str:
        if not ts:
            return ""
        try:
            parent = self.message(channel, ts)
        except SlackError:
            return ""
        if parent.thread_ts:
            raise SlackError("cannot_reply_to_message")
        return parent.ts

    def settle(self, clock: Clock) -> None:
        """Post what was scheduled and whose time has come.

        Slack says of itself that what was scheduled with metadata is never posted, and nobody is told.
        """
        now = clock.now()
        for each in sorted(self.scheduled, key=lambda each: each.post_at):
            if each.state != "waiting" or each.post_at * SECOND > now:
                continue
            channel = self.channels[each.message.channel]
            if each.message.metadata is not None or channel.archived or BOT_USER not in channel.members:
                each.state = "lost"
                continue
            each.state = "posted"
            self.post(each.message, channel, each.post_at * SECOND)


def furnished(rules: Rules | None = None) -> Workspace:
    """A workspace with people, channels of every kind, and three tokens."""
    everybody = set(PEOPLE)
    return Workspace(
        rules=rules or Rules(),
        tokens={
            FULL: Token(SCOPES),
            WRITE_ONLY: Token(("chat:write",)),
            APP_LEVEL: Token(("connections:write",), kind="app"),
        },
        channels={
            CHANNEL: Channel(CHANNEL, "incident", everybody.copy()),
            SECOND_CHANNEL: Channel(SECOND_CHANNEL, "second", everybody.copy()),
            PRIVATE: Channel(PRIVATE, "private", everybody.copy(), private=True),
            OUTSIDE: Channel(OUTSIDE, "outside", everybody - {BOT_USER}),
            ARCHIVED: Channel(ARCHIVED, "archived", everybody.copy(), archived=True),
        },
        people=dict(PEOPLE),
        webhooks={WEBHOOK: CHANNEL},
    )
