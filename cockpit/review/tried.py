"""What was tried, and whether it helped."""

from __future__ import annotations

from collections.abc import Sequence

from cockpit.clock import moment
from cockpit.incident.event import Event
from cockpit.incident.fold import State
from cockpit.incident.run import Attempt, Run
from cockpit.incident.runs import AttemptAbandoned, AttemptIntended, RepeatEnded, VerifyFinished
from cockpit.incident.stream import of_kinds
from cockpit.review.model import Helped, Result, Tried


def tried(events: Sequence[Event], state: State) -> tuple[Tried, ...]:
    """Every confirmed command in the order of confirmation."""
    given_up = of_kinds(events, AttemptAbandoned)
    abandoned = {event.body.attempt for event in given_up if isinstance(event.body, AttemptAbandoned)}
    verified = verdicts(events)
    reached = _reached(events)
    undone = _undone(state)
    intents = [
        event.body
        for event in of_kinds(events, AttemptIntended)
        if isinstance(event.body, AttemptIntended) and event.body.purpose == "act"
    ]
    return tuple(
        _one(
            state.runs[intent.run], intent, verified.get(intent.attempt), intent.attempt in abandoned,
            intent.attempt in reached,
            undone.get((intent.run, intent.step, state.runs[intent.run].attempts[intent.attempt].visit), -1),
        )
        for intent in intents
        if intent.run in state.runs and intent.attempt in state.runs[intent.run].attempts
    )  # fmt: skip


def verdicts(events: Sequence[Event]) -> dict[str, VerifyFinished]:
    """The verification of each attempt that had one: it belongs to the latest forward attempt of its step."""
    latest: dict[tuple[str, str], str] = {}
    found: dict[str, VerifyFinished] = {}
    for event in of_kinds(events, AttemptIntended, VerifyFinished):
        match event.body:
            case AttemptIntended(direction="forward", purpose="act") as intent:
                latest[intent.run, intent.step] = intent.attempt
            case VerifyFinished() as verify if (verify.run, verify.step) in latest:
                found[latest[verify.run, verify.step]] = verify
    return found


def _reached(events: Sequence[Event]) -> frozenset[str]:
    """The batches of each series that came to its target: what said so has measured all of them."""
    batches: dict[tuple[str, str], list[str]] = {}
    found: list[str] = []
    for event in of_kinds(events, AttemptIntended, RepeatEnded):
        match event.body:
            case AttemptIntended(direction="forward", purpose="act", run=run, step=step, attempt=attempt):
                batches.setdefault((run, step), []).append(attempt)
            case RepeatEnded(run=run, step=step, reached=reached):
                series = batches.pop((run, step), [])
                found += series if reached else []
    return frozenset(found)


def _one(
    run: Run, intent: AttemptIntended, verify: VerifyFinished | None, abandoned: bool, reached: bool, undone: int
) -> Tried:
    attempt = run.attempts[intent.attempt]
    outline = run.step(intent.step).outline
    finished = attempt.finished
    result: Result = "never_ran" if abandoned else _result(attempt)
    before = verify.before if verify is not None else intent.before
    return Tried(
        time=moment(attempt.intended_at),
        step=intent.step,
        title=outline.title,
        command=intent.command,
        undo=intent.direction == "rollback",
        actor=attempt.actor,
        result=result,
        exit_code=finished.exit_code if finished is not None else None,
        seconds=finished.seconds if finished is not None else None,
        helped="pass" if reached and result == "ok" else _helped(outline.effect, intent.direction, result, verify),
        before=before.error_rate if before is not None else None,
        after=verify.after.error_rate if verify is not None else None,
        rolled_back=attempt.direction == "forward" and undone >= attempt.intended_at,
    )


def _result(attempt: Attempt) -> Result:
    if attempt.finished is None:
        return "unknown" if attempt.unknown else "running"
    if attempt.finished.ok:
        return "ok"
    return "stopped" if attempt.finished.ended_by in {"timeout", "person"} else "failed"


def _helped(effect: str, direction: str, result: Result, verify: VerifyFinished | None) -> Helped | None:
    """A reading command cannot help; a changing one that nothing verified says so."""
    if verify is not None:
        return verify.verdict
    return None if effect == "read" or direction == "rollback" or result in {"never_ran", "running"} else "not_verified"


def _undone(state: State) -> dict[tuple[str, str, int], int]:
    """When each visit of a step was last undone with success, by its run, step and visit."""
    found: dict[tuple[str, str, int], int] = {}
    for name, run in state.runs.items():
        for attempt in run.attempts.values():
            undoes = attempt.direction == "rollback" and attempt.purpose == "act"
            if undoes and attempt.finished is not None and attempt.finished.ok:
                key = (name, attempt.step, attempt.visit)
                found[key] = max(found.get(key, 0), attempt.intended_at)
    return found
