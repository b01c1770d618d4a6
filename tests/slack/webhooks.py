"""Incoming webhooks: they take a post, answer `ok`, and say no more."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from cockpit.clock import Clock
from tests.slack.content import POSTED, check_content
from tests.slack.errors import SlackError
from tests.slack.workspace import Message, Workspace

_TAKES = {"text", "blocks", "attachments", "thread_ts", "unfurl_links", "unfurl_media", "mrkdwn", "metadata"}
_STATUS = {"channel_is_archived": 410, "channel_not_found": 404, "no_service": 404, "invalid_token": 403}


@dataclass
class Webhooks:
    """The webhooks of one workspace."""

    space: Workspace
    clock: Clock

    async def take(self, request: web.Request) -> tuple[str, web.Response]:
        """Post what is sent; how it ended, and what is answered."""
        try:
            self._post(request.path, await _payload(request))
        except SlackError as refused:
            return refused.code, web.Response(status=_STATUS.get(refused.code, 400), text=refused.code)
        return "ok", web.Response(text="ok")

    def _post(self, path: str, payload: dict[str, Any]) -> None:
        self.space.settle(self.clock)
        if path not in self.space.webhooks:
            raise SlackError("no_service")
        channel = self.space.channels.get(self.space.webhooks[path])
        if channel is None:
            raise SlackError("channel_not_found")
        if channel.archived:
            raise SlackError("channel_is_archived")
        if set(payload) - _TAKES:
            raise SlackError("invalid_payload")
        check_content(payload, POSTED)
        message = Message(
            ts="", channel="", text=payload.get("text", ""), blocks=payload.get("blocks", []),
            metadata=payload.get("metadata"), asked_thread=payload.get("thread_ts", ""), webhook=True,
        )  # fmt: skip
        self.space.keep_pace(channel, self.clock.now())
        self.space.post(message, channel, self.clock.now())


async def _payload(request: web.Request) -> dict[str, Any]:
    if request.method != "POST":
        raise SlackError("invalid_payload")
    try:
        if request.content_type == "application/x-www-form-urlencoded":
            found = json.loads(str((await request.post())["payload"]))
        else:
            found = json.loads(await request.text())
    except (ValueError, KeyError):
        raise SlackError("invalid_payload") from None
    if not isinstance(found, dict) or not isinstance(found.get("text", ""), str):
        raise SlackError("invalid_payload")
    return found
