"""An incoming webhook of Mattermost: it takes posts, edits nothing and tells nothing back."""

from __future__ import annotations

import msgspec

from cockpit.broadcast.dialects import MATTERMOST, rendered
from cockpit.broadcast.sender import Fault, Finding, Kind, Outcome, Outgoing, Refused, Sent, Thread, Unsearchable
from cockpit.broadcast.senders.asking import DEADLINE, JSON, UNCLEAR, read, refused, request
from cockpit.web import Ask, Reply

TAKES: frozenset[Kind] = frozenset({"thread"})
"""A card that cannot be edited would be posted again for every change."""


class MattermostSender:
    """Posts to the channel of the webhook; the url is its secret."""

    takes = TAKES
    threaded = False

    def __init__(self, name: str, url: str, ask: Ask, within: float = DEADLINE) -> None:
        self.name = name
        self._url = url
        self._ask = ask
        self._within = within

    def wire(self, letter: Outgoing, thread: Thread) -> bytes:
        """The post in Mattermost's markdown."""
        return msgspec.json.encode({"text": rendered(letter, MATTERMOST)})

    def minimal(self, letter: Outgoing, thread: Thread) -> bytes:
        """The same: there is no plainer form."""
        return self.wire(letter, thread)

    async def send(self, wire: bytes) -> Outcome:
        """Post it; only `ok` is an acceptance."""
        reply = await request(self._ask, self._url, wire, JSON, within=self._within)
        if not isinstance(reply, Reply):
            return reply
        if reply.status >= 400:
            return _refusal(reply)
        return Sent() if reply.status == 200 and reply.body.strip() == b"ok" else UNCLEAR

    async def find(self, letter: Outgoing, wire: bytes) -> Finding:
        """A webhook shows nobody what it posted."""
        return Unsearchable("an incoming webhook of Mattermost cannot be asked what it posted")


class _Error(msgspec.Struct):
    id: str = ""


_GONE = ("invalid", "disabled", "channel", "user", "permissions")
"""What makes no difference to another payload: the webhook, its channel, or who made it."""


def _refusal(reply: Reply) -> Refused:
    """An error by its id: the words beside it may repeat the address."""
    error = read(reply.body, _Error)
    name = error.id if error is not None else ""
    name = name.removeprefix("web.incoming_webhook.").removesuffix(".app_error")
    if not (name.isascii() and name.replace("_", "").isalnum()):
        return refused(reply.status)
    if name.startswith(_GONE):
        fault: Fault = "channel" if name.startswith("channel") else "configuration"
        return Refused(f"HTTP {reply.status}: {name}", fault=fault)
    return refused(reply.status, name)
