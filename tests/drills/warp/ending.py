"""What of the ending that a play states did not come true."""

from __future__ import annotations

from cockpit.clock import SECOND
from cockpit.drills.gauging import holds
from cockpit.drills.hidden import Hidden
from cockpit.drills.model.plays import Ending
from cockpit.drills.model.scenario import Scenario
from cockpit.incident.vocabulary import ProbeChanged
from tests.drills.warp.played import Played

SLACK = 60.0
"""Seconds by which a watch may be shorter than the criteria want it: it begins a few samples after the recovery."""


def unfulfilled(ending: Ending, seen: Played, scenario: Scenario) -> list[str]:
    """Each thing that was stated and is otherwise, in words."""
    hidden, resolved = seen.hidden, _resolved(seen, scenario)
    facts: list[tuple[str, object, object]] = [
        ("mitigated", ending.mitigated, not hidden.harm),
        ("resolved", ending.resolved, resolved),
        ("side effects", sorted(ending.side_effects), sorted({each.text for each in hidden.side_effects})),
    ]
    if ending.deadline is not None:
        facts.append(("deadline", ending.deadline, hidden.deadline))
    wrong = [f"{what}: {stated} was stated, and it is {came}" for what, stated, came in facts if stated != came]
    unlike = [key for key, wanted in ending.holds.items() if not holds({key: wanted}, hidden.variables, hidden.gauges)]
    return wrong + [f"{key}: {ending.holds[key]} was stated, and it is {_value(key, hidden)}" for key in unlike]


def _value(key: str, hidden: Hidden) -> object:
    return hidden.variables.get(key, hidden.gauges.get(key))


def _resolved(seen: Played, scenario: Scenario) -> str:
    """Whether it was called resolved, and whether that was true then by the criteria."""
    if seen.at_resolved is None:
        return "never"
    at = seen.t0 + seen.at_resolved.minute * 60 * SECOND
    turns = [
        (event.body.state, event.body.since)
        for event in seen.events
        if isinstance(event.body, ProbeChanged) and event.body.probe == scenario.criteria.verified
        if event.occurred_at <= at
    ]
    state, since = turns[-1] if turns else ("unknown", 0)
    watched = state == "up" and (at - since) / SECOND >= scenario.criteria.quiet - SLACK
    return "truly" if watched and seen.at_resolved.over else "falsely"
