"""Which events are news enough to be told by themselves. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from cockpit.broadcast.compose import NO_LIVE, draft
from cockpit.broadcast.measured import Live, clean, names, run_words
from cockpit.broadcast.news import PARAGRAPH, SENTENCE, News
from cockpit.clock import SECOND, span
from cockpit.incident.attendance import PersonNeeded, PersonReleased, RoleTaken
from cockpit.incident.broadcasts import CadenceSet, UpdatePosted
from cockpit.incident.event import Event
from cockpit.incident.fold import State
from cockpit.incident.runs import AttemptFinished, AttemptUnknown, RepeatEnded, StepDone, VerifyFinished, WaitFinished
from cockpit.incident.saying import delta
from cockpit.incident.vocabulary import (
    FreezeBreached,
    FreezeLifted,
    FreezeSet,
    IncidentDeclared,
    IncidentResolved,
    SeverityChanged,
    StatusChanged,
)

_VERDICTS = {"pass": "it helped", "no_effect": "NO EFFECT", "worse": "it got WORSE"}
_URGENT_FIRST = (
    "opened", "resolved", "severity_up", "severity", "needed", "step", "freeze", "verified", "status", "lead",
    "cadence", "released",
)  # fmt: skip

SHOWN = 4
"""Pieces of news in one headline."""


def automatic(before: State, after: State, events: Sequence[Event], live: Live = NO_LIVE) -> News | None:
    """One update for a whole batch of events, or None when none of them is news or a person has told it already."""
    if not (before.lifecycle.open or after.lifecycle.open):
        return None
    if not events or any(isinstance(event.body, UpdatePosted) for event in events):
        return None
    found = [piece for event in events if (piece := _piece(event, before, after)) is not None]
    if not found:
        return None
    found.sort(key=lambda piece: _URGENT_FIRST.index(piece[0]))
    words = list(dict.fromkeys(clean(text, SENTENCE // 2) for _, text in found))
    more = f"; and {len(words) - SHOWN} more" if len(words) > SHOWN else ""
    drafted = draft(after, run_words(after), events[-1].recorded_at, live)
    return News(
        reason=found[0][0],
        headline=clean("; ".join(words[:SHOWN]) + more, 2 * SENTENCE),
        know=clean(drafted.know, PARAGRAPH),
        doing=clean(drafted.doing, PARAGRAPH),
        unknown=clean(drafted.unknown, PARAGRAPH),
    )


def _piece(event: Event, before: State, after: State) -> tuple[str, str] | None:
    match event.body:
        case IncidentDeclared(title=title, severity=severity):
            return "opened", f"{severity} declared: {title}"
        case IncidentResolved(note=note, override=override):
            return "resolved", _resolved(after, note, override)
        case SeverityChanged(severity=severity, why=why) if severity != before.lifecycle.severity:
            up = severity < before.lifecycle.severity
            words = _because(f"severity {before.lifecycle.severity} -> {severity}", why)
            return "severity_up" if up else "severity", words
        case StatusChanged(status=status, why=why) if status != before.lifecycle.status:
            return "status", _because(f"status {status}", why)
        case PersonNeeded(person=person, reason=reason):
            return "needed", f"{clean(person, 40)} is needed{f' for {clean(reason, 120)}' if reason else ''}"
        case PersonReleased(person=person) if person in before.roster.needed:
            return "released", f"{clean(person, 40)} is no longer needed"
        case RoleTaken(person=person, role="incident_commander") if before.telling.unanswered:
            return "lead", f"{clean(person, 40)} leads now"
        case CadenceSet(seconds=seconds, why=why):
            return "cadence", _because(f"updates come every {span(seconds)} from now on", why)
        case FreezeSet(scope=scope, reason=reason):
            return "freeze", _because(f"FREEZE: nobody changes {names(scope)}", reason)
        case FreezeLifted(reason=reason):
            return "freeze", _because("the freeze is over", reason)
        case FreezeBreached(what=what):
            return "freeze", f"changed within the freeze: {clean(what, 120)}"
    return _of_a_step(event, after)


def _of_a_step(event: Event, after: State) -> tuple[str, str] | None:
    match event.body:
        case VerifyFinished(run=run, step=step, verdict=verdict) as done if verdict in _VERDICTS:
            reason = "verified" if verdict == "pass" else "step"
            came = "still up, as before" if done.still else _VERDICTS[verdict]
            return reason, _because(f"{_title(after, run, step)}: {came}", delta(done.before, done.after))
        case AttemptFinished(run=run, step=step, attempt=attempt, ok=False) if _acts(after, run, attempt):
            return "step", f"{_undoing(after, run, attempt)}{_title(after, run, step)}: FAILED"
        case AttemptUnknown(run=run, step=step, attempt=attempt, why=why):
            subject = f"{_undoing(after, run, attempt)}{_title(after, run, step)}"
            return "step", _because(f"{subject}: UNKNOWN whether it took effect", why)
        case WaitFinished(run=run, step=step, watched=watched):
            return "verified" if watched else "step", f"{_title(after, run, step)}: done"
        case RepeatEnded(run=run, step=step, words=words):
            return "step", _because(_title(after, run, step), words)
        case AttemptFinished(run=run, step=step, attempt=attempt) if _acts(after, run, attempt):
            words = _broadcast(after, run, step) if _first_effect(after, run, step, attempt) else ""
            return ("step", words) if words else None
        case StepDone(run=run, step=step):
            words = _broadcast(after, run, step)
            return ("step", words) if words else None
    return None


def _resolved(after: State, note: str, override: str) -> str:
    began = after.lifecycle.began or after.lifecycle.declared
    lasted = span(max(0, after.lifecycle.resolved - began) / SECOND)
    closed = _because(f"resolved after {lasted}", note)
    return f"{closed} (closed against what was measured: {clean(override, 120)})" if override else closed


def _title(state: State, run_id: str, step_id: str) -> str:
    run = state.runs.get(run_id)
    steps = run.steps if run else ()
    return clean(next((step.outline.title for step in steps if step.outline.id == step_id), step_id), 80)


def _broadcast(state: State, run_id: str, step_id: str) -> str:
    """What the runbook says to tell everybody once the step is done."""
    run = state.runs.get(run_id)
    steps = run.steps if run else ()
    return next((step.outline.broadcast for step in steps if step.outline.id == step_id), "")


def _first_effect(state: State, run_id: str, step_id: str, attempt_id: str) -> bool:
    """Whether this did what the step is for, and for the first time: not a look of a ladder, not a further batch."""
    run = state.runs[run_id]
    outline, attempt = run.step(step_id).outline, run.attempts[attempt_id]
    if attempt.direction == "rollback" or (outline.ladder and outline.effect == "read"):
        return False
    before = (each for each in run.of(step_id, attempt.visit) if each.order < attempt.order)
    return not any(each.purpose == "act" and each.direction == "forward" and each.succeeded for each in before)


def _acts(state: State, run_id: str, attempt_id: str) -> bool:
    run = state.runs.get(run_id)
    return run is not None and run.acts(attempt_id)


def _undoing(state: State, run_id: str, attempt_id: str) -> str:
    run = state.runs.get(run_id)
    attempt = run.attempts.get(attempt_id) if run else None
    return "undoing " if attempt and attempt.direction == "rollback" else ""


def _because(what: str, why: str) -> str:
    return f"{what}, {clean(why, 120)}" if why else what
