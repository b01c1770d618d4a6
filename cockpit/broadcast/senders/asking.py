"""One HTTP request of a sender, and what its end says of the letter."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TypeVar

import msgspec

from cockpit.broadcast.sender import Ambiguous, Refused
from cockpit.broadcast.slack.waiting import wait_of
from cockpit.web import Ask, Reply, Unanswered

DEADLINE = 10.0
"""Real seconds for everything, from the name to the last byte of the answer."""
ANSWER = 256 * 1024
"""Bytes read of an answer."""


async def request(
    ask: Ask, url: str, body: bytes, headers: Mapping[str, str], *, method: str = "POST", within: float = DEADLINE
) -> Reply | Refused | Ambiguous:
    """The answer to look at; what never left is refused, what left and has no whole answer is in doubt."""
    try:
        reply = await ask(url, within, method=method, headers=headers, body=body, limit=ANSWER)
    except Unanswered as why:
        return Ambiguous(str(why)) if why.sent else Refused(str(why))
    return judged(reply)


def judged(reply: Reply) -> Reply | Refused | Ambiguous:
    """The answer when it is for the chat's own eyes: good, or a refusal in the chat's words."""
    status = reply.status
    if status == 429:
        wait = wait_of(reply.headers.get("retry-after"), time.time())
        return Refused("HTTP 429: too many messages", fault="wait", wait=wait)
    if 300 <= status < 400 or status in {407, 511}:
        # Where to is not told: a portal repeats the address that was asked for, and that may be a secret.
        return Refused(f"HTTP {status}: something on the way answered: a portal to log in to, or the address has moved")
    if status >= 500 or status == 408:
        return Ambiguous(f"HTTP {status}")
    if reply.cut:
        return Ambiguous("the answer is too long to be one")
    return reply


T = TypeVar("T")


def read(raw: bytes, kind: type[T]) -> T | None:
    """What these bytes say as JSON, whoever wrote them; None when it is nothing of that kind."""
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None


def refused(status: int, words: str = "") -> Refused:
    """A refusal as its status alone tells it, for addresses that are a secret of their own."""
    told = f"HTTP {status}: {words}" if words else f"HTTP {status}"
    if status in {401, 403, 404, 410}:
        return Refused(told, fault="configuration")
    return Refused(told, fault="payload")


JSON = {"content-type": "application/json"}
UNCLEAR = Ambiguous("the answer is not the chat's: a portal or a proxy may have given it")
"""A good status with a strange body, as from a captive portal: nobody knows what became of the letter."""
UNREADABLE = Refused("what was to be sent cannot be read", final=True, fault="payload")
"""What is on record is of another kind: the destination has become another since."""
