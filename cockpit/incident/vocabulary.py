"""The kinds of event, by family. A new kind is a class here or in a file of its family, a line in `kinds`, a clause in
its family's reducer and one in `words`."""

from __future__ import annotations

from typing import Literal

import msgspec

from cockpit.incident.event import Body

ProbeState = Literal["unknown", "up", "degraded", "down"]
Severity = Literal["SEV1", "SEV2", "SEV3", "SEV4"]
Status = Literal["investigating", "identified", "mitigating", "monitoring", "resolved"]


class Figures(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a probe measured over its window: a ratio from 0 to 1, milliseconds, the number of samples, and when.

    `since` is the moment of the first sample that the ratio counts, 0 where that is not known.
    """

    error_rate: float | None = None
    p50_ms: float | None = None
    p95_ms: float | None = None
    samples: int = 0
    at: int = 0
    requests: float | None = None
    since: int = 0


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


class Past(msgspec.Struct, frozen=True, omit_defaults=True):
    """An earlier incident: in what it was alike, what was recorded to have helped then, and what had not."""

    incident: str
    title: str
    declared: int
    why: str
    helped: tuple[str, ...] = ()
    harmed: tuple[str, ...] = ()


class IncidentRecalled(Body, frozen=True, kw_only=True):
    """An earlier incident looks like this one, as far as was known then."""

    kind = "incident.recalled"
    past: Past


class NoteAdded(Body, frozen=True, kw_only=True):
    """A line for the timeline; `source` names where it came from when no person typed it.

    `place` is the address of the chat's message that it is, so that no message is noted twice.
    """

    kind = "note.added"
    text: str
    source: str = ""
    place: str = ""


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
