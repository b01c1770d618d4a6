"""What happened to runs, in one line each."""

from __future__ import annotations

from cockpit.incident.event import AnyBody, Event
from cockpit.incident.runs import (
    AttemptAbandoned,
    AttemptFinished,
    AttemptIntended,
    AttemptSettled,
    AttemptStarted,
    AttemptStopAsked,
    AttemptUnknown,
    DecisionOpened,
    EscalationPosted,
    LadderAccepted,
    LadderPinned,
    LockLost,
    LockTaken,
    OptionChosen,
    RepeatEnded,
    RunFinished,
    RunStarted,
    StepAnnounced,
    StepApproved,
    StepDone,
    StepRecalled,
    StepSkipped,
    SurvivorGone,
    UndoSettled,
    VerifyFinished,
    VerifyStarted,
    WaitFinished,
    WaitStarted,
)
from cockpit.incident.saying import GAP, Said, Tone, by, delta, spaced, span_of
from cockpit.moments import hhmm, span

_VERDICTS: dict[str, tuple[str, Tone]] = {
    "pass": ("PASS", "good"),
    "no_effect": ("NO EFFECT", "warn"),
    "better": ("BETTER, not well", "warn"),
    "worse": ("WORSE", "bad"),
    "inconclusive": ("INCONCLUSIVE", "warn"),
}
_SETTLED = {
    "took_effect": "took effect",
    "no_effect": "had no effect",
    "by_hand": "done by hand",
    "skipped": "left as it is",
}
_OUTCOMES: dict[str, tuple[str, Tone]] = {
    "done": ("done", "good"),
    "rolled_back": ("rolled back", "good"),
    "stopped": ("stopped", "plain"),
    "not_clean": ("ended, NOT CLEAN", "bad"),
}
_ENDED = {"timeout": "stopped by its deadline", "person": "stopped by a person", "not_found": "command not found"}
_LOOKS = {"before": "a look before it", "after": "a look after it", "check": "did it take effect?"}


def said(body: AnyBody, event: Event) -> Said | None:
    """The line of an event of a run; None for any other."""
    return _attempt(body, event) or _step(body, event)


def _attempt(body: AnyBody, event: Event) -> Said | None:
    match body:
        case AttemptIntended():
            return "step", spaced(body.step, body.command, _intent(body, event)), "plain"
        case UndoSettled():
            says = "undone by hand" if body.verdict == "by_hand" else "not undone, left as it is"
            return "decide", spaced(body.step, f"{says}{by(event)}", body.reason), "warn"
        case AttemptStopAsked():
            return "step", spaced(body.step, f"to be stopped{by(event)}"), "warn"
        case AttemptStarted():
            return "step", spaced(body.step, "running", f"pid {body.pid}"), "muted"
        case AttemptFinished():
            return "step", spaced(body.step, _ending(body)), "good" if body.ok else "bad"
        case AttemptAbandoned():
            return "step", spaced(body.step, "never ran", body.why), "warn"
        case AttemptUnknown():
            survivor = f"pid {body.pid} may still run" if body.pid else ""
            return "step", spaced(body.step, "UNKNOWN whether it took effect", body.why, survivor), "act"
        case SurvivorGone():
            return "step", spaced(body.step, "nothing of it runs any more; still UNKNOWN whether it took effect"), "act"
        case AttemptSettled():
            return (
                "decide",
                spaced(body.step, f"{_SETTLED[body.verdict]}, says {event.actor or 'nobody'}", body.reason),
                "plain",
            )
    return None


def _intent(body: AttemptIntended, event: Event) -> str:
    if body.purpose != "act":
        return f"{_LOOKS[body.purpose]}{by(event)}"
    if body.under:
        return "follows by itself, as confirmed"
    return f"{'undo confirmed' if body.direction == 'rollback' else 'confirmed'}{by(event)}"


def _ending(body: AttemptFinished) -> str:
    took = span_of(body.seconds)
    if body.ok:
        return f"ok {took}"
    code = f"exit {body.exit_code}" if body.exit_code is not None else ""
    signal = f"signal {body.signal}" if body.signal is not None else ""
    last = body.tail.strip().rpartition("\n")[2]
    return spaced(f"FAILED after {took}", _ENDED.get(body.ended_by, ""), code or signal, body.why or last)


def _step(body: AnyBody, event: Event) -> Said | None:
    match body:
        case RunStarted():
            words = spaced(f"{body.title}: started{by(event)}", body.took_over)
            return "run", words, "warn" if body.took_over else "plain"
        case RunFinished():
            outcome, tone = _OUTCOMES[body.outcome]
            return "run", spaced(outcome, body.note), tone
        case StepDone():
            return "step", spaced(body.step, "done", body.note), "good"
        case StepSkipped():
            return "step", spaced(body.step, "skipped", body.reason), "muted"
        case LockTaken():
            return "run", spaced(f"{body.lock} is ours again", by(event), body.words), "warn"
        case LockLost():
            return "run", spaced(f"{body.lock} is taken over", body.words), "bad"
        case DecisionOpened():
            return "decide", spaced(body.step, f"decide by {hhmm(body.until)} UTC"), "act"
        case RepeatEnded():
            return "step", spaced(body.step, body.words), "good" if body.reached else "warn"
        case StepApproved():
            until = f"until {hhmm(body.until)} UTC" if body.until else ""
            return "decide", spaced(body.step, f"approved{by(event)}", until, body.reason), "plain"
        case StepAnnounced():
            until = f"runs at {hhmm(body.until)} UTC unless somebody objects"
            return "step", spaced(body.step, body.command, f"confirmed{by(event)}", until), "act"
        case StepRecalled():
            return "step", spaced(body.step, "does not run", body.reason), "warn"
        case EscalationPosted():
            return "people", spaced(f"calling {body.whom}", by(event)), "act"
        case LadderPinned():
            targets = ", ".join(target.id for target in body.targets) or "nothing"
            left = f"left out: {'; '.join(body.dropped)}" if body.dropped else ""
            return "decide", spaced(body.ladder, f"from {body.original} back to {targets}", left), "plain"
        case LadderAccepted():
            return "decide", spaced(body.ladder, f"goes on from {body.current}{by(event)}", body.reason), "warn"
        case OptionChosen():
            rejected = f"not {', '.join(body.rejected)}" if body.rejected else ""
            return (
                "decide",
                spaced(body.step, body.title, rejected, body.why, "after its timebox" if body.late else ""),
                "plain",
            )
        case VerifyStarted():
            until = f"until {hhmm(body.until)} UTC" if body.until else ""
            return "verify", spaced(body.step, f"watching {body.probe}", until), "muted"
        case VerifyFinished():
            return _verified(body)
        case WaitStarted():
            return "wait", spaced(body.step, f"until {hhmm(body.until)} UTC", body.why), "muted"
        case WaitFinished():
            well = f"up all the while: {', '.join(body.watched)}" if body.watched else ""
            return "wait", spaced(body.step, "over", well), "good" if well else "plain"
    return None


def _verified(body: VerifyFinished) -> Said:
    still: tuple[str, Tone] = ("STILL UP", "plain")
    verdict, tone = still if body.still else _VERDICTS[body.verdict]
    measured = delta(body.before, body.after)
    after = f"after {span(body.seconds)}" if body.seconds else ""
    # The words are recorded as a terminal shows them.
    detail = (measured, after) if measured else body.words.split(GAP)
    return "verify", spaced(body.step, verdict, *detail), tone
