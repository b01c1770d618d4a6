"""The events of runs: what was confirmed, what came of it, and what a person decided."""

from __future__ import annotations

from typing import Literal

import msgspec

from cockpit.incident.event import Body
from cockpit.incident.vocabulary import Figures

StepKind = Literal["manual", "command", "wait", "choose"]
Effect = Literal["read", "write", "destructive"]
Direction = Literal["forward", "rollback"]
Verdict = Literal["pass", "no_effect", "better", "worse", "inconclusive"]
RunOutcome = Literal["done", "rolled_back", "stopped", "not_clean"]


class StepOutline(msgspec.Struct, frozen=True, omit_defaults=True):
    """One step as the run will show it; `undo` is in words, empty when the step changes nothing or cannot be undone."""

    id: str
    title: str
    kind: StepKind
    effect: Effect = "read"
    undo: str = ""
    irreversible: str = ""
    ladder: str = ""
    rung: int = 0


class RunStarted(Body, frozen=True, kw_only=True):
    """A runbook was started. `source` is the very text that was hashed, and the only one this run reads."""

    kind = "run.started"
    run: str
    runbook: str
    title: str
    digest: str
    source: str
    path: str
    steps: tuple[StepOutline, ...]


class AttemptIntended(Body, frozen=True, kw_only=True):
    """A person confirmed this very command; nothing has been started yet. The attempt id is unique for ever.

    `before` is what the step's verifying probe measured at that moment.
    """

    kind = "attempt.intended"
    run: str
    step: str
    attempt: str
    command: str
    digest: str
    direction: Direction = "forward"
    before: Figures | None = None


class AttemptStarted(Body, frozen=True, kw_only=True):
    kind = "attempt.started"
    run: str
    step: str
    attempt: str
    pid: int


class AttemptFinished(Body, frozen=True, kw_only=True):
    """The command ended: with an exit code, or by a signal, or stopped by its deadline or a person."""

    kind = "attempt.finished"
    run: str
    step: str
    attempt: str
    ok: bool
    exit_code: int | None = None
    signal: int | None = None
    ended_by: Literal["itself", "timeout", "person", "not_found"] = "itself"
    seconds: float = 0.0
    output_bytes: int = 0
    tail: str = ""


class AttemptAbandoned(Body, frozen=True, kw_only=True):
    """The command certainly never ran: the claim was won by recovery."""

    kind = "attempt.abandoned"
    run: str
    step: str
    attempt: str
    why: str


class AttemptUnknown(Body, frozen=True, kw_only=True):
    """Nobody can know whether the command took effect. `pid` is of a survivor, 0 when there is none."""

    kind = "attempt.unknown"
    run: str
    step: str
    attempt: str
    why: str
    pid: int = 0


class AttemptSettled(Body, frozen=True, kw_only=True):
    """A person looked and says what became of an unknown attempt or of a failed rollback."""

    kind = "attempt.settled"
    run: str
    step: str
    attempt: str
    verdict: Literal["took_effect", "no_effect", "by_hand", "skipped"]
    reason: str


class StepDone(Body, frozen=True, kw_only=True):
    kind = "step.done"
    run: str
    step: str
    note: str = ""


class StepSkipped(Body, frozen=True, kw_only=True):
    kind = "step.skipped"
    run: str
    step: str
    reason: str


class OptionChosen(Body, frozen=True, kw_only=True):
    """A decision, with what was turned down and how long it took."""

    kind = "option.chosen"
    run: str
    step: str
    option: str
    title: str
    rejected: tuple[str, ...] = ()
    why: str = ""


class VerifyStarted(Body, frozen=True, kw_only=True):
    kind = "verify.started"
    run: str
    step: str
    probe: str
    before: Figures
    until: int


class VerifyFinished(Body, frozen=True, kw_only=True):
    """Whether the step helped, measured: `words` is the one line for screens and chat."""

    kind = "verify.finished"
    run: str
    step: str
    probe: str
    verdict: Verdict
    before: Figures
    after: Figures
    words: str
    seconds: float = 0.0


class WaitStarted(Body, frozen=True, kw_only=True):
    """A wait began, or began again: `why` says what put it back to its start."""

    kind = "wait.started"
    run: str
    step: str
    until: int
    why: str = ""


class WaitFinished(Body, frozen=True, kw_only=True):
    kind = "wait.finished"
    run: str
    step: str


class RunFinished(Body, frozen=True, kw_only=True):
    kind = "run.finished"
    run: str
    outcome: RunOutcome
    note: str = ""
