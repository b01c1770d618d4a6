"""What a destination must be able to do, and how an attempt to reach it can end."""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec

from cockpit.broadcast.message import Message

Kind = Literal["card", "thread", "switch", "direct"]
Fault = Literal["payload", "configuration", "channel", "wait", "transport", "gone", "closed"]
"""Why it certainly did not arrive: `payload` is refused as it is, `configuration` and `channel` until somebody mends
them, `wait` asks for patience, `transport` never got there, `gone` misses what is edited or answered,
`closed` will not have it edited any more, though it is there."""


class Outgoing(msgspec.Struct, frozen=True, omit_defaults=True):
    """One letter as the outbox keeps it until it is sent: `key` is unique for ever, `at` is when it was written.

    `text` is the message in plain text. `edits` is the address of a post whose place it takes, which is how a text
    that was told by mistake is taken back. `since` is when the first of the updates was written that it tells of,
    0 when it tells of one; `merged` are the ids of those it took the place of. It is `plain` once its form was
    refused, and `repeated` when it may be there twice. `anew` takes the place of what was erased: no hold keeps it.
    """

    key: str
    kind: Kind
    at: int
    incident: str
    text: str
    message: Message | None = None
    edits: str = ""
    since: int = 0
    merged: tuple[str, ...] = ()
    plain: bool = False
    repeated: bool = False
    anew: bool = False

    def pack(self) -> bytes:
        """The payload that the outbox keeps."""
        return msgspec.json.encode(self)


def unpack(payload: bytes) -> Outgoing:
    """The letter in a payload; `msgspec.MsgspecError` when there is none."""
    return msgspec.json.decode(payload, type=Outgoing)


class Thread(msgspec.Struct, frozen=True):
    """What is known of a place when a letter goes there.

    `root` is the address of the incident's card there, `switch` that of the message it has in keeping; empty for none.
    """

    root: str = ""
    switch: str = ""


class Sent(msgspec.Struct, frozen=True):
    """The letter is at its destination; `where` is its address there, empty where there are none."""

    where: str = ""


class Refused(msgspec.Struct, frozen=True):
    """The letter certainly did not arrive; `final` means that trying again is no use.

    `wait` is how many seconds the destination asked for.
    """

    why: str
    final: bool = False
    fault: Fault = "transport"
    wait: float = 0.0


class Ambiguous(msgspec.Struct, frozen=True):
    """Nobody knows whether the letter arrived: it must be looked for before it is sent again.

    `wait` is how many seconds the destination asked for when it was looked for.
    """

    why: str
    wait: float = 0.0


class Absent(msgspec.Struct, frozen=True):
    """The letter was looked for, and is not there; it may still be on its way, unless that is `certain` not to be."""

    certain: bool = False


class Unsearchable(msgspec.Struct, frozen=True):
    """This destination can never tell whether a letter is there."""

    why: str


Outcome = Sent | Refused | Ambiguous
Finding = Sent | Absent | Ambiguous | Unsearchable


class Sender(Protocol):
    """Carries letters to one destination. Nothing here raises anything but cancellation."""

    @property
    def name(self) -> str:
        """The destination's name in the config."""

    @property
    def takes(self) -> frozenset[Kind]:
        """The kinds of letter it can carry; the others are never queued for it."""

    @property
    def threaded(self) -> bool:
        """Whether an update is an answer to the card, and so has to wait for the card's address."""

    def wire(self, letter: Outgoing, thread: Thread) -> bytes:
        """What is sent, byte for byte: it is on record before the first byte leaves."""

    def minimal(self, letter: Outgoing, thread: Thread) -> bytes:
        """The same in the plainest form there is, for a destination that refused the other."""

    async def send(self, wire: bytes) -> Outcome:
        """Deliver it, within a deadline of its own."""

    async def find(self, letter: Outgoing, wire: bytes) -> Finding:
        """Look for a letter whose arrival is in doubt."""
