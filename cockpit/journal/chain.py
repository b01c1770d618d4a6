"""The chain over a stream: each event's hash covers the one before it, and a keyed hash of the body's stored bytes.

It detects edits, gaps and swaps. It cannot detect a rewrite of everything by the file's owner.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

GENESIS = bytes(32)
"""The hash before the first event."""
NONCE_BYTES = 32


class Header(NamedTuple):
    """The part of an event that can never be erased."""

    stream: str
    seq: int
    kind: str
    occurred_at: int
    recorded_at: int
    actor: str
    host: str


class Stored(NamedTuple):
    """An event as it lies in the journal; `body` and `nonce` are None once erased."""

    header: Header
    seal: bytes
    hash: bytes
    nonce: bytes | None
    body: bytes | None

    def columns(self) -> dict[str, object]:
        """The row by the names of its columns."""
        return self.header._asdict() | {
            "seal": self.seal,
            "hash": self.hash,
            "nonce": self.nonce,
            "body": self.body,
        }


class Verified(msgspec.Struct, frozen=True):
    """What a look at the whole chain found: the number of sound events and, if not ok, the first broken one."""

    ok: bool
    events: int
    broken: int = 0
    why: str = ""


def seal(nonce: bytes, body: bytes) -> bytes:
    """A commitment to the body that reveals nothing of it without the nonce."""
    return hmac.digest(nonce, body, "sha256")


def link(previous: bytes, header: Header, sealed: bytes) -> bytes:
    """The hash of an event that follows the one with hash `previous`."""
    fields = [str(field).encode("utf-8", "surrogatepass") for field in header]
    lengths = b"".join(len(field).to_bytes(8, "big") for field in fields)
    return hashlib.sha256(b"".join((previous, lengths, *fields, sealed))).digest()


class Checker:
    """Follows a stream from its first event, page by page, and stops at the first that is not sound."""

    def __init__(self) -> None:
        self.seq = 0
        self.hash = GENESIS
        self.broken = ""
        self._bare: list[int] = []
        self._erased: set[int] = set()

    def follow(self, page: Iterable[Stored], erased_by: Iterable[int]) -> None:
        """Check the next events; `erased_by` are the seqs that redactions among them name."""
        self._erased.update(erased_by)
        for stored in page:
            if self.broken:
                return
            self.broken = self._fault(stored)
            if not self.broken:
                self.seq, self.hash = stored.header.seq, stored.hash

    def verdict(self, head: int, hash_at_head: bytes) -> Verified:
        """The finding, given what the stream says of its own end."""
        for seq in self._bare:
            if seq not in self._erased:
                return Verified(False, seq - 1, seq, "its body is gone and no redaction names it")
        if self.broken:
            return Verified(False, self.seq, self.seq + 1, self.broken)
        if self.seq < head:
            return Verified(False, self.seq, self.seq + 1, "it is missing")
        if self.seq > head:
            return Verified(False, head, head + 1, "it lies beyond the stream's end")
        if self.hash != hash_at_head:
            return Verified(False, max(head - 1, 0), head, "the stream's end has another hash")
        return Verified(True, head)

    def _fault(self, stored: Stored) -> str:
        if stored.header.seq != self.seq + 1:
            return "it is missing"
        if link(self.hash, stored.header, stored.seal) != stored.hash:
            return "its header was changed, or it stands in the wrong place"
        if stored.body is None or stored.nonce is None:
            self._bare.append(stored.header.seq)
        elif not hmac.compare_digest(seal(stored.nonce, stored.body), stored.seal):
            return "its body was changed"
        return ""
