"""What can go wrong on the way, and on which call it does."""

from __future__ import annotations

import fnmatch
import random
from collections.abc import Callable
from typing import Literal

import msgspec

HTML = "<!DOCTYPE html><html><body><h1>{}</h1></body></html>"


class Answer(msgspec.Struct, frozen=True):
    """An answer that somebody else gives in Slack's place."""

    status: int
    body: str
    kind: str = "application/json"
    headers: dict[str, str] = {}


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """What goes wrong with one call.

    `commit` says whether Slack does what it was asked: never, before it answers, or `late`: after the caller has been
    told nothing for so long that it has left, or after `wait` seconds when those are not 0. Without an `answer` it
    is Slack's own. `wire` says what becomes of the answer: it arrives whole, in part, the connection is reset, or
    nothing comes until the caller leaves. What is committed stays out of history for `hidden` seconds.
    """

    name: str
    commit: Literal["never", "before", "late"] = "never"
    answer: Answer | None = None
    wire: Literal["whole", "cut", "reset", "stall"] = "whole"
    wait: float = 0.0
    hidden: float = 0.0


class Rule(msgspec.Struct, kw_only=True):
    """When a fault comes: on calls of a method (`chat.*` for several), after `skip` of them, `times` at most."""

    fault: Fault
    method: str = "*"
    skip: int = 0
    times: int | None = 1
    chance: float = 1.0


class Weather:
    """The faults to come; the first rule that fits a call has it. `seed` settles what comes by chance.

    `watch` is asked of each call before the rules are, and may name a fault itself.
    """

    def __init__(self, seed: int = 0) -> None:
        self.rules: list[Rule] = []
        self.watch: Callable[[str], Fault | None] = lambda method: None
        self._chance = random.Random(seed)

    def add(
        self, fault: Fault, method: str = "*", *, skip: int = 0, times: int | None = 1, chance: float = 1.0
    ) -> None:
        """Have a fault come; `times` None means on every such call."""
        self.rules.append(Rule(fault=fault, method=method, skip=skip, times=times, chance=chance))

    def clear(self) -> None:
        """Nothing more goes wrong."""
        self.rules.clear()

    def meet(self, method: str) -> Fault | None:
        """The fault that this call meets."""
        if (fault := self.watch(method)) is not None:
            return fault
        for rule in self.rules:
            if not fnmatch.fnmatch(method, rule.method):
                continue
            if rule.skip:
                rule.skip -= 1
                continue
            if rule.times == 0 or self._chance.random() >= rule.chance:
                continue
            if rule.times is not None:
                rule.times -= 1
            return rule.fault
        return None


def _commit(commit: bool) -> Literal["never", "before"]:
    return "before" if commit else "never"


def too_many(retry_after: str | None = "1", *, commit: bool = False) -> Fault:
    """HTTP 429; Retry-After may be `0`, `3600`, missing, or no number."""
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    answer = Answer(429, '{"ok":false,"error":"ratelimited"}', headers=headers)
    return Fault(name=f"429 {retry_after}", commit=_commit(commit), answer=answer)


def error(code: str, *, commit: bool = False, hidden: float = 0.0) -> Fault:
    """HTTP 200 with an error: `ratelimited`, `rate_limited`, `fatal_error`, `internal_error`, `token_revoked` ..."""
    answer = Answer(200, f'{{"ok":false,"error":"{code}"}}')
    return Fault(name=code, commit=_commit(commit), answer=answer, hidden=hidden)


def broken(status: int = 502, *, html: bool = False, commit: bool = False, hidden: float = 0.0) -> Fault:
    """A server's own error, as text or as HTML."""
    words = f"{status} upstream error"
    answer = Answer(status, HTML.format(words) if html else words, "text/html" if html else "text/plain")
    name = f"{status} {'html' if html else 'text'}"
    return Fault(name=name, commit=_commit(commit), answer=answer, hidden=hidden)


def captive_portal() -> Fault:
    """A stranger's page with status 200: nothing reached Slack."""
    return Fault(name="captive portal", answer=Answer(200, HTML.format("Welcome to our network"), "text/html"))


def plain(*, commit: bool = False) -> Fault:
    """Status 200 with plain text."""
    return Fault(name="200 text", commit=_commit(commit), answer=Answer(200, "all good", "text/plain"))


def bad_json(*, commit: bool = True, hidden: float = 0.0) -> Fault:
    """Status 200 that says it is JSON, and is not."""
    return Fault(name="bad json", commit=_commit(commit), answer=Answer(200, '{"ok":tru'), hidden=hidden)


def truncated(*, commit: bool = True, hidden: float = 0.0) -> Fault:
    """The body ends before its announced length."""
    return Fault(name="truncated", commit=_commit(commit), wire="cut", hidden=hidden)


def reset(*, commit: bool = True, hidden: float = 0.0) -> Fault:
    """The connection is reset instead of an answer."""
    return Fault(name="reset", commit=_commit(commit), wire="reset", hidden=hidden)


def stall(*, commit: bool = True, hidden: float = 0.0) -> Fault:
    """No answer comes until the caller leaves."""
    return Fault(name="stall", commit=_commit(commit), wire="stall", hidden=hidden)


def late(wait: float = 0.0, *, hidden: float = 0.0) -> Fault:
    """No answer comes, and what was asked is done only after the caller has left, or after so many seconds."""
    return Fault(name="late", commit="late", wire="stall", wait=wait, hidden=hidden)


def slow(wait: float) -> Fault:
    """A true answer that takes its time."""
    return Fault(name="slow", commit="before", wait=wait)


def hidden(seconds: float) -> Fault:
    """A true answer, of something that history does not show for so many seconds."""
    return Fault(name="hidden", commit="before", hidden=seconds)
