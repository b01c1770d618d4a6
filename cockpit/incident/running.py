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
    AttemptStopAsked,
    AttemptUnknown,
    DecisionOpened,
    Direction,
    EscalationPosted,
    Included,
    LadderAccepted,
    LadderPinned,
    LockLost,
    LockTaken,
    OptionChosen,
    Purpose,
    RepeatEnded,
    RunFinished,
    RunOutcome,
    RunStarted,
    StepAnnounced,
    StepApproved,
    StepDone,
    StepOutline,
    StepRecalled,
    StepSkipped,
    UndoSettled,
    Verdict,
    VerifyFinished,
    VerifyStarted,
    WaitFinished,
    WaitStarted,
)
from cockpit.incident.vocabulary import Figures, UpdateDelivered, UpdateUndelivered

StepStatus = Literal[
    "pending", "announced", "checking", "intended", "running", "repeating", "sending", "verifying", "waiting",
    "deciding", "done", "failed", "unknown", "skipped",
    "rolling_back", "rolled_back", "rollback_failed", "rollback_unknown", "rollback_skipped",
]  # fmt: skip


class Attempt(msgspec.Struct, frozen=True):
    """One start of one command; times in microseconds. `order` counts the attempts of the run from 1."""

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
    purpose: Purpose = "act"
    under: str = ""
    visit: int = 1
    order: int = 0
    stop_asked: str = ""
    recalled: bool = False

    @property
    def root(self) -> str:
        """The attempt that a person confirmed: this one, or the one that it followed from by itself."""
        return self.under or self.id

    @property
    def acted(self) -> bool:
        """Whether the command may have had an effect: all but those that never ran, or of which a person said so."""
        if self.purpose != "act" or (self.finished is not None and self.finished.ended_by == "not_found"):
            return False
        never_ran = bool(self.abandoned) and not self.started_at
        return not never_ran and self.settled != "no_effect"

    @property
    def open(self) -> bool:
        """Whether its fate is not recorded yet."""
        return self.finished is None and not self.abandoned and not self.unknown

    @property
    def succeeded(self) -> bool:
        """Whether it ended as it should."""
        return self.finished is not None and self.finished.ok

    @property
    def undid(self) -> bool:
        """Whether it undid its visit, or a person said that nothing is left of that to do."""
        return self.direction == "rollback" and (
            (self.purpose == "act" and self.succeeded) or self.settled in {"took_effect", "by_hand", "skipped"}
        )  # fmt: skip

    @property
    def to_settle(self) -> bool:
        """Whether a person may still say what became of it: it is unknown, or a rollback that did not succeed.

        Also a rollback that its own check held back: what it would restore is not there.
        """
        if self.purpose != "act":
            held_back = self.finished is not None and not self.finished.ok
            return self.direction == "rollback" and held_back and not self.settled
        if self.direction == "forward":
            return bool(self.unknown) and not self.settled
        return not self.open and not self.succeeded and self.settled in {"", "no_effect"}


class Approval(msgspec.Struct, frozen=True):
    """Who said that a command of this digest may run, and until when, in microseconds."""

    person: str
    digest: str
    until: int
    reason: str = ""


class StepState(msgspec.Struct, frozen=True):
    """One step of a run as it stands. `order` counts the steps that started, from 1; 0 means never started.

    `chosen` is the option of a decision; `until` is when what goes on ends by itself, in microseconds. `visit` counts
    how often the step was come to; `resting` is the status to go back to after a look before or after it.
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
    visit: int = 1
    resting: StepStatus = "pending"
    approvals: tuple[Approval, ...] = ()
    announced: StepAnnounced | None = None
    announced_by: str = ""
    update: str = ""
    still: bool = False


class Undoable(msgspec.Struct, frozen=True):
    """One visit of a step that may have taken effect, and has not been undone."""

    step: str
    visit: int
    order: int


class Run(msgspec.Struct, frozen=True):
    """One run of one runbook: its steps in the runbook's order, and every attempt by id.

    `lost` says who took its lock over; from the first `lost_after` attempts nothing follows by itself any more.
    `left` are visits of steps of which a person said that nothing is left to undo.
    """

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
    included: tuple[Included, ...] = ()
    params: dict[str, str] = {}
    lock: str = ""
    lost: str = ""
    lost_after: int = 0
    ladders: dict[str, LadderPinned] = {}
    accepted: dict[str, str] = {}
    left: tuple[tuple[str, int], ...] = ()

    def step(self, step_id: str) -> StepState:
        """The step of that id; KeyError when the run has none."""
        for step in self.steps:
            if step.outline.id == step_id:
                return step
        raise KeyError(step_id)

    def acts(self, attempt_id: str) -> bool:
        """Whether the attempt is one that may change something, and no look at how things are."""
        attempt = self.attempts.get(attempt_id)
        return attempt is not None and attempt.purpose == "act"

    def of(self, step_id: str, visit: int = 0) -> tuple[Attempt, ...]:
        """The attempts of a step in order; of one visit, or of all."""
        return tuple(
            attempt
            for attempt in self.attempts.values()
            if attempt.step == step_id and visit in {0, attempt.visit}
        )  # fmt: skip

    @property
    def undo_stack(self) -> tuple[Undoable, ...]:
        """Visits of steps that started, can be undone and have not been, the latest start first."""
        can = {step.outline.id for step in self.steps if step.outline.undo}
        undone = {(attempt.step, attempt.visit) for attempt in self.attempts.values() if attempt.undid} | {*self.left}
        started: dict[tuple[str, int], int] = {}
        for attempt in self.attempts.values():
            if attempt.direction == "forward" and attempt.acted and attempt.step in can:
                started.setdefault((attempt.step, attempt.visit), attempt.order)
        left = [Undoable(step, visit, order) for (step, visit), order in started.items() if (step, visit) not in undone]
        return tuple(sorted(left, key=lambda each: each.order, reverse=True))

    def can_be_undone(self, step_id: str, visit: int) -> bool:
        """Whether that visit may have taken effect, and has not been undone."""
        return any((each.step, each.visit) == (step_id, visit) for each in self.undo_stack)

    def acted(self, step_id: str) -> bool:
        """Whether any start of the step may have had an effect."""
        return any(attempt.direction == "forward" and attempt.acted for attempt in self.of(step_id))


Runs = dict[str, Run]

_AttemptEvent = AttemptStarted | AttemptFinished | AttemptAbandoned | AttemptUnknown | AttemptSettled | AttemptStopAsked
_StepEvent = (
    StepDone | StepSkipped | OptionChosen | VerifyStarted | VerifyFinished | WaitStarted | WaitFinished
    | UndoSettled | DecisionOpened | StepApproved | StepAnnounced | StepRecalled | EscalationPosted | RepeatEnded
)  # fmt: skip


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
    return msgspec.structs.replace(run, attempts=run.attempts | {attempt_id: attempt})


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
    run = msgspec.structs.replace(run, attempts=run.attempts | {body.attempt: attempt})
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
    if attempt is None or not (attempt.to_settle if isinstance(body, AttemptSettled) else attempt.open):
        return run
    if attempt.purpose != "act" and not isinstance(body, AttemptSettled):
        return _looked(run, attempt, body, event.occurred_at)
    at, undoing = event.occurred_at, attempt.direction == "rollback"
    match body:
        case AttemptStarted(pid=pid):
            run = _with_attempt(run, body.attempt, started_at=attempt.started_at or at, pid=pid)
            return run if undoing else _with_step(run, body.step, status="running", changed_at=at)
        case AttemptFinished(ok=ok):
            run = _with_attempt(run, body.attempt, finished=body, pid=0)
            status = _finished_status(run.step(body.step), undoing, ok)
            words = body.why or run.step(body.step).words
        case AttemptAbandoned(why=words):
            run = _with_attempt(run, body.attempt, abandoned=words)
            status = "rollback_failed" if undoing else "pending"
        case AttemptUnknown(why=words, pid=pid):
            run = _with_attempt(run, body.attempt, unknown=words, pid=pid)
            status = "rollback_unknown" if undoing else "unknown"
        case AttemptSettled(verdict=verdict, reason=reason):
            run = _with_attempt(run, body.attempt, settled=verdict, pid=0)
            status = _settled_status(run.step(body.step), undoing, verdict)
            words = f"{verdict.replace('_', ' ')}: {reason}"
    step = run.step(body.step)
    if undoing and attempt.visit < step.visit and status in {"rolled_back", "rollback_skipped"}:
        status = _standing(run, step)
    order = step.order if run.acted(body.step) else 0
    return _with_step(run, body.step, status=status, words=words, order=order, changed_at=at)


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
