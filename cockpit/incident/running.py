"""The runs of runbooks: what was tried, what came of it, and what could still be undone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

from cockpit.incident.event import Event
from cockpit.incident.runs import (
    AttemptAbandoned,
    AttemptFinished,
    AttemptIntended,
    AttemptSettled,
    AttemptStarted,
    AttemptUnknown,
    Direction,
    OptionChosen,
    RunFinished,
    RunOutcome,
    RunStarted,
    StepDone,
    StepOutline,
    StepSkipped,
    Verdict,
    VerifyFinished,
    VerifyStarted,
    WaitFinished,
    WaitStarted,
)
from cockpit.incident.vocabulary import Figures

StepStatus = Literal[
    "pending", "intended", "running", "verifying", "waiting", "done", "failed", "unknown", "skipped",
    "rolling_back", "rolled_back", "rollback_failed", "rollback_unknown", "rollback_skipped",
]  # fmt: skip


class Attempt(msgspec.Struct, frozen=True):
    """One start of one command; times in microseconds."""

    id: str
    step: str
    direction: Direction
    command: str
    digest: str
    actor: str
    intended_at: int
    started_at: int = 0
    finished: AttemptFinished | None = None
    abandoned: str = ""
    unknown: str = ""
    settled: str = ""
    pid: int = 0

    @property
    def acted(self) -> bool:
        """Whether the command may have had an effect: all but those that never ran, or of which a person said so."""
        if self.finished is not None and self.finished.ended_by == "not_found":
            return False
        never_ran = bool(self.abandoned) and not self.started_at
        return not never_ran and self.settled != "no_effect"

    @property
    def open(self) -> bool:
        """Whether its fate is not recorded yet."""
        return self.finished is None and not self.abandoned and not self.unknown

    @property
    def to_settle(self) -> bool:
        """Whether a person may still say what became of it: it is unknown, or a rollback that did not succeed."""
        if self.direction == "forward":
            return bool(self.unknown) and not self.settled
        succeeded = self.finished is not None and self.finished.ok
        return not self.open and not succeeded and self.settled in {"", "no_effect"}


class StepState(msgspec.Struct, frozen=True):
    """One step of a run as it stands. `order` counts the steps that started, from 1; 0 means never started.

    `chosen` is the option of a decision; `until` is when a verification or a wait is over, in microseconds.
    """

    outline: StepOutline
    status: StepStatus = "pending"
    order: int = 0
    attempt: str = ""
    verdict: Verdict | None = None
    words: str = ""
    chosen: str = ""
    before: Figures | None = None
    until: int = 0
    changed_at: int = 0


class Run(msgspec.Struct, frozen=True):
    """One run of one runbook: its steps in the runbook's order, and every attempt by id."""

    id: str
    runbook: str
    title: str
    digest: str
    source: str
    path: str
    started_at: int
    started_by: str
    steps: tuple[StepState, ...]
    attempts: dict[str, Attempt] = {}
    outcome: RunOutcome | None = None

    def step(self, step_id: str) -> StepState:
        """The step of that id; KeyError when the run has none."""
        for step in self.steps:
            if step.outline.id == step_id:
                return step
        raise KeyError(step_id)

    @property
    def undo_stack(self) -> tuple[StepState, ...]:
        """Steps that started, can be undone and have not been, the latest start first."""
        undoable = [
            step
            for step in self.steps
            if step.outline.undo
            and step.status not in {"rolled_back", "rollback_skipped"}
            and self.acted(step.outline.id)
        ]
        return tuple(sorted(undoable, key=lambda step: step.order, reverse=True))

    def acted(self, step_id: str) -> bool:
        """Whether any start of the step may have had an effect."""
        return any(
            attempt.step == step_id and attempt.direction == "forward" and attempt.acted
            for attempt in self.attempts.values()
        )


Runs = dict[str, Run]

_AttemptEvent = AttemptStarted | AttemptFinished | AttemptAbandoned | AttemptUnknown | AttemptSettled
_StepEvent = StepDone | StepSkipped | OptionChosen | VerifyStarted | VerifyFinished | WaitStarted | WaitFinished


def reduce(state: Runs, event: Event) -> Runs:
    """The state after this event."""
    body = event.body
    if isinstance(body, RunStarted):
        return state | {body.run: _started(body, event)}
    if isinstance(body, RunFinished):
        return _changed(state, body.run, lambda run: msgspec.structs.replace(run, outcome=body.outcome))
    if isinstance(body, AttemptIntended):
        return _changed(state, body.run, lambda run: _intended(run, body, event))
    if isinstance(body, _AttemptEvent):
        return _changed(state, body.run, lambda run: _attempted(run, body, event.occurred_at))
    if isinstance(body, _StepEvent):
        return _changed(state, body.run, lambda run: _stepped(run, body, event.occurred_at))
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
    )


def _with_step(run: Run, step_id: str, **fields: object) -> Run:
    steps = tuple(msgspec.structs.replace(step, **fields) if step.outline.id == step_id else step for step in run.steps)
    return msgspec.structs.replace(run, steps=steps)


def _with_attempt(run: Run, attempt_id: str, **fields: object) -> Run:
    attempt = msgspec.structs.replace(run.attempts[attempt_id], **fields)
    return msgspec.structs.replace(run, attempts=run.attempts | {attempt_id: attempt})


def _next_order(run: Run) -> int:
    return 1 + max((step.order for step in run.steps), default=0)


def _intended(run: Run, body: AttemptIntended, event: Event) -> Run:
    if not _knows(run, body.step):
        return run
    if body.attempt in run.attempts:
        return run
    attempt = Attempt(
        body.attempt, body.step, body.direction, body.command, body.digest, event.actor, event.occurred_at
    )
    run = msgspec.structs.replace(run, attempts=run.attempts | {body.attempt: attempt})
    if body.direction == "rollback":
        return _with_step(run, body.step, status="rolling_back", attempt=body.attempt, changed_at=event.occurred_at)
    # The order is taken at the intent, before anything runs: whatever may have started can be undone.
    order = run.step(body.step).order or _next_order(run)
    return _with_step(
        run, body.step, status="intended", attempt=body.attempt, order=order, verdict=None, words="",
        before=body.before, changed_at=event.occurred_at,
    )  # fmt: skip


def _attempted(run: Run, body: _AttemptEvent, at: int) -> Run:
    """The run after news of an attempt. Its first recorded fate stands, and only a person settles an unknown one."""
    attempt = run.attempts.get(body.attempt)
    if attempt is None or not (attempt.to_settle if isinstance(body, AttemptSettled) else attempt.open):
        return run
    undoing = attempt.direction == "rollback"
    match body:
        case AttemptStarted(pid=pid):
            run = _with_attempt(run, body.attempt, started_at=attempt.started_at or at, pid=pid)
            return run if undoing else _with_step(run, body.step, status="running", changed_at=at)
        case AttemptFinished(ok=ok):
            run = _with_attempt(run, body.attempt, finished=body, pid=0)
            status = _finished_status(undoing, ok)
            words = run.step(body.step).words
        case AttemptAbandoned(why=words):
            run = _with_attempt(run, body.attempt, abandoned=words)
            status = "rollback_failed" if undoing else "pending"
        case AttemptUnknown(why=words, pid=pid):
            run = _with_attempt(run, body.attempt, unknown=words, pid=pid)
            status = "rollback_unknown" if undoing else "unknown"
        case AttemptSettled(verdict=verdict, reason=reason):
            run = _with_attempt(run, body.attempt, settled=verdict, pid=0)
            status = (_UNDO_SETTLED if undoing else _SETTLED)[verdict]
            words = f"{verdict.replace('_', ' ')}: {reason}"
    order = run.step(body.step).order if run.acted(body.step) else 0
    return _with_step(run, body.step, status=status, words=words, order=order, changed_at=at)


def _finished_status(undoing: bool, ok: bool) -> StepStatus:
    if undoing:
        return "rolled_back" if ok else "rollback_failed"
    return "done" if ok else "failed"


_SETTLED: dict[str, StepStatus] = {
    "took_effect": "done", "by_hand": "done", "no_effect": "pending", "skipped": "skipped",
}  # fmt: skip
_UNDO_SETTLED: dict[str, StepStatus] = {
    "took_effect": "rolled_back", "by_hand": "rolled_back", "no_effect": "rollback_failed",
    "skipped": "rollback_skipped",
}  # fmt: skip


def _stepped(run: Run, body: _StepEvent, at: int) -> Run:
    if not _knows(run, body.step):
        return run
    step = run.step(body.step)
    order = step.order or _next_order(run)
    match body:
        case StepDone(note=note):
            return _with_step(run, body.step, status="done", words=note, order=order, changed_at=at)
        case StepSkipped(reason=reason):
            return _with_step(run, body.step, status="skipped", words=reason, changed_at=at)
        case OptionChosen(option=option, title=title):
            return _with_step(run, body.step, status="done", words=title, chosen=option, order=order, changed_at=at)
        case VerifyStarted(before=before, until=until):
            return _with_step(run, body.step, status="verifying", before=before, until=until, changed_at=at)
        case VerifyFinished(verdict=verdict, words=words) if step.status == "verifying":
            return _with_step(run, body.step, status="done", verdict=verdict, words=words, changed_at=at)
        case WaitStarted(until=until, why=why):
            return _with_step(run, body.step, status="waiting", until=until, words=why, order=order, changed_at=at)
        case WaitFinished() if step.status == "waiting":
            return _with_step(run, body.step, status="done", changed_at=at)
    return run
