"""A webhook of Discord: it tells the id of what it posted, so that the card can be edited."""

from __future__ import annotations

import re

import httpx
import msgspec

from cockpit.broadcast.dialects import DISCORD, rendered
from cockpit.broadcast.sender import (
    Absent,
    Fault,
    Finding,
    Kind,
    Outcome,
    Outgoing,
    Refused,
    Sent,
    Thread,
    Unsearchable,
)
from cockpit.broadcast.senders.asking import DEADLINE, JSON, UNCLEAR, UNREADABLE, read, refused, request
from cockpit.web import Ask, Reply

TAKES: frozenset[Kind] = frozenset({"card", "thread"})
QUIETLY: dict[str, dict[str, list[str]]] = {"allowed_mentions": {"parse": []}}
"""Nobody is called, whatever the text looks like."""
NO_PREVIEWS = 1 << 2
_ID = re.compile(r"[0-9]{1,20}", re.ASCII)
_FAULTS: dict[int, Fault] = {
    10003: "channel", 10008: "gone", 10015: "configuration", 50027: "configuration", 50083: "channel",
    160005: "channel",
}  # fmt: skip
"""By Discord's own codes: no such channel, message or webhook, a wrong token, an archived or a locked thread."""


class Wire(msgspec.Struct, frozen=True):
    """A message, and the id of the one it takes the place of, empty for a new one."""

    edits: str
    content: str


class _Message(msgspec.Struct):
    id: str


class _Error(msgspec.Struct):
    code: int = 0


class DiscordSender:
    """Posts to the channel of the webhook; the url is its secret."""

    takes = TAKES
    threaded = False

    def __init__(self, name: str, url: str, ask: Ask, within: float = DEADLINE) -> None:
        self.name = name
        self._url = httpx.URL(url)
        self._ask = ask
        self._within = within

    def wire(self, letter: Outgoing, thread: Thread) -> bytes:
        """The message in Discord's markdown: a new one, or one in the place of another."""
        edits = thread.root if letter.kind == "card" else letter.edits
        return msgspec.json.encode(Wire(edits if _ID.fullmatch(edits) else "", rendered(letter, DISCORD)))

    def minimal(self, letter: Outgoing, thread: Thread) -> bytes:
        """The same: there is no plainer form."""
        return self.wire(letter, thread)

    async def send(self, wire: bytes) -> Outcome:
        """Post or edit it; the id of the message is its address."""
        message = read(wire, Wire)
        if message is None:
            return UNREADABLE
        reply = await self._asked(message)
        if not isinstance(reply, Reply):
            return reply
        if reply.status >= 400:
            return _refusal(reply)
        posted = read(reply.body, _Message)
        return UNCLEAR if posted is None else Sent(posted.id)

    async def find(self, letter: Outgoing, wire: bytes) -> Finding:
        """An edit may be made again; what a webhook posted nobody can look for."""
        message = read(wire, Wire)
        if message is not None and message.edits:
            return Absent()
        return Unsearchable("a webhook of Discord cannot be asked what it posted")

    async def _asked(self, message: Wire) -> Outcome | Reply:
        body: dict[str, object] = {"content": message.content, **QUIETLY}
        if message.edits:
            path = f"{self._url.path.rstrip('/')}/messages/{message.edits}"
            url = str(self._url.copy_with(path=path))
            return await request(self._ask, url, msgspec.json.encode(body), JSON, method="PATCH", within=self._within)
        # Without `wait` Discord answers before it has posted, and tells no id.
        url = str(self._url.copy_set_param("wait", "true"))
        return await request(
            self._ask, url, msgspec.json.encode({**body, "flags": NO_PREVIEWS}), JSON, within=self._within
        )


def _refusal(reply: Reply) -> Refused:
    error = read(reply.body, _Error)
    code = error.code if error is not None else 0
    if fault := _FAULTS.get(code):
        return Refused(f"HTTP {reply.status}: Discord's code {code}", fault=fault)
    return refused(reply.status, f"Discord's code {code}" if code else "")
