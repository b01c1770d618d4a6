"""What people do in the workspace, as the app is told of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from cockpit.clock import SECOND, Clock
from tests.slack.chat import shown
from tests.slack.errors import SlackError
from tests.slack.sockets import Envelope, Sockets
from tests.slack.workspace import APP, CHANNEL, TEAM, Message, Workspace


@dataclass
class People:
    """The people of one workspace, and the app that listens to them."""

    space: Workspace
    clock: Clock
    sockets: Sockets
    host: str = ""
    """Where response addresses lead."""

    async def click(self, user: str, ts: str, action_id: str, value: str = "", channel: str = CHANNEL) -> Envelope:
        """Click on a button that a message really has."""
        message = self.space.message(channel, ts)
        button = _button(message, action_id, value)
        payload = {
            "type": "block_actions", "user": self._user(user), "api_app_id": APP, "token": "fake",
            "team": {"id": TEAM, "domain": "fake"}, "trigger_id": uuid4().hex,
            "container": {"type": "message", "message_ts": ts, "channel_id": channel, "is_ephemeral": False},
            "channel": {"id": channel, "name": self.space.channels[channel].name},
            "message": shown(message), "response_url": self._response(),
            "actions": [button | {"type": "button", "action_ts": self._ts()}],
        }  # fmt: skip
        return await self.sockets.tell("interactive", payload)

    async def command(self, user: str, text: str, name: str = "/cockpit", channel: str = CHANNEL) -> Envelope:
        """Type a slash command."""
        payload = {
            "command": name, "text": text, "user_id": user, "user_name": self.space.people.get(user, "stranger"),
            "channel_id": channel, "channel_name": self.space.channels[channel].name, "team_id": TEAM,
            "team_domain": "fake", "api_app_id": APP, "token": "fake", "trigger_id": uuid4().hex,
            "response_url": self._response(), "is_enterprise_install": "false",
        }  # fmt: skip
        return await self.sockets.tell("slash_commands", payload)

    async def say(self, user: str, text: str, channel: str = CHANNEL, thread: str = "") -> Message:
        """Write a message; the app is not told of it."""
        message = Message(ts="", channel="", text=text, user=user, by_bot=False, asked_thread=thread)
        return self.space.post(message, self.space.channels[channel], self.clock.now())

    async def react(self, user: str, ts: str, name: str = "pushpin", channel: str = CHANNEL) -> Envelope:
        """Put an emoji on a message."""
        message = self.space.message(channel, ts)
        users = message.reactions.setdefault(name, [])
        if user in users:
            raise SlackError("already_reacted")
        users.append(user)
        return await self._reacted("reaction_added", user, message, name)

    async def unreact(self, user: str, ts: str, name: str = "pushpin", channel: str = CHANNEL) -> Envelope:
        """Take it away again."""
        message = self.space.message(channel, ts)
        message.reactions.get(name, []).remove(user)
        return await self._reacted("reaction_removed", user, message, name)

    async def _reacted(self, kind: str, user: str, message: Message, name: str) -> Envelope:
        event = {
            "type": kind, "user": user, "reaction": name, "item_user": message.user, "event_ts": self._ts(),
            "item": {"type": "message", "channel": message.channel, "ts": message.ts},
        }  # fmt: skip
        payload: dict[str, Any] = {
            "type": "event_callback", "token": "fake", "team_id": TEAM, "api_app_id": APP, "event": event,
            "event_id": f"Ev{uuid4().hex[:10].upper()}", "event_time": self.clock.now() // SECOND,
            "authorizations": [{"team_id": TEAM, "user_id": "U0COCKPIT", "is_bot": True}],
        }  # fmt: skip
        return await self.sockets.tell("events_api", payload)

    def _user(self, user: str) -> dict[str, str]:
        name = self.space.people.get(user, "stranger")
        return {"id": user, "username": name, "name": name, "team_id": TEAM}

    def _response(self) -> str:
        return f"{self.host}/respond/{uuid4().hex}"

    def _ts(self) -> str:
        now = self.clock.now()
        return f"{now // SECOND}.{now % SECOND:06d}"


def _button(message: Message, action_id: str, value: str) -> dict[str, Any]:
    for block in message.blocks:
        for element in [*block.get("elements", []), block.get("accessory", {})]:
            if element.get("action_id") == action_id and (not value or element.get("value") == value):
                kept = {name: element[name] for name in ("action_id", "value", "text") if name in element}
                return kept | {"block_id": block.get("block_id", "b0")}
    raise SlackError("no such button", [action_id])
