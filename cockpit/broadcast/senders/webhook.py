"""Any address that takes a JSON document, signed and with a key that makes a repetition harmless.

The document has `version` 1, `key`, `kind`, `at`, `incident`, `text`, and `message` with all its parts. `kind` is
`thread` for an update and `card` for what is true now, in place of the card before. Moments are in microseconds.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable

import msgspec

from cockpit.broadcast.message import Message
from cockpit.broadcast.sender import Absent, Finding, Kind, Outcome, Outgoing, Sent, Thread
from cockpit.broadcast.senders.asking import DEADLINE, JSON, UNCLEAR, UNREADABLE, read, refused, request
from cockpit.web import Ask, Reply

TAKES: frozenset[Kind] = frozenset({"card", "thread"})
KEY = "Idempotency-Key"
TIMESTAMP, SIGNATURE = "X-Cockpit-Timestamp", "X-Cockpit-Signature"
"""Seconds since the epoch, and `sha256=` with the HMAC in hexadecimal over `timestamp.body`: as our own intake asks."""
KNOWN = 409
"""The status of somebody who has a document of that key already."""


class Document(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is sent; a `key` that was taken before says the same as before, and is to be answered with 409 or 2xx.

    `replaces` is the key of an update that is to be forgotten for this one.
    """

    version: int
    key: str
    kind: Kind
    at: int
    incident: str
    text: str
    message: Message | None = None
    replaces: str = ""


class WebhookSender:
    """Posts each letter as one document. `now` is the time of the signature, in seconds since the epoch."""

    takes = TAKES
    threaded = False

    def __init__(
        self, name: str, url: str, key: str, ask: Ask, within: float = DEADLINE, now: Callable[[], float] = time.time
    ) -> None:
        self.name = name
        self._url = url
        self._key = key.encode("utf-8", "surrogateescape")
        self._ask = ask
        self._within = within
        self._now = now

    def wire(self, letter: Outgoing, thread: Thread) -> bytes:
        """The document."""
        return msgspec.json.encode(_document(letter, letter.message))

    def minimal(self, letter: Outgoing, thread: Thread) -> bytes:
        """The document with the text alone."""
        return msgspec.json.encode(_document(letter, None))

    async def send(self, wire: bytes) -> Outcome:
        """Post it: any 2xx is an acceptance, unless it is a page for people, such as a portal's."""
        document = read(wire, Document)
        if document is None:
            return UNREADABLE
        headers = {**JSON, KEY: document.key, **self._signature(wire)}
        reply = await request(self._ask, self._url, wire, headers, within=self._within)
        if not isinstance(reply, Reply):
            return reply
        if reply.status == KNOWN:
            return Sent(document.key)
        if reply.status >= 400:
            return refused(reply.status)
        return UNCLEAR if reply.headers.get("content-type", "").startswith("text/html") else Sent(document.key)

    async def find(self, letter: Outgoing, wire: bytes) -> Finding:
        """Nobody is asked: sending it again is harmless, as the key tells the other side what it has already."""
        return Absent(certain=True)

    def _signature(self, body: bytes) -> dict[str, str]:
        if not self._key:
            return {}
        timestamp = str(int(self._now()))
        digest = hmac.new(self._key, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        return {TIMESTAMP: timestamp, SIGNATURE: f"sha256={digest}"}


def _document(letter: Outgoing, message: Message | None) -> Document:
    return Document(1, letter.key, letter.kind, letter.at, letter.incident, letter.text, message, letter.edits)
