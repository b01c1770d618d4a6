"""What is sent to Slack for each kind of letter, as it is on record before it is sent. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from cockpit.broadcast.message import SHOWN_TO_ALL, Direct, Post, Switch
from cockpit.broadcast.sender import Outgoing, Thread
from cockpit.clock import SECOND

EVENT = "cockpit_update"
"""The type of the metadata by which a message is known again; whoever is in the workspace can read it."""


class Wire(msgspec.Struct, frozen=True, omit_defaults=True):
    """One method and its arguments; no method when there is nothing to ask of Slack, `refused` saying why.

    `pin` has the message pinned once it is there, `person` is the id of whom it is for alone, `replaces` the scheduled
    message that it takes the place of. A moment `post_at` which something is to be said is on our clock.
    """

    method: str
    args: dict[str, Any]
    pin: bool = False
    person: str = ""
    replaces: str = ""
    refused: str = ""

    def pack(self) -> bytes:
        """The bytes that the outbox keeps."""
        return msgspec.json.encode(self)


def read(wire: bytes) -> Wire:
    """What these bytes ask for; `msgspec.MsgspecError` when nothing does."""
    return msgspec.json.decode(wire, type=Wire)


def address(channel: str, ts: str) -> str:
    """Where a message is, in one word."""
    return f"{channel}/{ts}"


def ts_in(where: str, channel: str) -> str:
    """The time of the message at that address, empty when it is in another channel, or there is none."""
    place, _, ts = where.partition("/")
    return ts if place == channel else ""


def compose(
    letter: Outgoing, thread: Thread, channel: str, people: Mapping[str, str], content: Mapping[str, Any], *, pin: bool
) -> Wire:
    """The call that carries the letter; `content` are its text and blocks, `people` ids by name."""
    root = ts_in(thread.root, channel)
    if letter.edits:
        place, _, ts = letter.edits.partition("/")
        return _edit(place, ts, content)
    match letter.kind:
        case "card":
            return _card(letter, root, channel, content, pin)
        case "thread":
            return _reply(letter, root, channel, content)
        case "switch":
            return _switch(letter, thread, root, channel, content)
        case "direct":
            return _direct(letter, people, content)


def _card(letter: Outgoing, root: str, channel: str, content: Mapping[str, Any], pin: bool) -> Wire:
    if root:
        return _edit(channel, root, content)
    return Wire("chat.postMessage", _post(letter, channel, content), pin=pin)


def _edit(channel: str, ts: str, content: Mapping[str, Any]) -> Wire:
    # The metadata of the first post stays: an edit is done again rather than looked for.
    return Wire("chat.update", {"channel": channel, "ts": ts, **content})


def _reply(letter: Outgoing, root: str, channel: str, content: Mapping[str, Any]) -> Wire:
    args = _post(letter, channel, content)
    if root:
        args["thread_ts"] = root
        if isinstance(letter.message, Post) and letter.message.reason in SHOWN_TO_ALL:
            args["reply_broadcast"] = True
    return Wire("chat.postMessage", args)


def _switch(letter: Outgoing, thread: Thread, root: str, channel: str, content: Mapping[str, Any]) -> Wire:
    at = letter.message.at if isinstance(letter.message, Switch) else 0
    if not at:
        if not thread.switch:
            return Wire("", {"channel": channel})
        return Wire("chat.deleteScheduledMessage", {"channel": channel, "scheduled_message_id": thread.switch})
    # Without metadata: Slack never posts what was scheduled with some.
    args = {"channel": channel, "post_at": -(-at // SECOND), **content, **_QUIETLY}
    if root:
        args |= {"thread_ts": root, "reply_broadcast": True}
    return Wire("chat.scheduleMessage", args, replaces=thread.switch)


def _direct(letter: Outgoing, people: Mapping[str, str], content: Mapping[str, Any]) -> Wire:
    name = letter.message.person if isinstance(letter.message, Direct) else ""
    if not (user := people.get(name)):
        return Wire("", {}, refused=f"no id in Slack is known for {name}: add it to broadcast.people in the config")
    return Wire("chat.postMessage", _post(letter, user, content), person=user)


_QUIETLY = {"unfurl_links": False, "unfurl_media": False}


def _post(letter: Outgoing, channel: str, content: Mapping[str, Any]) -> dict[str, Any]:
    payload = {"key": letter.key, "incident": letter.incident}
    return {"channel": channel, **content, **_QUIETLY, "metadata": {"event_type": EVENT, "event_payload": payload}}


def key_of(message: Mapping[str, Any]) -> str:
    """The key of the letter that a message in a channel's history is, empty for anybody else's."""
    metadata = message.get("metadata")
    if not isinstance(metadata, dict) or metadata.get("event_type") != EVENT:
        return ""
    payload = metadata.get("event_payload")
    found = payload.get("key") if isinstance(payload, dict) else None
    return found if isinstance(found, str) else ""
