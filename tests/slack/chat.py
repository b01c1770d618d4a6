"""The methods that write: messages, edits, scheduled messages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import count
from typing import Any

from cockpit.clock import SECOND, Clock
from tests.slack.arguments import Args
from tests.slack.content import POSTED, UPDATED, check_content
from tests.slack.errors import SlackError
from tests.slack.workspace import BOT_USER, Channel, Ephemeral, Message, Scheduled, Workspace

FURTHEST = 120 * 86_400
TOO_LATE = 60
"""Seconds before its time in which a scheduled message can no longer be deleted."""
WINDOW, IN_WINDOW = 300, 30
"""Seconds, and how many messages can be scheduled for them in one channel."""
_TS = re.compile(r"\d{10}\.\d{6}")


@dataclass
class Chat:
    """The methods of the family `chat`, on one workspace."""

    space: Workspace
    clock: Clock

    def post_message(self, args: Args) -> dict[str, Any]:
        """chat.postMessage."""
        channel = self.space.writable(args["channel"])
        message = _composed(args)
        self.space.keep_pace(channel, self.clock.now())
        self.space.post(message, channel, self.clock.now())
        return {"channel": channel.id, "ts": message.ts, "message": shown(message)}

    def update(self, args: Args) -> dict[str, Any]:
        """chat.update: text without blocks removes the blocks; with blocks nothing says that it was edited."""
        channel = self.space.writable(_id(args["channel"]))
        message = self.space.message(channel.id, args["ts"])
        if not message.by_bot or message.webhook:
            raise SlackError("cant_update_message")
        window = self.space.rules.edit_window
        if window is not None and self.clock.now() - moment(message.ts) > window * SECOND:
            raise SlackError("edit_window_closed")
        check_content(args, UPDATED)
        message.revisions.append(message.text)
        if args.get("text") or "blocks" in args:
            message.edited = message.edited or not args.get("blocks")
            message.blocks = args.get("blocks", [])
        message.text = args.get("text", message.text)
        message.attachments = args.get("attachments", message.attachments)
        if "metadata" in args:
            message.metadata = args["metadata"] or None
        message.broadcast = message.broadcast or bool(args.get("reply_broadcast") and message.thread_ts)
        return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": shown(message)}

    def delete(self, args: Args) -> dict[str, Any]:
        """chat.delete."""
        channel = self.space.writable(_id(args["channel"]))
        message = self.space.message(channel.id, args["ts"])
        if not message.by_bot:
            raise SlackError("cant_delete_message")
        message.deleted = True
        channel.pins = [each for each in channel.pins if each != message.ts]
        return {"channel": channel.id, "ts": message.ts}

    def post_ephemeral(self, args: Args) -> dict[str, Any]:
        """chat.postEphemeral."""
        channel = self.space.writable(_id(args["channel"]))
        if args["user"] not in channel.members:
            raise SlackError("user_not_in_channel")
        check_content(args, POSTED)
        words, blocks = args.get("text", ""), args.get("blocks", [])
        self.space.ephemerals.append(Ephemeral(channel.id, args["user"], words, blocks, args.get("thread_ts", "")))
        return {"message_ts": self.space.stamp(channel, self.clock.now())}

    def schedule(self, args: Args) -> dict[str, Any]:
        """chat.scheduleMessage."""
        channel = self.space.writable(args["channel"])
        message, now, at = _composed(args), self.clock.now(), args["post_at"]
        if at * SECOND <= now:
            raise SlackError("time_in_past")
        if at > now // SECOND + FURTHEST:
            raise SlackError("time_too_far")
        if self._crowd(channel, at) >= IN_WINDOW:
            raise SlackError("restricted_too_many")
        message.channel = channel.id
        message.scheduled = f"Q{len(self.space.scheduled) + 1:08d}"
        made = Scheduled(id=message.scheduled, message=message, post_at=at, created=now // SECOND)
        self.space.scheduled.append(made)
        told = {"text": message.text, "type": "delayed_message", "user": BOT_USER, "blocks": message.blocks}
        return {"channel": channel.id, "scheduled_message_id": made.id, "post_at": at, "message": told}

    def _crowd(self, channel: Channel, at: int) -> int:
        waiting = [each.post_at for each in self.waiting() if each.message.channel == channel.id]
        starts = (start for start in (*waiting, at) if at - WINDOW < start <= at)
        return max(sum(start <= each < start + WINDOW for each in waiting) for start in starts)

    def waiting(self) -> list[Scheduled]:
        """What is scheduled and not posted, the next one first."""
        return sorted((each for each in self.space.scheduled if each.state == "waiting"), key=lambda each: each.post_at)

    def unschedule(self, args: Args) -> dict[str, Any]:
        """chat.deleteScheduledMessage: not within the last minute."""
        channel = self.space.channel(_id(args["channel"]))
        for each in self.waiting():
            if each.id == args["scheduled_message_id"] and each.message.channel == channel.id:
                if each.post_at * SECOND - self.clock.now() <= TOO_LATE * SECOND:
                    break
                each.state = "deleted"
                return {}
        raise SlackError("invalid_scheduled_message_id")

    def list_scheduled(self, args: Args) -> dict[str, Any]:
        """chat.scheduledMessages.list."""
        since, until = float(args.get("oldest", 0)), float(args.get("latest", "inf"))
        found = [
            each for each in self.waiting()
            if args.get("channel", each.message.channel) == each.message.channel and since <= each.post_at <= until
        ]  # fmt: skip
        start, limit = int(args.get("cursor") or 0), args.get("limit", 100)
        page = found[start : start + limit]
        more = str(start + limit) if start + limit < len(found) else ""
        return {
            "scheduled_messages": [
                {
                    "id": each.id, "channel_id": each.message.channel, "post_at": each.post_at,
                    "date_created": each.created, "text": each.message.text,
                }
                for each in page
            ],
            "response_metadata": {"next_cursor": more},
        }  # fmt: skip

    def permalink(self, args: Args) -> dict[str, Any]:
        """chat.getPermalink."""
        channel = self.space.channel(args["channel"])
        message = self.space.message(channel.id, args["message_ts"])
        link = f"https://fake.slack.com/archives/{channel.id}/p{message.ts.replace('.', '')}"
        return {"channel": channel.id, "permalink": link}


def moment(ts: str) -> int:
    """Microseconds of a message's time."""
    whole, _, rest = ts.partition(".")
    return int(whole) * SECOND + int(rest or 0)


def shown(message: Message, *, metadata: bool = False) -> dict[str, Any]:
    """A message as Slack tells of it; its metadata only when that was asked for."""
    told: dict[str, Any] = {"type": "message", "user": message.user, "text": message.text, "ts": message.ts}
    if message.by_bot:
        told |= {"bot_id": "B0COCKPIT", "app_id": "A0COCKPIT", "team": "T0FAKE"}
    if message.blocks:
        told["blocks"] = [{"block_id": f"b{number}"} | each for number, each in zip(count(), message.blocks)]
    if message.attachments:
        told["attachments"] = message.attachments
    if message.thread_ts:
        told["thread_ts"] = message.thread_ts
    if message.broadcast:
        told["subtype"] = "thread_broadcast"
    if message.edited:
        told["edited"] = {"user": message.user, "ts": message.ts}
    if message.reactions:
        told["reactions"] = [
            {"name": name, "users": users, "count": len(users)} for name, users in message.reactions.items()
        ]
    if metadata and message.metadata:
        told["metadata"] = message.metadata
    return told


def _composed(args: Args) -> Message:
    check_content(args, POSTED)
    thread = args.get("thread_ts", "")
    if thread and not _TS.fullmatch(thread):
        raise SlackError("invalid_arguments", ["thread_ts must be the ts of a message"])
    return Message(
        ts="", channel="", text=args.get("text", ""), blocks=args.get("blocks", []),
        attachments=args.get("attachments", []), metadata=args.get("metadata") or None,
        asked_thread=thread, broadcast=bool(args.get("reply_broadcast")),
    )  # fmt: skip


def _id(channel: str) -> str:
    if channel[:1] in ("U", "W", "#", "@"):
        raise SlackError("channel_not_found")
    return channel
