"""A topic of a Zulip channel: its messages can be edited, and looked for."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from urllib.parse import urlencode

import msgspec

from cockpit.broadcast.cutting import cut
from cockpit.broadcast.dialects import ZULIP, rendered
from cockpit.broadcast.sender import (
    Absent,
    Ambiguous,
    Finding,
    Kind,
    Outcome,
    Outgoing,
    Refused,
    Sent,
    Thread,
    Unsearchable,
)
from cockpit.broadcast.senders.asking import DEADLINE, UNCLEAR, UNREADABLE, read, refused, request
from cockpit.clock import SECOND
from cockpit.config.broadcasting import ZulipDestination
from cockpit.text import Redactor, SafeText
from cockpit.web import Ask, Reply

TAKES: frozenset[Kind] = frozenset({"card", "thread"})
TOPIC = 60
"""Characters of a topic: Zulip would cut a longer one, and it would not be found again."""
LOOKED_THROUGH = 100
"""The latest messages of ours in the topic among which one is looked for."""
MARGIN = 600 * SECOND
"""How far the clocks may differ when it is told whether those reach back far enough."""
SAID = 120
"""Characters kept of what Zulip says of an error."""
FORM = {"content-type": "application/x-www-form-urlencoded"}
_ID = re.compile(r"[0-9]{1,18}", re.ASCII)
_CHANNEL = {"STREAM_DOES_NOT_EXIST", "TOPICS_NOT_ALLOWED", "STREAM_WITH_ID_DOES_NOT_EXIST"}


class Wire(msgspec.Struct, frozen=True):
    """A message, and the id of the one it takes the place of, empty for a new one. `mark` is in what is posted.

    The `card` may be posted anew where it cannot be edited; what takes an update back may not.
    """

    edits: str
    content: str
    mark: str
    card: bool


class _Done(msgspec.Struct):
    result: str
    id: int = 0


class _Error(msgspec.Struct):
    code: str = ""
    msg: str = ""


class _Message(msgspec.Struct):
    id: int
    content: str
    timestamp: int


class _Messages(msgspec.Struct):
    messages: tuple[_Message, ...]
    found_oldest: bool = False


class ZulipSender:
    """Posts as a bot, whose key logs it in."""

    takes = TAKES
    threaded = False

    def __init__(self, config: ZulipDestination, key: str, ask: Ask, within: float = DEADLINE) -> None:
        self.name = config.name
        self._api = f"{config.site.rstrip('/')}/api/v1/messages"
        self._channel = config.channel
        self._topic = cut(config.topic, TOPIC)
        self._bot = config.email
        login = b64encode(f"{config.email}:{key}".encode("utf-8", "surrogateescape")).decode()
        self._login = {"authorization": f"Basic {login}"}
        self._redact = Redactor((key,))
        self._ask = ask
        self._within = within

    def wire(self, letter: Outgoing, thread: Thread) -> bytes:
        """The message in Zulip's markdown: a new one, or one in the place of another."""
        edits = thread.root if letter.kind == "card" else letter.edits
        # Zulip keeps nothing beside a message that would tell ours apart.
        mark = f"ref {sha256(letter.key.encode()).hexdigest()[:10]}"
        content, card = rendered(letter, ZULIP, mark), letter.kind == "card"
        return msgspec.json.encode(Wire(edits if _ID.fullmatch(edits) else "", content, mark, card))

    def minimal(self, letter: Outgoing, thread: Thread) -> bytes:
        """The same: there is no plainer form."""
        return self.wire(letter, thread)

    async def send(self, wire: bytes) -> Outcome:
        """Post or edit it; the id of the message is its address."""
        message = read(wire, Wire)
        if message is None:
            return UNREADABLE
        if message.edits:
            reply = await self._request("PATCH", f"/{message.edits}", {"content": message.content})
        else:
            fields = {"type": "stream", "to": self._channel, "topic": self._topic, "content": message.content}
            reply = await self._request("POST", "", fields)
        if not isinstance(reply, Reply):
            return reply
        if reply.status >= 400:
            return self._refusal(reply, message)
        done = read(reply.body, _Done)
        return UNCLEAR if done is None or done.result != "success" else Sent(message.edits or str(done.id))

    async def find(self, letter: Outgoing, wire: bytes) -> Finding:
        """Look through the latest messages of the bot in the topic; an edit may be made again in any case."""
        message = read(wire, Wire)
        if message is None:
            return Unsearchable("it was sent while the destination was another one")
        if message.edits:
            return Absent()
        narrow = [("channel", self._channel), ("topic", self._topic), ("sender", self._bot)]
        query = {
            "anchor": "newest", "num_before": LOOKED_THROUGH, "num_after": 0, "apply_markdown": "false",
            "narrow": msgspec.json.encode([{"operator": name, "operand": value} for name, value in narrow]).decode(),
        }  # fmt: skip
        reply = await self._request("GET", f"?{urlencode(query)}", {})
        if not isinstance(reply, Reply):
            return reply if isinstance(reply, Ambiguous) else Ambiguous(reply.why)
        found = read(reply.body, _Messages)
        if found is None:
            return Ambiguous(f"HTTP {reply.status}: it could not be looked for")
        return _found(found, message.mark, letter.at)

    async def _request(self, method: str, path: str, fields: dict[str, str]) -> Reply | Refused | Ambiguous:
        headers = {**self._login, **(FORM if fields else {})}
        body = urlencode(fields).encode()
        return await request(self._ask, self._api + path, body, headers, method=method, within=self._within)

    def _refusal(self, reply: Reply, message: Wire) -> Refused:
        error = read(reply.body, _Error)
        if error is None:
            return refused(reply.status)
        words = SafeText(self._redact(error.msg), SAID).line
        told = f"HTTP {reply.status}: {words}"
        if error.code in _CHANNEL:
            return Refused(told, fault="channel")
        if not message.edits or reply.status != 400:
            return refused(reply.status, words)
        # The words may be in the bot's own language; then a card is posted anew, and an update is said to be there yet.
        if "Invalid message" in error.msg or (message.card and "turned off message editing" not in error.msg):
            return Refused(told, fault="gone")
        # A new card for every change would bury everybody, and what was to be taken back can still be read.
        return Refused(told, final=True, fault="payload")


def _found(found: _Messages, mark: str, written: int) -> Finding:
    for message in found.messages:
        if message.content.rstrip().endswith(f"\n{mark}"):
            return Sent(str(message.id))
    oldest = min((message.timestamp * SECOND for message in found.messages), default=0)
    if not found.found_oldest and oldest > written - MARGIN:
        return Ambiguous(f"more than {LOOKED_THROUGH} messages have come since")
    return Absent()
