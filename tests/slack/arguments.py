"""What each method of the Web API takes, and how it is read from a request. What it does not know, it refuses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.slack.errors import SlackError

Args = dict[str, Any]


@dataclass(frozen=True)
class Takes:
    """What one method takes: kinds by name, what it cannot do without, its scope, and whether a JSON body will do.

    The kinds are `text`, `flag`, `number`, `list` and `object`.
    """

    kinds: Mapping[str, str]
    needs: tuple[str, ...] = ()
    scope: str = ""
    json: bool = True
    open: bool = False
    """Whether it asks for no token."""
    app: bool = False
    """Whether it wants a token of the app instead of a bot's."""


_CONTENT = {
    "channel": "text", "text": "text", "blocks": "list", "attachments": "list", "link_names": "flag", "parse": "text",
}  # fmt: skip
_POST = _CONTENT | {
    "thread_ts": "text", "reply_broadcast": "flag", "metadata": "object", "unfurl_links": "flag",
    "unfurl_media": "flag", "mrkdwn": "flag",
}  # fmt: skip
_LOOK = {
    "channel": "text", "cursor": "text", "inclusive": "flag", "latest": "text", "oldest": "text", "limit": "number",
    "include_all_metadata": "flag",
}  # fmt: skip

METHODS: dict[str, Takes] = {
    "api.test": Takes({"error": "text"}, open=True),
    "auth.test": Takes({}),
    "chat.postMessage": Takes(_POST, ("channel",), "chat:write"),
    "chat.update": Takes(
        _CONTENT | {"ts": "text", "metadata": "object", "reply_broadcast": "flag"}, ("channel", "ts"), "chat:write"
    ),
    "chat.delete": Takes({"channel": "text", "ts": "text"}, ("channel", "ts"), "chat:write"),
    "chat.postEphemeral": Takes(_CONTENT | {"user": "text", "thread_ts": "text"}, ("channel", "user"), "chat:write"),
    "chat.scheduleMessage": Takes(_POST | {"post_at": "number"}, ("channel", "post_at"), "chat:write"),
    "chat.deleteScheduledMessage": Takes(
        {"channel": "text", "scheduled_message_id": "text"}, ("channel", "scheduled_message_id"), "chat:write"
    ),
    "chat.scheduledMessages.list": Takes(
        {"channel": "text", "cursor": "text", "latest": "text", "oldest": "text", "limit": "number"}
    ),
    "chat.getPermalink": Takes({"channel": "text", "message_ts": "text"}, ("channel", "message_ts"), json=False),
    "conversations.open": Takes({"users": "text", "channel": "text", "return_im": "flag"}, (), "im:write"),
    "conversations.info": Takes(
        {"channel": "text", "include_num_members": "flag", "include_locale": "flag"}, ("channel",), ":read", json=False
    ),
    "conversations.history": Takes(_LOOK, ("channel",), ":history", json=False),
    "conversations.replies": Takes(_LOOK | {"ts": "text"}, ("channel", "ts"), ":history", json=False),
    "pins.add": Takes({"channel": "text", "timestamp": "text"}, ("channel",), "pins:write"),
    "pins.remove": Takes({"channel": "text", "timestamp": "text"}, ("channel",), "pins:write"),
    "reactions.add": Takes(
        {"channel": "text", "timestamp": "text", "name": "text"}, ("channel", "timestamp", "name"), "reactions:write"
    ),
    "users.info": Takes({"user": "text", "include_locale": "flag"}, ("user",), "users:read", json=False),
    "blocks.validate": Takes({"blocks": "list", "message": "object", "view": "object"}, open=True),
    "apps.connections.open": Takes({}, scope="connections:write", app=True),
}


async def read(request: web.Request, takes: Takes) -> Args:
    """The arguments of a call, from its address and its body; `SlackError` when the method does not take them."""
    given = dict(request.query) | await _body(request, takes)
    if "token" in given:
        raise SlackError("invalid_auth", ["a token belongs into the header here"])
    unknown = sorted(set(given) - set(takes.kinds))
    if unknown:
        raise SlackError("invalid_arguments", [f"unknown argument: {name}" for name in unknown])
    args = {name: _as(takes.kinds[name], name, value) for name, value in given.items()}
    missing = [name for name in takes.needs if args.get(name) in ("", None)]
    if missing:
        raise SlackError("invalid_arguments", [f"missing required field: {name}" for name in missing])
    return args


async def _body(request: web.Request, takes: Takes) -> Args:
    if not await request.read():
        return {}
    kind = request.content_type
    if kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
        return dict(await request.post())
    if kind != "application/json":
        raise SlackError("invalid_post_type")
    if not takes.json:
        raise SlackError("json_not_supported")
    try:
        found = json.loads(await request.text())
    except ValueError:
        raise SlackError("invalid_json") from None
    if not isinstance(found, dict):
        raise SlackError("json_not_object")
    return found


def _as(kind: str, name: str, value: Any) -> Any:
    if kind in ("list", "object") and isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise SlackError(_MALFORMED.get(name, "invalid_arguments"), [f"{name} is not JSON"]) from None
    if kind == "list" and isinstance(value, list):
        return value
    if kind == "object" and isinstance(value, dict):
        return value
    if kind == "text" and isinstance(value, str):
        return value
    if kind == "flag" and (isinstance(value, bool) or value in _FLAGS):
        return value in (True, "true", "1")
    if kind == "number" and not isinstance(value, bool) and str(value).isdigit():
        return int(value)
    raise SlackError(_MALFORMED.get(name, "invalid_arguments"), [f"{name} must be a {kind}"])


_FLAGS = ("true", "false", "1", "0", 1, 0)
_MALFORMED = {
    "blocks": "invalid_blocks_format", "metadata": "invalid_metadata_format", "post_at": "invalid_time",
    "limit": "invalid_limit",
}  # fmt: skip
