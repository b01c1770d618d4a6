"""Which change may explain what is broken. Pure; it points, and never claims a cause."""

from __future__ import annotations

from collections.abc import Sequence

from cockpit.clock import SECOND
from cockpit.config.services import ServiceConfig
from cockpit.incident.watching import Change

WINDOW = 3600
"""Seconds before the first bad sample within which a change is a candidate."""
OWN, UNNAMED, OTHER = 1.0, 3.0, 6.0
"""How much further away in time a change seems: of the service or what it reads, of nobody in particular, of others."""


def suspect(changes: Sequence[Change], service: ServiceConfig, since: int) -> str:
    """The likeliest change before `since`, the first bad sample, in words; empty when there is none."""
    candidates = [change for change in changes if 0 <= since - change.at <= WINDOW * SECOND]
    if not candidates:
        return ""
    return _words(min(candidates, key=lambda change: _distance(change, service, since)), service, since)


def _distance(change: Change, service: ServiceConfig, since: int) -> tuple[float, int, int]:
    """Whole minutes, weighed; at the same distance the service itself comes before what it reads, then the latest."""
    minutes = 1 + (since - change.at) // (60 * SECOND)
    return minutes * _weight(change, service), 0 if change.seen.service == service.name else 1, -change.at


def _weight(change: Change, service: ServiceConfig) -> float:
    if change.seen.service in {service.name, *service.reads}:
        return OWN
    return OTHER if change.seen.service else UNNAMED


def _words(change: Change, service: ServiceConfig, since: int) -> str:
    seconds = (since - change.at) // SECOND
    ago = f"{seconds // 60} min" if seconds >= 60 else f"{seconds} s"
    where = f" in {change.seen.service}" if _weight(change, service) == OTHER else ""
    review = " (unreviewed)" if change.seen.reviewed is False else ""
    return f"changed {ago} before{where}: {change.seen.what}{review}"
