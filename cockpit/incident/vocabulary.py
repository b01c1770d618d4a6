"""Every kind of event, by family. A new kind is a class here, a clause in its family's reducer and one in `words`."""

from __future__ import annotations

from typing import Literal

import msgspec

from cockpit.incident.event import AnyBody, Body, Unknown

ProbeState = Literal["unknown", "up", "degraded", "down"]
Severity = Literal["SEV1", "SEV2", "SEV3", "SEV4"]
Status = Literal["investigating", "identified", "mitigating", "monitoring", "resolved"]
Role = Literal["incident_commander", "operations", "communications"]
StepKind = Literal["manual", "command", "wait", "choose"]
Effect = Literal["read", "write", "destructive"]
Direction = Literal["forward", "rollback"]
Verdict = Literal["pass", "no_effect", "better", "worse", "inconclusive"]
RunOutcome = Literal["done", "rolled_back", "stopped", "not_clean"]


class Figures(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a probe measured over its window: a ratio from 0 to 1, milliseconds, the number of samples, and when."""

    error_rate: float | None = None
    p50_ms: float | None = None
    p95_ms: float | None = None
    samples: int = 0
    at: int = 0
    requests: float | None = None


# --- what is watched


class ProbeChanged(Body, frozen=True, kw_only=True):
    """A probe turned to another state. `since` is the first sample of the new state, in microseconds.

    `suspect` is the change that was pointed at then, in words; it is never claimed to be the cause.
    """

    kind = "probe.changed"
    probe: str
    service: str
    state: ProbeState
    previous: ProbeState
    since: int
    verdict: str
    figures: Figures = Figures()
    suspect: str = ""


class ChangeSeen(Body, frozen=True, kw_only=True):
    """Somebody changed something: a deploy, a config edit, a flag. `occurred_at` of the event says when."""

    kind = "change.seen"
    change: str
    source: str
    what: str
    service: str = ""
    who: str = ""
    reviewed: bool | None = None
    link: str = ""
    undo: str = ""


class ProbePaused(Body, frozen=True, kw_only=True):
    """A person stopped a probe until a moment in microseconds; it is unknown meanwhile."""

    kind = "probe.paused"
    probe: str
    until: int
    reason: str


class ProbeResumed(Body, frozen=True, kw_only=True):
    kind = "probe.resumed"
    probe: str


class ProbeFigures(msgspec.Struct, frozen=True):
    """What one probe measured, and how it stood."""

    probe: str
    state: ProbeState
    figures: Figures


class EffectExpected(Body, frozen=True, kw_only=True):
    """Something was done to a service, so its probes are watched until a moment in microseconds.

    `subject` is the change or the attempt, which `what` names in words; `before` is what its probes measured.
    """

    kind = "effect.expected"
    subject: str
    about: Literal["change", "step"]
    what: str
    service: str
    since: int
    until: int
    before: tuple[ProbeFigures, ...]


class EffectMeasured(Body, frozen=True, kw_only=True):
    """What came of it: `words` is one line such as "5xx 12 % -> 3 % since 14:20, data 8 s old"."""

    kind = "effect.measured"
    subject: str
    verdict: Literal["better", "same", "worse", "unknown"]
    words: str
    after: tuple[ProbeFigures, ...]


# --- the freeze: nobody changes anything for now


class FreezeSet(Body, frozen=True, kw_only=True):
    """Changes in these scopes are to stop until a moment in microseconds, 0 for until lifted."""

    kind = "freeze.set"
    scope: tuple[str, ...]
    reason: str
    until: int = 0


class FreezeLifted(Body, frozen=True, kw_only=True):
    kind = "freeze.lifted"
    reason: str = ""
    expired: bool = False


class FreezeOverridden(Body, frozen=True, kw_only=True):
    """A person lets one change through all the same, and says why."""

    kind = "freeze.overridden"
    what: str
    reason: str


class FreezeBreached(Body, frozen=True, kw_only=True):
    """A change was made within the freeze, and nobody had said that it may be."""

    kind = "freeze.breached"
    change: str
    what: str
    who: str = ""


# --- alerts of other systems


class AlertSeen(Body, frozen=True, kw_only=True):
    """Another system raises an alarm, or says something new about it. `started` is its own beginning, microseconds."""

    kind = "alert.seen"
    alert: str
    source: str
    title: str
    severity: str = ""
    service: str = ""
    started: int = 0
    state: Literal["firing", "acknowledged", "snoozed"] = "firing"
    who: str = ""
    link: str = ""
    detail: str = ""


class AlertEnded(Body, frozen=True, kw_only=True):
    """The system that raised it says that it is over; `ended` is its own moment, 0 when it does not tell."""

    kind = "alert.ended"
    alert: str
    title: str = ""
    ended: int = 0


class AlertActed(Body, frozen=True, kw_only=True):
    """What a person asked of the other system, and whether it was accepted; `why` says what it answered if not."""

    kind = "alert.acted"
    alert: str
    title: str = ""
    action: Literal["acknowledge", "escalate", "snooze"]
    detail: str = ""
    ok: bool = True
    why: str = ""


# --- the incident itself


class IncidentDeclared(Body, frozen=True, kw_only=True):
    """A person said: this is an incident. `began` is when the harm started as far as known, in microseconds.

    `seen` is every probe as it stood at that moment, so that a fold of this stream alone knows what was not affected.
    """

    kind = "incident.declared"
    title: str
    severity: Severity
    impact: str = ""
    began: int = 0
    drill: str = ""
    seen: tuple[ProbeChanged, ...] = ()


class StatusChanged(Body, frozen=True, kw_only=True):
    kind = "incident.status"
    status: Status
    why: str = ""


class SeverityChanged(Body, frozen=True, kw_only=True):
    kind = "incident.severity"
    severity: Severity
    why: str = ""


class ImpactChanged(Body, frozen=True, kw_only=True):
    """Who is hit and how, and what is not affected."""

    kind = "incident.impact"
    impact: str
    unaffected: tuple[str, ...] = ()


class IncidentResolved(Body, frozen=True, kw_only=True):
    """Closed by a person. `unmet` stood against it; `override` is why it was closed all the same."""

    kind = "incident.resolved"
    note: str = ""
    unmet: tuple[str, ...] = ()
    override: str = ""


class NoteAdded(Body, frozen=True, kw_only=True):
    """A line for the timeline; `source` names where it came from when no person typed it."""

    kind = "note.added"
    text: str
    source: str = ""


# --- people


class RoleTaken(Body, frozen=True, kw_only=True):
    kind = "role.taken"
    person: str
    role: Role


class PersonNeeded(Body, frozen=True, kw_only=True):
    kind = "person.needed"
    person: str
    reason: str = ""


class PersonReleased(Body, frozen=True, kw_only=True):
    kind = "person.released"
    person: str
    reason: str = ""


# --- runs of runbooks


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


# --- what was told to whom


class UpdatePosted(Body, frozen=True, kw_only=True):
    """A status update went to the outbox. `next_due` is the moment promised for the next word, 0 for none."""

    kind = "update.posted"
    update: str
    reason: str
    headline: str
    know: str = ""
    doing: str = ""
    unknown: str = ""
    automatic: bool = False
    next_due: int = 0


class UpdateDelivered(Body, frozen=True, kw_only=True):
    kind = "update.delivered"
    update: str
    destination: str
    late_seconds: float = 0.0


class UpdateUndelivered(Body, frozen=True, kw_only=True):
    """A destination refused or could not be reached; `final` means that nothing will try again by itself."""

    kind = "update.undelivered"
    update: str
    destination: str
    why: str
    final: bool = False


# --- the cockpit's own


class EngineStarted(Body, frozen=True, kw_only=True):
    kind = "engine.started"
    program: str
    pid: int
    unclean: bool = False


class EngineWoke(Body, frozen=True, kw_only=True):
    """The host slept: nothing was probed or posted for that long."""

    kind = "engine.woke"
    seconds: float


class ClockStepped(Body, frozen=True, kw_only=True):
    """The wall clock was set: forward for positive seconds, back for negative ones."""

    kind = "clock.stepped"
    seconds: float


class EventRedacted(Body, frozen=True, kw_only=True):
    kind = "event.redacted"
    seq: int
    reason: str


KINDS: dict[str, type[Body]] = {
    body.kind: body
    for body in (
        ProbeChanged, ProbePaused, ProbeResumed, ChangeSeen, EffectExpected, EffectMeasured,
        FreezeSet, FreezeLifted, FreezeOverridden, FreezeBreached, AlertSeen, AlertEnded, AlertActed,
        IncidentDeclared, StatusChanged, SeverityChanged, ImpactChanged, IncidentResolved, NoteAdded,
        RoleTaken, PersonNeeded, PersonReleased,
        RunStarted, AttemptIntended, AttemptStarted, AttemptFinished, AttemptAbandoned, AttemptUnknown,
        AttemptSettled, StepDone, StepSkipped, OptionChosen, VerifyStarted, VerifyFinished, WaitStarted,
        WaitFinished, RunFinished,
        UpdatePosted, UpdateDelivered, UpdateUndelivered,
        EngineStarted, EngineWoke, ClockStepped, EventRedacted,
    )
}  # fmt: skip


class _Version(msgspec.Struct):
    v: int


def decode(kind: str, raw: bytes) -> AnyBody:
    """The body stored under that kind; one that this program does not understand is kept as `Unknown`."""
    body = KINDS.get(kind)
    if body is None:
        return Unknown(kind, raw)
    try:
        if msgspec.json.decode(raw, type=_Version).v > body.version:
            return Unknown(kind, raw)
        return msgspec.json.decode(raw, type=body)
    except msgspec.MsgspecError:
        return Unknown(kind, raw)
