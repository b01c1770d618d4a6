"""What a destination must be able to do, and how an attempt to reach it can end."""

from __future__ import annotations

from typing import Protocol

import msgspec


class Outgoing(msgspec.Struct, frozen=True):
    """One letter as a destination gets it: `key` is unique for ever, `at` is when it was written, in microseconds."""

    key: str
    kind: str
    at: int
    incident: str
    text: str

    def pack(self) -> bytes:
        """The payload that the outbox keeps."""
        return msgspec.json.encode(self)


def unpack(payload: bytes) -> Outgoing:
    """The letter in a payload; `msgspec.MsgspecError` when there is none."""
    return msgspec.json.decode(payload, type=Outgoing)


class Sent(msgspec.Struct, frozen=True):
    """The letter is at its destination."""


class Refused(msgspec.Struct, frozen=True):
    """The letter certainly did not arrive; `final` means that trying again is no use."""

    why: str
    final: bool = False


class Ambiguous(msgspec.Struct, frozen=True):
    """Nobody knows whether the letter arrived: it must be looked for before it is sent again."""

    why: str


class Absent(msgspec.Struct, frozen=True):
    """The letter was looked for, and is not there."""


Outcome = Sent | Refused | Ambiguous
Finding = Sent | Absent | Ambiguous


class Sender(Protocol):
    """Carries letters to one destination."""

    @property
    def name(self) -> str:
        """The destination's name in the config."""

    async def send(self, letter: Outgoing) -> Outcome:
        """Deliver the letter; it raises nothing but cancellation."""

    async def find(self, key: str) -> bool:
        """Whether a letter of that key has arrived; OSError when the destination cannot tell now."""
