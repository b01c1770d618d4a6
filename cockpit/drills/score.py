"""The score of a drill: several axes beside those of the recorded plays, never one grade. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from cockpit.clock import SECOND
from cockpit.drills.model import Axis, Mark, Scenario
from cockpit.drills.world import SideEffect
from cockpit.incident.event import Event
from cockpit.incident.fold import fold
from cockpit.incident.intervals import Marks, impact_minutes, marks
from cockpit.incident.vocabulary import (
    ImpactChanged,
    IncidentDeclared,
    IncidentResolved,
    ProbeChanged,
)
from cockpit.review.impact import RED
from cockpit.review.telling import missed
from cockpit.review.tried import tried

BESIDE = ("original", "good")
"""The plays whose minutes stand beside the responder's."""


@dataclass(frozen=True)
class Passed:
    """One axis: the responder's minute after T0, None when it never came, and the marks of the recorded plays."""

    axis: Axis
    minute: float | None
    marks: tuple[Mark | None, ...]


@dataclass(frozen=True)
class Overdue:
    """A status update that was due at that minute and came late or never."""

    due: float
    came: float | None


@dataclass(frozen=True)
class Score:
    """Everything measured; minutes count from T0."""

    title: str
    passed: tuple[Passed, ...]
    scope_minute: float | None
    impact_minutes: float
    overdue: tuple[Overdue, ...]
    false_resolved: tuple[str, ...]
    unverified: tuple[str, ...]
    side_effects: tuple[SideEffect, ...]


def score(
    events: Sequence[Event], scenario: Scenario, t0: int, now: int, side_effects: Sequence[SideEffect] = ()
) -> Score:
    """What the events of the incident's stream say of the response. Times in microseconds since the epoch.

    Side effects are the simulator's to tell: the cockpit cannot know them.
    """
    when = marks(events)
    beside = [scenario.plays[name].marks if name in scenario.plays else {} for name in BESIDE]
    late = missed(events, now)
    return Score(
        title=scenario.title,
        passed=tuple(
            Passed(axis, _minute(at, t0), tuple(of_play.get(axis) for of_play in beside))
            for axis, at in _axes(when).items()
        ),
        scope_minute=_minute(_scope(events), t0),
        impact_minutes=impact_minutes(events, now),
        overdue=tuple(
            Overdue(_since(one.due.timestamp(), t0), None if one.came is None else _since(one.came.timestamp(), t0))
            for one in late
        ),
        false_resolved=_false_resolved(events, scenario, when),
        unverified=tuple(
            f"{one.step} ({one.command})" for one in tried(events, fold(events)) if one.helped == "not_verified"
        ),
        side_effects=tuple(side_effects),
    )


def _axes(when: Marks) -> dict[Axis, int | None]:
    return {
        "impact_start": when.impact_start,
        "detected": when.detected,
        "declared": when.declared,
        "first_update": when.first_update_by_person,
        "mitigated": when.mitigated,
        "verified": when.verified,
        "resolved": when.resolved,
    }


def _minute(at: int | None, t0: int) -> float | None:
    return None if at is None else (at - t0) / (60 * SECOND)


def _since(timestamp: float, t0: int) -> float:
    return (timestamp - t0 / SECOND) / 60


def _scope(events: Sequence[Event]) -> int | None:
    """When both were said: who is hit, and what is not affected."""
    impact_said = unaffected_said = False
    for event in events:
        match event.body:
            case IncidentDeclared(impact=text):
                impact_said |= bool(text)
            case ImpactChanged(impact=text, unaffected=unaffected):
                impact_said |= bool(text)
                unaffected_said |= bool(unaffected)
        if impact_said and unaffected_said:
            return event.occurred_at
    return None


def _false_resolved(events: Sequence[Event], scenario: Scenario, when: Marks) -> tuple[str, ...]:
    """Why calling it resolved was not true at that moment."""
    resolved = when.resolved
    if resolved is None:
        return ()
    reasons = []
    red = {
        turn.probe: turn.state in RED
        for event in events
        if event.occurred_at <= resolved and isinstance(turn := event.body, ProbeChanged)
    }
    reasons += [f"{probe} was still red" for probe, is_red in sorted(red.items()) if is_red]
    if when.verified is None or when.verified > resolved:
        reasons.append("nothing had verified the recovery")
    quiet = 0.0 if when.mitigated is None else (resolved - when.mitigated) / SECOND
    # The watch starts a few samples after the recovery; a minute less is not the responder's haste.
    if quiet < scenario.criteria.quiet - 60:
        wanted = scenario.criteria.quiet / 60
        reasons.append(f"only {quiet / 60:.0f} minutes after the recovery, where {wanted:.0f} were to be watched")
    unmet = [event.body.unmet for event in events if isinstance(event.body, IncidentResolved)]
    return (*reasons, *(f"closed although {text}" for texts in unmet for text in texts))


_TITLES: dict[Axis, str] = {
    "impact_start": "impact started",
    "detected": "detected",
    "declared": "declared (acknowledged)",
    "first_update": "first update",
    "mitigated": "mitigated",
    "verified": "verified",
    "resolved": "resolved",
}


def render(score: Score) -> str:
    """The score as aligned plain text."""
    head = f"  {'minutes from T0':<26}{'you':>8}{'original':>16}{'good play':>16}"
    lines = [f"Score: {score.title}", "", head]
    for one in score.passed:
        lines.append(_row(_TITLES[one.axis], one.minute, one.marks))
        if one.axis == "first_update":
            lines.append(_row("scope said", score.scope_minute, (None,) * len(one.marks)))
    lines += ["", f"  {'impact-minutes':<26}{score.impact_minutes:>8.1f}", ""]
    overdue = [f"due at T{one.due:.1f}, {_came(one.came)}" for one in score.overdue]
    lines += _list("overdue updates", overdue)
    lines += _list('false "resolved"', score.false_resolved)
    lines += _list("unverified steps", score.unverified)
    effects = [f"T{one.minute:.1f}  {one.text}  ({one.command})" for one in score.side_effects]
    lines += _list("side effects", effects)
    lines += ["", "  (o) from the published incident, (i) invented for the drill"]
    return "\n".join(lines)


def _row(title: str, minute: float | None, marks: Sequence[Mark | None]) -> str:
    yours = "never" if minute is None else f"T{minute:.1f}"
    return f"  {title:<26}{yours:>8}" + "".join(f"{_mark(mark):>16}" for mark in marks)


def _mark(mark: Mark | None) -> str:
    return "-" if mark is None else f"T{mark.minute:g} ({mark.fact[0]})"


def _came(minute: float | None) -> str:
    return "never came" if minute is None else f"came at T{minute:.1f}"


def _list(title: str, items: Sequence[str]) -> list[str]:
    first, *rest = items or ["none"]
    return [f"  {title:<18}{first}", *(f"  {'':<18}{item}" for item in rest)]
