"""How long to leave an endpoint alone that cannot cope: the cockpit must not join a retry storm. Pure.

Asking slows down only once enough samples were bad to be believed: that a service is down must be told as fast as ever.
"""

from __future__ import annotations

import msgspec

from cockpit.probes.sample import Sample

SLOWEST = 60.0
LONGEST_REST = 600.0
"""Incident seconds: to what asking slows down by itself, and for how long an endpoint may ask to be left alone."""
_STRAINED_STATUS = frozenset({429, 503})
_STRAINED_FAILURES = frozenset({"connect_timeout", "read_timeout"})


class Backoff(msgspec.Struct, frozen=True):
    """`strained` counts samples of an endpoint that cannot cope; `rest` are the seconds it asked to be left alone."""

    strained: int = 0
    rest: float = 0.0

    def pace(self, interval: float, failures: int) -> float:
        """Seconds between samples: doubled with each after `failures`, up to a minute, never below the interval."""
        doublings = min(max(0, self.strained - failures + 1), 10)
        return max(interval, min(interval * 2.0**doublings, SLOWEST))

    def leave(self, failures: int) -> float:
        """The rest it is given, in seconds: no more than a minute until `failures` samples were bad, to be believed."""
        return self.rest if self.strained >= failures else min(self.rest, SLOWEST)


def after(backoff: Backoff, sample: Sample) -> Backoff:
    """The backoff one sample later; one good sample ends it, and one that says nothing changes no count.

    A source of error rates that gives none says nothing of the service, but may itself not cope.
    """
    if sample.outcome in {"good", "slow"}:
        return Backoff()
    rest = min(max(0.0, sample.retry_after or 0.0), LONGEST_REST)
    if sample.outcome == "indeterminate" and not sample.gap:
        return Backoff(backoff.strained, rest)
    strained = sample.failure in _STRAINED_FAILURES or sample.status in _STRAINED_STATUS
    return Backoff(backoff.strained + strained, rest)
