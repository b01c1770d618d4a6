"""Faults of every kind, by chance."""

from __future__ import annotations

from collections.abc import Sequence

from tests.slack import faults
from tests.slack.faults import Fault, Rule

WRITES: tuple[Fault, ...] = (
    faults.too_many("0"), faults.too_many("1"), faults.too_many(None), faults.too_many("soon"),
    faults.error("ratelimited"), faults.error("rate_limited"),
    faults.broken(500), faults.broken(502, html=True), faults.broken(503), faults.broken(504, commit=True),
    faults.captive_portal(), faults.plain(), faults.plain(commit=True),
    faults.bad_json(), faults.bad_json(commit=False), faults.truncated(), faults.truncated(commit=False),
    faults.reset(), faults.reset(commit=False), faults.stall(), faults.stall(commit=False), faults.late(),
    faults.error("fatal_error", commit=True), faults.error("internal_error"),
    faults.hidden(1), faults.reset(hidden=1), faults.bad_json(hidden=2), faults.broken(commit=True, hidden=1),
)  # fmt: skip
"""What can happen to a call that writes; what is hidden is hidden for a second or two."""

LOOKS: tuple[Fault, ...] = (
    faults.too_many("1"), faults.broken(503), faults.captive_portal(), faults.bad_json(), faults.reset(),
    faults.truncated(), faults.error("internal_error"), faults.stall(),
)  # fmt: skip
"""What can happen to a call that reads."""


def storm(chance: float = 0.3, writes: Sequence[Fault] = WRITES, looks: Sequence[Fault] = LOOKS) -> list[Rule]:
    """Rules with which that share of calls fails, each fault as often as the others of its kind."""
    return [*_shares(writes, "chat.*", chance), *_shares(looks, "conversations.*", chance)]


def _shares(found: Sequence[Fault], method: str, chance: float) -> list[Rule]:
    # Each rule sees only the calls that those before it let through.
    share, rules, left = chance / len(found), [], 1.0
    for fault in found:
        rules.append(Rule(fault=fault, method=method, times=None, chance=share / left))
        left -= share
    return rules
