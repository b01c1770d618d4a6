"""Which changes may explain what is broken. Pure; it points, and never claims a cause."""

from __future__ import annotations

from collections.abc import Sequence

from cockpit.clock import SECOND
from cockpit.config.services import ServiceConfig
from cockpit.incident.watching import Change

WINDOW = 3600
"""Seconds before the first bad sample within which a change is a candidate."""
SKEW = 60
"""Seconds that the clocks of two hosts may differ: a change that much after the first bad sample is one still."""
OWN, UNNAMED, OTHER = 1.0, 3.0, 6.0
"""How much further away in time a change seems: of the service or what it needs, of nobody in particular, of others."""


def suspects(changes: Sequence[Change], service: ServiceConfig, since: int, limit: int = 3) -> tuple[str, ...]:
    """The likeliest changes around `since`, the first bad sample, in words, the likeliest first."""
    candidates = [change for change in changes if -SKEW * SECOND <= since - change.at <= WINDOW * SECOND]
    ranked = sorted(candidates, key=lambda change: _distance(change, service, since))
    return tuple(_words(change, service, since) for change in ranked[:limit])


def suspect(changes: Sequence[Change], service: ServiceConfig, since: int) -> str:
    """The likeliest of them; empty when there is none."""
    return next(iter(suspects(changes, service, since, 1)), "")


def _distance(change: Change, service: ServiceConfig, since: int) -> tuple[float, bool, bool, int, str]:
    """Whole minutes, weighed; then those before it, the service's own before what it needs, and the latest."""
    before = since - change.at
    minutes = 1 + max(0, before) // (60 * SECOND)
    other = change.seen.service != service.name
    return minutes * _weight(change, service), before < 0, other, -change.at, change.seen.change


def _weight(change: Change, service: ServiceConfig) -> float:
    if change.seen.service in {service.name, *service.reads, *service.depends_on}:
        return OWN
    return OTHER if change.seen.service else UNNAMED


def _words(change: Change, service: ServiceConfig, since: int) -> str:
    seen = change.seen
    where = f" in {seen.service}" if seen.service and seen.service != service.name else ""
    review = ", unreviewed" if seen.reviewed is False else ""
    return f"{_when(since - change.at)} the first bad sample: {seen.what}{where}{review}"


def _when(before: int) -> str:
    if before < 0:
        return "within a minute of"
    seconds = before // SECOND
    return f"{round(seconds / 60)} min before" if seconds >= 60 else f"{seconds} s before"
