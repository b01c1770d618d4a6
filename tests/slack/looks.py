"""The methods that read, and the small ones: conversations, pins, reactions, people."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

from cockpit.clock import SECOND, Clock
from tests.slack.arguments import Args
from tests.slack.chat import moment, shown
from tests.slack.errors import SlackError, TooMany
from tests.slack.workspace import BOT, BOT_USER, PINS, TEAM, Channel, Message, Workspace

DEFAULT, MOST = 100, 999


@dataclass
class Looks:
    """The methods that read, on one workspace."""

    space: Workspace
    clock: Clock

    def auth_test(self) -> dict[str, Any]:
        """auth.test."""
        return {
            "url": "https://fake.slack.com/", "team": "Fake", "user": self.space.people[BOT_USER], "team_id": TEAM,
            "user_id": BOT_USER, "bot_id": BOT, "is_enterprise_install": False,
        }  # fmt: skip

    def info(self, args: Args) -> dict[str, Any]:
        """conversations.info."""
        channel = self.space.channel(args["channel"])
        told = {
            "id": channel.id, "name": channel.name, "is_channel": not (channel.private or channel.direct),
            "is_group": channel.private and not channel.direct, "is_im": channel.direct,
            "is_private": channel.private, "is_archived": channel.archived, "is_member": BOT_USER in channel.members,
            "is_shared": False, "is_ext_shared": False,
        }  # fmt: skip
        if args.get("include_num_members"):
            told["num_members"] = len(channel.members)
        return {"channel": told}

    def open(self, args: Args) -> dict[str, Any]:
        """conversations.open, with one person."""
        if "channel" in args:
            return {"channel": {"id": self.space.channel(args["channel"]).id}}
        users = args.get("users", "").split(",")
        if len(users) != 1:
            raise SlackError("too_many_users")
        known = "D" + users[0][1:] in self.space.channels
        return {"channel": {"id": self.space.direct(users[0])}, "already_open": known}

    def history(self, args: Args) -> dict[str, Any]:
        """conversations.history: the newest first, without replies in threads."""
        channel = self._readable(args["channel"])
        found = [each for each in self._within(channel, args) if not each.thread_ts or each.broadcast]
        page, more = self._page(sorted(found, key=lambda each: each.ts, reverse=True), args)
        told = [self._with_replies(each, bool(args.get("include_all_metadata"))) for each in page]
        return {"messages": told, "has_more": bool(more), "pin_count": len(channel.pins)} | _cursor(more)

    def replies(self, args: Args) -> dict[str, Any]:
        """conversations.replies: the parent on each page, then replies, the oldest first."""
        channel = self._readable(args["channel"])
        try:
            parent = self.space.message(channel.id, args["ts"])
        except SlackError:
            raise SlackError("thread_not_found") from None
        if parent.thread_ts:
            parent = self.space.message(channel.id, parent.thread_ts)
        if parent.visible_from > self.clock.now():
            raise SlackError("thread_not_found")
        found = [each for each in self._within(channel, args) if each.thread_ts == parent.ts]
        page, more = self._page(sorted(found, key=lambda each: each.ts), args)
        metadata = bool(args.get("include_all_metadata"))
        told = [self._with_replies(parent, metadata), *(shown(each, metadata=metadata) for each in page)]
        return {"messages": told, "has_more": bool(more)} | _cursor(more)

    def _readable(self, name: str) -> Channel:
        channel = self.space.channel(name)
        if BOT_USER not in channel.members:
            raise SlackError("not_in_channel")
        now, pause = self.clock.now(), int(self.space.rules.history_every * SECOND)
        if pause and now - self.space.looked_at < pause:
            raise TooMany(max(1, (self.space.looked_at + pause - now) // SECOND))
        self.space.looked_at = now
        return channel

    def _within(self, channel: Channel, args: Args) -> list[Message]:
        oldest, latest = _bound(args, "oldest", 0), _bound(args, "latest", 1 << 62)
        inclusive, now = bool(args.get("inclusive")), self.clock.now()
        return [
            each for each in self.space.messages
            if each.channel == channel.id and not each.deleted and each.visible_from <= now
            and (oldest < moment(each.ts) < latest or (inclusive and moment(each.ts) in (oldest, latest)))
        ]  # fmt: skip

    def _page(self, found: list[Message], args: Args) -> tuple[list[Message], str]:
        limit = args.get("limit", DEFAULT)
        if not 1 <= limit <= MOST:
            raise SlackError("invalid_limit")
        start, limit = _after(args.get("cursor", ""), found), min(limit, self.space.rules.page)
        page = found[start : start + limit]
        return page, page[-1].ts if start + limit < len(found) else ""

    def _with_replies(self, message: Message, metadata: bool) -> dict[str, Any]:
        told = shown(message, metadata=metadata)
        replies = [each for each in self.space.messages if each.thread_ts == message.ts and not each.deleted]
        if replies and not message.thread_ts:
            told |= {"thread_ts": message.ts, "reply_count": len(replies), "latest_reply": replies[-1].ts}
        return told

    def pin(self, args: Args) -> dict[str, Any]:
        """pins.add."""
        channel = self._pinnable(args)
        if args["timestamp"] in channel.pins:
            raise SlackError("already_pinned")
        if len(channel.pins) >= PINS:
            raise SlackError("too_many_pins")
        channel.pins.append(args["timestamp"])
        return {}

    def unpin(self, args: Args) -> dict[str, Any]:
        """pins.remove."""
        channel = self._pinnable(args)
        if args["timestamp"] not in channel.pins:
            raise SlackError("no_pin")
        channel.pins.remove(args["timestamp"])
        return {}

    def _pinnable(self, args: Args) -> Channel:
        channel = self.space.writable(args["channel"])
        if not args.get("timestamp"):
            raise SlackError("no_item_specified")
        self.space.message(channel.id, args["timestamp"])
        return channel

    def react(self, args: Args, user: str = BOT_USER) -> dict[str, Any]:
        """reactions.add."""
        message = self.space.message(self.space.channel(args["channel"]).id, args["timestamp"])
        users = message.reactions.setdefault(args["name"], [])
        if user in users:
            raise SlackError("already_reacted")
        users.append(user)
        return {}

    def user(self, args: Args) -> dict[str, Any]:
        """users.info."""
        name = self.space.people.get(args["user"])
        if name is None:
            raise SlackError("user_not_found")
        profile = {"real_name": name.title(), "display_name": name}
        return {
            "user": {
                "id": args["user"], "team_id": TEAM, "name": name, "deleted": False, "real_name": name.title(),
                "is_bot": args["user"] == BOT_USER, "tz": "Etc/UTC", "profile": profile,
            }
        }  # fmt: skip


def _bound(args: Args, name: str, otherwise: int) -> int:
    value = args.get(name, "")
    if not value:
        return otherwise
    if not value.replace(".", "", 1).isdigit():
        raise SlackError(f"invalid_ts_{name}")
    return moment(value if "." in value else f"{value}.000000")


def _cursor(after: str) -> dict[str, Any]:
    cursor = base64.b64encode(f"next_ts:{after}".encode()).decode() if after else ""
    return {"response_metadata": {"next_cursor": cursor}}


def _after(cursor: str, found: list[Message]) -> int:
    if not cursor:
        return 0
    try:
        ts = base64.b64decode(cursor, validate=True).decode().removeprefix("next_ts:")
        return [each.ts for each in found].index(ts) + 1
    except ValueError:
        raise SlackError("invalid_cursor") from None
