"""How long it took as people say, held against what the moments come to."""

from __future__ import annotations

from collections.abc import Iterator

from cockpit.moments import span
from cockpit.review.durations import Claim, claims, of_incident
from cockpit.review.model import Doubt, Interval, Report

_WHOLE = {"mitigated", "verified", "resolved", "last_entry"}
"""Where an interval ends that may be called the length of the incident."""


def durations(report: Report) -> Iterator[Doubt]:
    """Every stated duration of the incident that no computed one agrees with."""
    whole = [one for one in report.intervals if one.minutes is not None and one.end in _WHOLE and _begins(one)]
    if not whole:
        return
    for claim in _claims(report):
        if not any(claim.fits((one.minutes or 0) * 60) for one in whole):
            computed = "; ".join(f"{span((one.minutes or 0) * 60)} from {one.start} to {one.end}" for one in whole)
            text = f"`{claim.words}` is stated; computed: {computed}"
            yield Doubt(rule="duration_mismatch", text=text, mend="take the computed one, or mend the moments")


def order(report: Report) -> Iterator[Doubt]:
    """Intervals that end before they begin."""
    for one in report.intervals:
        if one.minutes is None:
            yield Doubt(rule="order", text=f"{one.end} lies before {one.start}", time=one.ended_at)


def _claims(report: Report) -> Iterator[Claim]:
    yield from claims(report.human.stated_duration)
    yield from of_incident(report.human.summary)
    yield from of_incident(report.impact.text)


def _begins(one: Interval) -> bool:
    return one.start in {"impact_start", "detected", "declared", "first_entry"}
