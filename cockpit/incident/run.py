"""The state of a run: its steps, every attempt, and what could still be undone."""

from __future__ import annotations

from typing import Literal

import msgspec

from cockpit.incident.attempt import Attempt
from cockpit.incident.attempts import Attempts
from cockpit.incident.runs import (
    Included,
    LadderPinned,
    RunOutcome,
    StepAnnounced,
    StepOutline,
    Verdict,
)
from cockpit.incident.vocabulary import Figures

__all__ = ["Approval", "Attempt", "Attempts", "Run", "Runs", "StepState", "StepStatus", "Undoable"]

StepStatus = Literal[
    "pending", "announced", "checking", "intended", "running", "repeating", "sending", "verifying", "waiting",
    "deciding", "done", "failed", "unknown", "skipped",
    "rolling_back", "rolled_back", "rollback_failed", "rollback_unknown", "rollback_skipped",
]  # fmt: skip


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
    attempts: Attempts = Attempts()
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
        # From the latest back: in a long series that is nearly always the one that did.
        return any(
            attempt.step == step_id and attempt.direction == "forward" and attempt.acted
            for attempt in self.attempts.backwards()
        )


Runs = dict[str, Run]
