"""An incoming webhook of Slack: it takes posts, edits nothing and tells nothing back."""

from __future__ import annotations

import re

import msgspec

from cockpit.broadcast.sender import Fault, Finding, Kind, Outcome, Outgoing, Refused, Sent, Thread, Unsearchable
from cockpit.broadcast.senders.asking import DEADLINE, JSON, UNCLEAR, refused, request
from cockpit.broadcast.slack.blocks import minimal, payload
from cockpit.broadcast.slack.errors import fault_of
from cockpit.broadcast.slack.mrkdwn import cut, linked
from cockpit.web import Ask, Reply

TAKES: frozenset[Kind] = frozenset({"thread"})
"""A card that cannot be edited would be posted again for every change."""
WITHOUT_BLOCKS = 3500
"""Characters of a message of text alone."""
_CODE = re.compile(r"[a-z_]{3,60}")
_FAULTS: dict[str, Fault] = {
    "invalid_payload": "payload", "missing_text_or_fallback_or_attachments": "payload",
    "no_service": "configuration", "no_service_id": "configuration", "no_active_hooks": "configuration",
    "invalid_token": "configuration", "no_team": "configuration", "team_disabled": "configuration",
    "action_prohibited": "channel",
}  # fmt: skip
"""Codes that only webhooks give."""


class SlackWebhookSender:
    """Posts to the channel of the webhook; the url is its secret."""

    takes = TAKES
    threaded = False

    def __init__(self, name: str, url: str, ask: Ask, within: float = DEADLINE) -> None:
        self.name = name
        self._url = url
        self._ask = ask
        self._within = within

    def wire(self, letter: Outgoing, thread: Thread) -> bytes:
        """The post as blocks, and as text for notifications."""
        return _pack(payload(letter.message)) if letter.message else self.minimal(letter, thread)

    def minimal(self, letter: Outgoing, thread: Thread) -> bytes:
        """Text alone."""
        return _pack(minimal(letter.message) if letter.message else {"text": cut(linked(letter.text), WITHOUT_BLOCKS)})

    async def send(self, wire: bytes) -> Outcome:
        """Post it; only `ok` is an acceptance."""
        reply = await request(self._ask, self._url, wire, JSON, within=self._within)
        if not isinstance(reply, Reply):
            return reply
        said = reply.body.decode("utf-8", "replace").strip()
        if reply.status >= 400:
            return _refusal(reply.status, said)
        return Sent() if reply.status == 200 and said == "ok" else UNCLEAR

    async def find(self, letter: Outgoing, wire: bytes) -> Finding:
        """A webhook shows nobody what it posted."""
        return Unsearchable("an incoming webhook of Slack cannot be asked what it posted")


def _pack(content: dict[str, object]) -> bytes:
    return msgspec.json.encode({**content, "unfurl_links": False, "unfurl_media": False})


def _refusal(status: int, said: str) -> Refused:
    if not _CODE.fullmatch(said):
        return refused(status)
    fault = _FAULTS.get(said) or fault_of(said) or "channel"
    return Refused(f"HTTP {status}: {said}", fault=fault)
