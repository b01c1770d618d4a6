"""How a sender proves that it may tell us of alarms."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections import OrderedDict
from collections.abc import Mapping
from typing import Protocol

TIMESTAMP = "X-Cockpit-Timestamp"
SIGNATURE = "X-Cockpit-Signature"
REMEMBERED = 10_000
"""Signatures kept against a replay; far more than a sender makes within its window."""
_SECONDS = re.compile(r"[0-9]{1,12}", re.ASCII)


class Proof(Protocol):
    """What is demanded of every request."""

    def objection(self, headers: Mapping[str, str], body: bytes, now: float) -> str:
        """Why the request is not believed, else nothing; `now` in seconds since the epoch."""

    def spend(self, headers: Mapping[str, str], now: float) -> None:
        """Take note that the request was taken in: it is not believed again."""


class Bearer:
    """A secret the sender presents; whoever can read the connection can repeat it, so use TLS off loopback."""

    def __init__(self, secret: str) -> None:
        self._expected = f"Bearer {secret}".encode()

    def objection(self, headers: Mapping[str, str], body: bytes, now: float) -> str:
        """The comparison takes as long wherever the difference is."""
        presented = headers.get("Authorization", "").encode("utf-8", "surrogateescape")
        return "" if hmac.compare_digest(presented, self._expected) else "the bearer token is missing or wrong"

    def spend(self, headers: Mapping[str, str], now: float) -> None:
        """Nothing: a bearer may say the same again."""


class Signed:
    """HMAC-SHA256 over `timestamp.body`, in hexadecimal, made no longer ago than `window` seconds, and used once."""

    def __init__(self, secret: str, window: float) -> None:
        self._secret = secret.encode("utf-8", "surrogateescape")
        self._window = window
        self._spent: OrderedDict[str, float] = OrderedDict()

    def objection(self, headers: Mapping[str, str], body: bytes, now: float) -> str:
        """The signature is judged before anything else is said of the request."""
        timestamp, presented = headers.get(TIMESTAMP, ""), headers.get(SIGNATURE, "")
        expected = signature(self._secret, timestamp, body)
        given = presented.removeprefix("sha256=").lower().encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, expected.encode()):
            return "the signature is missing or wrong"
        if not _SECONDS.fullmatch(timestamp):
            return f"{TIMESTAMP} must be whole seconds since the epoch"
        if abs(now - int(timestamp)) > self._window:
            return f"signed too long ago or in the future: the clocks may differ by {self._window:.0f} s"
        return "seen before" if expected in self._spent else ""

    def spend(self, headers: Mapping[str, str], now: float) -> None:
        """Remember the signature for as long as its timestamp would be believed."""
        used = headers.get(SIGNATURE, "").removeprefix("sha256=").lower()
        self._spent[used] = int(headers[TIMESTAMP]) + self._window
        for old in [name for name, until in self._spent.items() if until < now]:
            del self._spent[old]
        while len(self._spent) > REMEMBERED:
            self._spent.popitem(last=False)


def signature(secret: bytes, timestamp: str, body: bytes) -> str:
    """What a sender puts into `X-Cockpit-Signature`."""
    return hmac.new(secret, timestamp.encode("utf-8", "surrogateescape") + b"." + body, hashlib.sha256).hexdigest()
