"""The events of runs: what was confirmed, what came of it, and what a person decided."""

from __future__ import annotations

from typing import Literal

import msgspec

from cockpit.incident.event import Body
from cockpit.incident.vocabulary import Figures

StepKind = Literal["manual", "command", "wait", "choose", "repeat", "escalate"]
Section = Literal["contain", "verify", "reconcile", "follow_up"]
Purpose = Literal["act", "before", "after", "check"]
"""What an attempt is for: to act, to read what must be so before or after, to learn whether an act took effect."""
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
    section: str = ""
    role: str = ""
    broadcast: str = ""


class Included(msgspec.Struct, frozen=True):
    """A runbook that was taken into another: the name it was included by, and its very text."""

    name: str
    source: str


class RunStarted(Body, frozen=True, kw_only=True):
    """A runbook was started. `source` and `included` are the very texts that were hashed, and all that this run reads.

    `params` are the values given, without secret ones. The run holds `lock`; `took_over` says from whom and why.
    """

    kind = "run.started"
    run: str
    runbook: str
    title: str
    digest: str
    source: str
    path: str
    steps: tuple[StepOutline, ...]
    included: tuple[Included, ...] = ()
    params: dict[str, str] = {}
    lock: str = ""
    took_over: str = ""


class LockTaken(Body, frozen=True, kw_only=True):
    """The run works on this again, taken over with a reason: `words` say from whom."""

    kind = "lock.taken"
    run: str
    lock: str
    words: str


class LockLost(Body, frozen=True, kw_only=True):
    """Somebody else has taken over what this run was working on: it may start nothing more."""

    kind = "lock.lost"
    run: str
    lock: str
    words: str


class AttemptIntended(Body, frozen=True, kw_only=True):
    """A person confirmed this very command; nothing has been started yet. The attempt id is unique for ever.

    `before` is what the step's verifying probe measured at that moment. `under` is the attempt that was confirmed, for
    one that follows from it by itself: the next batch, another try, a look before or after. `visit` counts how often
    the step was come to, from 1; a rollback undoes one visit.
    """

    kind = "attempt.intended"
    run: str
    step: str
    attempt: str
    command: str
    digest: str
    direction: Direction = "forward"
    before: Figures | None = None
    purpose: Purpose = "act"
    under: str = ""
    visit: int = 1


class AttemptStopAsked(Body, frozen=True, kw_only=True):
    """A person asked for a running command, or a series between two batches, to be stopped."""

    kind = "attempt.stop_asked"
    run: str
    step: str
    attempt: str


class AttemptStarted(Body, frozen=True, kw_only=True):
    kind = "attempt.started"
    run: str
    step: str
    attempt: str
    pid: int


class AttemptFinished(Body, frozen=True, kw_only=True):
    """The command ended: with an exit code, or by a signal, or stopped by its deadline or a person.

    `outputs` are the values it promised; `why` says what is wrong where its exit code does not.
    """

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
    outputs: dict[str, str] = {}
    why: str = ""


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


class SurvivorGone(Body, frozen=True, kw_only=True):
    """What was left running of an unknown attempt has ended; nobody knows any better what it did."""

    kind = "attempt.survivor_gone"
    run: str
    step: str
    attempt: str
    why: str


class AttemptSettled(Body, frozen=True, kw_only=True):
    """What became of an unknown attempt or of a failed rollback: a person looked, or the step's own check did."""

    kind = "attempt.settled"
    run: str
    step: str
    attempt: str
    verdict: Literal["took_effect", "no_effect", "by_hand", "skipped"]
    reason: str


class UndoSettled(Body, frozen=True, kw_only=True):
    """A person says that a visit of a step is undone, or left as it is: its rollback cannot be run."""

    kind = "undo.settled"
    run: str
    step: str
    visit: int
    verdict: Literal["by_hand", "skipped"]
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


class DecisionOpened(Body, frozen=True, kw_only=True):
    """A decision has come up; its timebox ends at a moment in microseconds, and decides nothing."""

    kind = "decision.opened"
    run: str
    step: str
    until: int


class OptionChosen(Body, frozen=True, kw_only=True):
    """A decision, with what was turned down and how long it took; `late` when its timebox was over.

    With `goto` that step is taken next: what was passed over or done since is taken anew.
    """

    kind = "option.chosen"
    run: str
    step: str
    option: str
    title: str
    rejected: tuple[str, ...] = ()
    why: str = ""
    goto: str = ""
    seconds: float = 0.0
    late: bool = False


class RepeatEnded(Body, frozen=True, kw_only=True):
    """A series of batches is over: its probe has reached the target, or it ended without."""

    kind = "repeat.ended"
    run: str
    step: str
    reached: bool
    batches: int
    words: str


class StepApproved(Body, frozen=True, kw_only=True):
    """A person says that this very command may run, until a moment in microseconds. An attestation, no proof."""

    kind = "step.approved"
    run: str
    step: str
    digest: str
    until: int
    reason: str = ""


class StepAnnounced(Body, frozen=True, kw_only=True):
    """A confirmed command waits for objections until a moment in microseconds; it is the attempt of that id then."""

    kind = "step.announced"
    run: str
    step: str
    attempt: str
    command: str
    digest: str
    until: int
    direction: Direction = "forward"


class StepRecalled(Body, frozen=True, kw_only=True):
    """An announced command does not run: somebody objects, or nobody can vouch for the confirmation any more.

    With `attempt` it is what would have followed from that one by itself that does not run.
    """

    kind = "step.recalled"
    run: str
    step: str
    reason: str
    attempt: str = ""


class EscalationPosted(Body, frozen=True, kw_only=True):
    """A call for somebody went to the outbox as that update; it is done when it is delivered."""

    kind = "escalation.posted"
    run: str
    step: str
    update: str
    whom: str


class Target(msgspec.Struct, frozen=True, omit_defaults=True):
    """A release that can be restored, by its absolute id; `barrier` says why nobody should go to it or below."""

    id: str
    title: str = ""
    digest: str = ""
    barrier: str = ""


class LadderPinned(Body, frozen=True, kw_only=True):
    """What a ladder restores, from now on fixed: `original` served when it began, `targets` are the nearest first.

    `dropped` says what was left out, and why.
    """

    kind = "ladder.pinned"
    run: str
    ladder: str
    original: str
    targets: tuple[Target, ...]
    dropped: tuple[str, ...] = ()


class LadderAccepted(Body, frozen=True, kw_only=True):
    """A person saw that something else serves than was last applied, and goes on from there."""

    kind = "ladder.accepted"
    run: str
    ladder: str
    current: str
    reason: str


class VerifyStarted(Body, frozen=True, kw_only=True):
    kind = "verify.started"
    run: str
    step: str
    probe: str
    before: Figures
    until: int


class VerifyFinished(Body, frozen=True, kw_only=True):
    """Whether the step helped, measured: `words` is the one line for screens and chat.

    `still` says that the probe had been up since before the step: it is well, and nothing shows that the step did it.
    """

    kind = "verify.finished"
    run: str
    step: str
    probe: str
    verdict: Verdict
    before: Figures
    after: Figures
    words: str
    seconds: float = 0.0
    still: bool = False


class WaitStarted(Body, frozen=True, kw_only=True):
    """A wait began, or began again: `why` says what put it back to its start."""

    kind = "wait.started"
    run: str
    step: str
    until: int
    why: str = ""


class WaitFinished(Body, frozen=True, kw_only=True):
    """A wait is over; the probes that it `watched` were up all the while, none for one that only let time pass."""

    kind = "wait.finished"
    run: str
    step: str
    watched: tuple[str, ...] = ()


class RunFinished(Body, frozen=True, kw_only=True):
    kind = "run.finished"
    run: str
    outcome: RunOutcome
    note: str = ""
