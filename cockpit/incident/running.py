"""The runs of runbooks, as a fold over their events."""

from __future__ import annotations

from collections.abc import Callable
from typing import get_args

import msgspec

from cockpit.incident.broadcasts import UpdateDelivered, UpdateUndelivered
from cockpit.incident.event import AnyBody, Event
from cockpit.incident.run import Approval, Attempt, Run, Runs, StepState, StepStatus
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

_AttemptEvent = (
    AttemptStarted
    | AttemptFinished
    | AttemptAbandoned
    | AttemptUnknown
    | AttemptSettled
    | AttemptStopAsked
    | SurvivorGone
)
_StepEvent = (
    StepDone | StepSkipped | OptionChosen | VerifyStarted | VerifyFinished | WaitStarted | WaitFinished
    | UndoSettled | DecisionOpened | StepApproved | StepAnnounced | StepRecalled | EscalationPosted | RepeatEnded
)  # fmt: skip

MOVED_BY: frozenset[type[AnyBody]] = frozenset(
    (
        RunStarted, RunFinished, UpdateDelivered, UpdateUndelivered, LockLost, LockTaken, LadderPinned, LadderAccepted,
        AttemptIntended, *get_args(_AttemptEvent), *get_args(_StepEvent),
    )
)  # fmt: skip
"""Whatever else happens leaves this state as it is."""


def reduce(state: Runs, event: Event) -> Runs:
    """The state after this event."""
    body = event.body
    if isinstance(body, RunStarted):
        return state | {body.run: _started(body, event)}
    if isinstance(body, UpdateDelivered | UpdateUndelivered):
        return {run_id: _sent(run, body, event.occurred_at) for run_id, run in state.items()}
    if isinstance(body, RunFinished):
        return _changed(state, body.run, lambda run: msgspec.structs.replace(run, outcome=body.outcome))
    if isinstance(body, LockLost):
        return _changed(state, body.run, lambda run: _lost(run, body))
    if isinstance(body, LockTaken):
        return _changed(state, body.run, lambda run: msgspec.structs.replace(run, lost=""))
    if isinstance(body, LadderPinned | LadderAccepted):
        return _changed(state, body.run, lambda run: _of_ladder(run, body))
    if isinstance(body, AttemptIntended):
        return _changed(state, body.run, lambda run: _intended(run, body, event))
    if isinstance(body, _AttemptEvent):
        return _changed(state, body.run, lambda run: _attempted(run, body, event))
    if isinstance(body, _StepEvent):
        return _changed(state, body.run, lambda run: _stepped(run, body, event))
    return state


def _changed(state: Runs, run_id: str, change: Callable[[Run], Run]) -> Runs:
    run = state.get(run_id)
    return state if run is None else state | {run_id: change(run)}


def _knows(run: Run, step_id: str) -> bool:
    return any(step.outline.id == step_id for step in run.steps)


def _started(body: RunStarted, event: Event) -> Run:
    return Run(
        id=body.run,
        runbook=body.runbook,
        title=body.title,
        digest=body.digest,
        source=body.source,
        path=body.path,
        started_at=event.occurred_at,
        started_by=event.actor,
        steps=tuple(StepState(outline) for outline in body.steps),
        included=body.included,
        params=body.params,
        lock=body.lock,
    )


def _lost(run: Run, body: LockLost) -> Run:
    return msgspec.structs.replace(run, lost=body.words, lost_after=len(run.attempts))


def _of_ladder(run: Run, body: LadderPinned | LadderAccepted) -> Run:
    if isinstance(body, LadderPinned):
        return msgspec.structs.replace(run, ladders={body.ladder: body} | run.ladders)
    return msgspec.structs.replace(run, accepted=run.accepted | {body.ladder: body.current})


def _with_step(run: Run, step_id: str, **fields: object) -> Run:
    steps = tuple(msgspec.structs.replace(step, **fields) if step.outline.id == step_id else step for step in run.steps)
    return msgspec.structs.replace(run, steps=steps)


def _with_attempt(run: Run, attempt_id: str, **fields: object) -> Run:
    attempt = msgspec.structs.replace(run.attempts[attempt_id], **fields)
    return msgspec.structs.replace(run, attempts=run.attempts.having(attempt))


def _next_order(run: Run) -> int:
    return 1 + max((step.order for step in run.steps), default=0)


_PASSING = frozenset({"announced", "checking", "rolling_back", "rollback_failed", "rollback_unknown"})
"""Statuses that a step does not go back to after a look, or after an earlier visit of it was undone."""


def _rested(step: StepState) -> StepStatus:
    return step.resting if step.status in _PASSING else step.status


def _standing(run: Run, step: StepState) -> StepStatus:
    """How a step stands when nothing of it goes on: its last rollback may still have failed."""
    undos = [each for each in run.of(step.outline.id) if each.direction == "rollback" and each.purpose == "act"]
    if not undos or not undos[-1].to_settle or not run.can_be_undone(step.outline.id, undos[-1].visit):
        return step.resting
    return "rollback_unknown" if undos[-1].unknown and not undos[-1].settled else "rollback_failed"


def _intended(run: Run, body: AttemptIntended, event: Event) -> Run:
    if not _knows(run, body.step) or body.attempt in run.attempts:
        return run
    attempt = Attempt(
        body.attempt, body.step, body.direction, body.command, body.digest, event.actor, event.occurred_at,
        purpose=body.purpose, under=body.under, visit=body.visit, order=len(run.attempts) + 1,
    )  # fmt: skip
    run = msgspec.structs.replace(run, attempts=run.attempts.having(attempt))
    step = run.step(body.step)
    resting = _rested(step)
    if body.purpose == "act":
        left = {ladder: current for ladder, current in run.accepted.items() if ladder != step.outline.ladder}
        run = msgspec.structs.replace(run, accepted=left)
    fields = {"attempt": body.attempt, "announced": None, "changed_at": event.occurred_at, "resting": resting}
    if body.purpose != "act":
        return _with_step(run, body.step, status="checking", **fields)
    if body.direction == "rollback":
        return _with_step(run, body.step, status="rolling_back", **fields)
    # The order is taken at the intent, before anything runs: whatever may have started can be undone.
    order = step.order or _next_order(run)
    return _with_step(
        run, body.step, status="intended", order=order, verdict=None, words="", before=body.before, approvals=(),
        **fields,
    )  # fmt: skip


def _attempted(run: Run, body: _AttemptEvent, event: Event) -> Run:
    """The run after news of an attempt. Its first recorded fate stands, and nothing but `to_settle` is settled."""
    attempt = run.attempts.get(body.attempt)
    if attempt is not None and isinstance(body, AttemptStopAsked):
        return _with_attempt(run, body.attempt, stop_asked=attempt.stop_asked or event.actor)
    if attempt is not None and isinstance(body, SurvivorGone):
        return _alone(run, attempt, body.why, event.occurred_at)
    if attempt is None or not (attempt.to_settle if isinstance(body, AttemptSettled) else attempt.open):
        return run
    if attempt.purpose != "act" and not isinstance(body, AttemptSettled):
        return _looked(run, attempt, body, event.occurred_at)
    # Of the step that it was intended for, whatever step the news names.
    step_id, at, undoing = attempt.step, event.occurred_at, attempt.direction == "rollback"
    match body:
        case AttemptStarted(pid=pid):
            run = _with_attempt(run, body.attempt, started_at=attempt.started_at or at, pid=pid)
            return run if undoing else _with_step(run, step_id, status="running", changed_at=at)
        case AttemptFinished(ok=ok):
            run = _with_attempt(run, body.attempt, finished=body, pid=0)
            status = _finished_status(run.step(step_id), undoing, ok)
            words = body.why or run.step(step_id).words
        case AttemptAbandoned(why=words):
            run = _with_attempt(run, body.attempt, abandoned=words)
            status = "rollback_failed" if undoing else "pending"
        case AttemptUnknown(why=words, pid=pid):
            run = _with_attempt(run, body.attempt, unknown=words, pid=pid)
            status = "rollback_unknown" if undoing else "unknown"
        case AttemptSettled(verdict=verdict, reason=reason):
            run = _with_attempt(run, body.attempt, settled=verdict, pid=0)
            status = _settled_status(run.step(step_id), undoing, verdict)
            words = f"{verdict.replace('_', ' ')}: {reason}"
    step = run.step(step_id)
    if undoing and attempt.visit < step.visit and status in {"rolled_back", "rollback_skipped"}:
        status = _standing(run, step)
    order = step.order if run.acted(step_id) else 0
    return _with_step(run, step_id, status=status, words=words, order=order, changed_at=at)


def _alone(run: Run, attempt: Attempt, why: str, at: int) -> Run:
    """The run once nothing of an unknown attempt runs any more; its step says so while it is what is asked about."""
    if not attempt.unknown or not attempt.pid:
        return run
    run = _with_attempt(run, attempt.id, unknown=why, pid=0)
    step = run.step(attempt.step)
    asked = step.attempt == attempt.id and step.status in {"unknown", "rollback_unknown"}
    return _with_step(run, attempt.step, words=why, changed_at=at) if asked else run


def _looked(run: Run, attempt: Attempt, body: _AttemptEvent, at: int) -> Run:
    """The run after news of a look: it changes nothing in the world, so the step is what it was before."""
    step = run.step(attempt.step)
    words = step.words
    match body:
        case AttemptStarted(pid=pid):
            return _with_attempt(run, attempt.id, started_at=attempt.started_at or at, pid=pid)
        case AttemptFinished(ok=ok, why=why):
            run = _with_attempt(run, attempt.id, finished=body, pid=0)
            if not ok:
                words = why or f"could not look {_LOOKS[attempt.purpose]}"
        case AttemptAbandoned(why=why):
            run, words = _with_attempt(run, attempt.id, abandoned=why), f"could not look: {why}"
        case AttemptUnknown(why=why, pid=pid):
            run, words = _with_attempt(run, attempt.id, unknown=why, pid=pid), f"could not look: {why}"
    failed = attempt.purpose == "after" and isinstance(body, AttemptFinished) and not body.ok
    status = "failed" if failed else _standing(run, step)
    return _with_step(run, attempt.step, status=status, words=words, changed_at=at)


_LOOKS = {"before": "before it", "after": "after it", "check": "whether it took effect"}


def _finished_status(step: StepState, undoing: bool, ok: bool) -> StepStatus:
    if undoing:
        return "rolled_back" if ok else "rollback_failed"
    if not ok:
        return "failed"
    return "repeating" if step.outline.kind == "repeat" else "done"


def _settled_status(step: StepState, undoing: bool, verdict: str) -> StepStatus:
    if undoing:
        return _UNDO_SETTLED[verdict]
    # One batch that took effect is not the whole series: the rest of it is still to be confirmed.
    batch = step.outline.kind == "repeat" and verdict == "took_effect"
    return "pending" if batch else _SETTLED[verdict]


_SETTLED: dict[str, StepStatus] = {
    "took_effect": "done", "by_hand": "done", "no_effect": "pending", "skipped": "skipped",
}  # fmt: skip
_UNDO_SETTLED: dict[str, StepStatus] = {
    "took_effect": "rolled_back", "by_hand": "rolled_back", "no_effect": "rollback_failed",
    "skipped": "rollback_skipped",
}  # fmt: skip


def _sent(run: Run, body: UpdateDelivered | UpdateUndelivered, at: int) -> Run:
    """A call for somebody has arrived, or never will."""
    step = next((each for each in run.steps if each.update == body.update), None)
    if step is None or step.status not in {"sending", "failed"}:
        return run
    # One of several destinations is enough, in whatever order they answer.
    if isinstance(body, UpdateDelivered):
        words = f"delivered to {body.destination}; nobody has answered yet as far as the cockpit knows"
        return _with_step(run, step.outline.id, status="done", words=words, changed_at=at)
    status = "failed" if body.final else "sending"
    return _with_step(run, step.outline.id, status=status, words=body.why, changed_at=at)


def _stepped(run: Run, body: _StepEvent, event: Event) -> Run:
    if not _knows(run, body.step):
        return run
    step, at = run.step(body.step), event.occurred_at
    order = step.order or _next_order(run)
    match body:
        case StepDone(note=note):
            return _with_step(run, body.step, status="done", words=note, order=order, changed_at=at)
        case StepSkipped(reason=reason):
            return _with_step(run, body.step, status="skipped", words=reason, changed_at=at)
        case UndoSettled(visit=visit, verdict=verdict, reason=reason) if run.can_be_undone(body.step, visit):
            run = msgspec.structs.replace(run, left=(*run.left, (body.step, visit)))
            if visit < step.visit:
                return _with_step(run, body.step, status=_standing(run, run.step(body.step)), changed_at=at)
            words = f"{verdict.replace('_', ' ')}: {reason}"
            return _with_step(run, body.step, status=_UNDO_SETTLED[verdict], words=words, changed_at=at)
        case DecisionOpened(until=until) if step.status == "pending":
            return _with_step(run, body.step, status="deciding", until=until, changed_at=at)
        case OptionChosen(option=option, title=title, goto=goto):
            run = _with_step(run, body.step, status="done", words=title, chosen=option, order=order, changed_at=at)
            return _gone_back(run, body.step, goto, at)
        case VerifyStarted(before=before, until=until):
            return _with_step(run, body.step, status="verifying", before=before, until=until, changed_at=at)
        case VerifyFinished(verdict=verdict, words=words, still=still) if step.status == "verifying":
            return _with_step(run, body.step, status="done", verdict=verdict, words=words, still=still, changed_at=at)
        case WaitStarted(until=until, why=why):
            return _with_step(run, body.step, status="waiting", until=until, words=why, order=order, changed_at=at)
        case WaitFinished() if step.status == "waiting":
            return _with_step(run, body.step, status="done", changed_at=at)
        case RepeatEnded(reached=reached, words=words) if step.status == "repeating":
            status: StepStatus = "done" if reached else "failed"
            return _with_step(run, body.step, status=status, words=words, changed_at=at)
        case EscalationPosted(update=update, whom=whom):
            return _with_step(
                run, body.step, status="sending", update=update, words=f"calling {whom}", order=order, changed_at=at
            )
    return _gated(run, step, body, event)


def _gated(run: Run, step: StepState, body: _StepEvent, event: Event) -> Run:
    match body:
        case StepApproved(digest=digest, until=until, reason=reason):
            approval = Approval(event.actor, digest, until, reason)
            others = tuple(each for each in step.approvals if (each.person, each.digest) != (event.actor, digest))
            return _with_step(run, body.step, approvals=(*others, approval))
        case StepAnnounced(until=until) if step.status not in {"announced", "checking"}:
            return _with_step(
                run, body.step, status="announced", resting=_rested(step), announced=body, announced_by=event.actor,
                until=until, changed_at=event.occurred_at,
            )  # fmt: skip
        case StepRecalled(reason=reason, attempt=attempt) if attempt in run.attempts:
            return _with_step(_with_attempt(run, attempt, recalled=True), body.step, words=reason)
        case StepRecalled(reason=reason) if step.status == "announced":
            reason = reason if event.actor == "cockpit" else f"{event.actor} objects: {reason}"
            return _with_step(
                run, body.step, status=_standing(run, step), announced=None, words=reason, changed_at=event.occurred_at
            )
    return run


def _gone_back(run: Run, chooser: str, goto: str, at: int) -> Run:
    """From the step that is gone back to on, everything up to the decision is to be done anew."""
    if not goto:
        return run
    places = [number for number, step in enumerate(run.steps) if goto in {step.outline.id, step.outline.ladder}]
    here = next(number for number, step in enumerate(run.steps) if step.outline.id == chooser)
    if not places or places[0] > here:
        return run

    def anew(number: int, step: StepState) -> StepState:
        if places[0] <= number <= here:
            return StepState(step.outline, visit=step.visit + 1, changed_at=at)
        # What lies ahead was passed over by a choice, which may be another one this time.
        ahead = number > here and step.status == "skipped"
        return msgspec.structs.replace(step, status="pending", words="", changed_at=at) if ahead else step

    steps = tuple(anew(number, step) for number, step in enumerate(run.steps))
    return msgspec.structs.replace(run, steps=steps)
