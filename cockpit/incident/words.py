"""Every event in one line, for a tired reader."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from cockpit.incident.event import AnyBody, Erased, Event, Unknown
from cockpit.incident.runs import (
    AttemptAbandoned,
    AttemptFinished,
    AttemptIntended,
    AttemptSettled,
    AttemptStarted,
    AttemptUnknown,
    OptionChosen,
    RunFinished,
    RunStarted,
    StepDone,
    StepSkipped,
    VerifyFinished,
    VerifyStarted,
    WaitFinished,
    WaitStarted,
)
from cockpit.incident.vocabulary import (
    AlertActed,
    AlertEnded,
    AlertSeen,
    ChangeSeen,
    ClockStepped,
    EffectExpected,
    EffectMeasured,
    EngineStarted,
    EngineWoke,
    EventRedacted,
    Figures,
    FreezeBreached,
    FreezeLifted,
    FreezeOverridden,
    FreezeSet,
    ImpactChanged,
    IncidentDeclared,
    IncidentResolved,
    NoteAdded,
    PersonNeeded,
    PersonReleased,
    ProbeChanged,
    ProbePaused,
    ProbeResumed,
    RoleTaken,
    SeverityChanged,
    StatusChanged,
    UpdateDelivered,
    UpdatePosted,
    UpdateUndelivered,
)
from cockpit.moments import hhmm, span
from cockpit.text import SafeText

Tone = Literal["plain", "muted", "good", "warn", "bad", "act"]
LIMIT = 600
"""Characters of one line at most."""

_BREAK = re.compile(r"\s*\n\s*")
_PROBE_TONES: dict[str, Tone] = {"up": "good", "degraded": "warn", "down": "bad", "unknown": "muted"}
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
_EFFECT_TONES: dict[str, Tone] = {"better": "good", "same": "plain", "worse": "warn", "unknown": "muted"}
_ACTS = {"acknowledge": "acknowledged", "escalate": "escalated", "snooze": "snoozed"}
_ENDED = {"timeout": "stopped by its deadline", "person": "stopped by a person", "not_found": "command not found"}
_OUTCOMES: dict[str, tuple[str, Tone]] = {
    "done": ("done", "good"),
    "rolled_back": ("rolled back", "good"),
    "stopped": ("stopped", "plain"),
    "not_clean": ("ended, NOT CLEAN", "bad"),
}


class Line(msgspec.Struct, frozen=True):
    """One line of the timeline: a word of at most eight letters for what kind it is, and the rest."""

    kind: str
    text: SafeText
    tone: Tone


_Said = tuple[str, str, Tone]


def describe(event: Event) -> Line:
    """The event in one line; one of a kind this program does not know is shown as it is."""
    kind, text, tone = _say(event.body, event)
    return Line(kind, SafeText(_BREAK.sub(" ", SafeText(text, LIMIT)).strip()), tone)


def _say(body: AnyBody, event: Event) -> _Said:
    if isinstance(body, Unknown):
        return "unknown", f"{body.kind}  {body.raw[: LIMIT * 4].decode(errors='replace')}", "muted"
    if isinstance(body, Erased):
        return "erased", f"{body.kind}  erased", "muted"
    for family in (_watching, _freeze, _alert, _lifecycle, _people, _attempt, _step, _telling, _cockpit):
        if (said := family(body, event)) is not None:
            return said
    return "unknown", body.kind, "muted"


def _watching(body: AnyBody, event: Event) -> _Said | None:
    match body:
        case ProbeChanged():
            rate = f"err {percent(body.figures.error_rate)}" if body.figures.error_rate is not None else ""
            return (
                "probe",
                _spaced(f"{body.probe} {body.state.upper()}", rate, body.verdict, body.suspect),
                _PROBE_TONES[body.state],
            )
        case ChangeSeen():
            review = {True: "reviewed", False: "unreviewed", None: ""}[body.reviewed]
            unreviewed: Tone = "warn" if body.reviewed is False else "plain"
            return "change", _spaced(body.what, body.service, _joined(body.who, review)), unreviewed
        case ProbePaused():
            return "probe", _spaced(f"{body.probe} PAUSED until {hhmm(body.until)}Z", body.reason), "warn"
        case ProbeResumed():
            return "probe", f"{body.probe} resumed", "plain"
        case EffectExpected():
            return "effect", f"watching {body.service} until {hhmm(body.until)}Z, after {body.what}", "muted"
        case EffectMeasured():
            return "effect", body.words, _EFFECT_TONES[body.verdict]
    return None


def _freeze(body: AnyBody, event: Event) -> _Said | None:
    match body:
        case FreezeSet():
            until = f"until {hhmm(body.until)}Z" if body.until else "until lifted"
            return "freeze", _spaced(f"FREEZE {', '.join(body.scope)} {until}", body.reason), "warn"
        case FreezeLifted():
            return "freeze", _spaced("freeze expired" if body.expired else "freeze lifted", body.reason), "plain"
        case FreezeOverridden():
            return "freeze", _spaced(f"let through: {body.what}", body.reason), "warn"
        case FreezeBreached():
            return "freeze", _spaced(f"BREACH of the freeze: {body.what}", body.who), "bad"
    return None


def _alert(body: AnyBody, event: Event) -> _Said | None:
    match body:
        case AlertSeen():
            since = f"since {hhmm(body.started)}Z" if body.started else ""
            state = body.state.upper() + (f" by {body.who}" if body.who and body.state != "firing" else "")
            tone: Tone = "warn" if body.state == "firing" else "plain"
            return "alert", _spaced(f"{state}: {body.title}", body.service, since, body.source), tone
        case AlertEnded():
            at = f" at {hhmm(body.ended)}Z" if body.ended else ""
            return "alert", f"over{at}: {body.title or body.alert}", "good"
        case AlertActed():
            what = body.title or body.alert
            done = f"{_ACTS[body.action]}: {what}" if body.ok else f"could not {body.action}: {what}"
            return "alert", _spaced(done, body.detail, body.why), "plain" if body.ok else "bad"
    return None


def _lifecycle(body: AnyBody, event: Event) -> _Said | None:
    match body:
        case IncidentDeclared():
            return "declare", _spaced(f"{body.severity} {body.title}", _by(event), body.impact), "bad"
        case StatusChanged():
            return "status", _spaced(body.status, body.why), "plain"
        case SeverityChanged():
            return "sev", _spaced(body.severity, body.why), "warn"
        case ImpactChanged():
            unaffected = f"not affected: {', '.join(body.unaffected)}" if body.unaffected else ""
            return "impact", _spaced(body.impact, unaffected), "plain"
        case IncidentResolved():
            unmet = f"although {'; '.join(body.unmet)}" if body.unmet else ""
            override = f"because {body.override}" if body.override else ""
            return "status", _spaced("resolved", body.note, unmet, override), "warn" if unmet else "good"
        case NoteAdded():
            return "note", f"{body.source}: {body.text}" if body.source else body.text, "plain"
    return None


def _people(body: AnyBody, event: Event) -> _Said | None:
    match body:
        case RoleTaken():
            role = "lead" if body.role == "incident_commander" else body.role
            return "role", f"{body.person} is {role}", "plain"
        case PersonNeeded():
            return "people", _spaced(f"{body.person} needed", body.reason), "act"
        case PersonReleased():
            return "people", _spaced(f"{body.person} released, may leave", body.reason), "good"
    return None


def _attempt(body: AnyBody, event: Event) -> _Said | None:
    match body:
        case AttemptIntended():
            what = "undo confirmed" if body.direction == "rollback" else "confirmed"
            return "step", _spaced(body.step, body.command, f"{what}{_by(event)}"), "plain"
        case AttemptStarted():
            return "step", _spaced(body.step, "running", f"pid {body.pid}"), "muted"
        case AttemptFinished():
            return "step", _spaced(body.step, _ending(body)), "good" if body.ok else "bad"
        case AttemptAbandoned():
            return "step", _spaced(body.step, "never ran", body.why), "warn"
        case AttemptUnknown():
            survivor = f"pid {body.pid} may still run" if body.pid else ""
            return "step", _spaced(body.step, "UNKNOWN whether it took effect", body.why, survivor), "act"
        case AttemptSettled():
            return "decide", _spaced(body.step, f"{_SETTLED[body.verdict]}, says {event.actor}", body.reason), "plain"
    return None


def _ending(body: AttemptFinished) -> str:
    took = span_of(body.seconds)
    if body.ok:
        return f"ok {took}"
    code = f"exit {body.exit_code}" if body.exit_code is not None else ""
    signal = f"signal {body.signal}" if body.signal is not None else ""
    last = body.tail.strip().rpartition("\n")[2]
    return _spaced(f"FAILED after {took}", _ENDED.get(body.ended_by, ""), code or signal, last)


def _step(body: AnyBody, event: Event) -> _Said | None:
    match body:
        case RunStarted():
            return "run", f"{body.title}: started{_by(event)}", "plain"
        case RunFinished():
            outcome, tone = _OUTCOMES[body.outcome]
            return "run", _spaced(outcome, body.note), tone
        case StepDone():
            return "step", _spaced(body.step, "done", body.note), "good"
        case StepSkipped():
            return "step", _spaced(body.step, "skipped", body.reason), "muted"
        case OptionChosen():
            rejected = f"not {', '.join(body.rejected)}" if body.rejected else ""
            return "decide", _spaced(body.step, body.title, rejected, body.why), "plain"
        case VerifyStarted():
            until = f"until {hhmm(body.until)} UTC" if body.until else ""
            return "verify", _spaced(body.step, f"watching {body.probe}", until), "muted"
        case VerifyFinished():
            return _verified(body)
        case WaitStarted():
            return "wait", _spaced(body.step, f"until {hhmm(body.until)} UTC", body.why), "muted"
        case WaitFinished():
            return "wait", _spaced(body.step, "over"), "good"
    return None


def _verified(body: VerifyFinished) -> _Said:
    verdict, tone = _VERDICTS[body.verdict]
    measured = delta(body.before, body.after)
    after = f"after {span(body.seconds)}" if body.seconds else ""
    detail = _spaced(measured, after) if measured else body.words
    return "verify", _spaced(body.step, verdict, detail), tone


def _telling(body: AnyBody, event: Event) -> _Said | None:
    match body:
        case UpdatePosted():
            due = f"next by {hhmm(body.next_due)} UTC" if body.next_due else ""
            said = dict.fromkeys(part for part in (body.headline, body.know, body.doing) if part)
            what = _spaced(*([body.headline] if body.automatic else said))
            return "update", _spaced(f"posted: {what}", due), "plain"
        case UpdateDelivered():
            late = f"{span(body.late_seconds)} late" if body.late_seconds >= 1 else ""
            return "sent", _spaced(f"to {body.destination}", late), "warn" if late else "muted"
        case UpdateUndelivered():
            fate = "NOT SENT" if body.final else "not sent yet, trying again"
            return "sent", _spaced(f"{fate} to {body.destination}", body.why), "bad" if body.final else "warn"
    return None


def _cockpit(body: AnyBody, event: Event) -> _Said | None:
    match body:
        case EngineStarted():
            unclean = "the one before did not stop cleanly" if body.unclean else ""
            return (
                "engine",
                _spaced(f"started {body.program}", f"pid {body.pid}", unclean),
                "warn" if unclean else "muted",
            )
        case EngineWoke():
            return "engine", f"this host slept {span(body.seconds)}: nothing was probed or posted", "warn"
        case ClockStepped():
            way = "forward" if body.seconds > 0 else "back"
            return "engine", f"the clock of this host was set {way} by {span(abs(body.seconds))}", "warn"
        case EventRedacted():
            return "redact", _spaced(f"event {body.seq} erased", body.reason), "muted"
    return None


def percent(rate: float | None) -> str:
    """A ratio as `79.6 %`, or `?` where nothing was measured."""
    return "?" if rate is None else f"{rate * 100:.1f} %"


def delta(before: Figures, after: Figures) -> str:
    """What became of a measurement: `err 79.6 -> 79.4 %`, the latency where no errors are counted, or nothing."""
    if after.error_rate is not None:
        was = "?" if before.error_rate is None else f"{before.error_rate * 100:.1f}"
        return f"err {was} -> {percent(after.error_rate)}"
    if after.p95_ms is not None:
        was = "?" if before.p95_ms is None else f"{before.p95_ms:.0f}"
        return f"p95 {was} -> {after.p95_ms:.0f} ms"
    return ""


def span_of(seconds: float) -> str:
    """A duration to the tenth of a second where that matters: `1.2 s`."""
    return f"{seconds:.1f} s" if 0 <= seconds < 60 else span(seconds)


def _by(event: Event) -> str:
    return f" by {event.actor}" if event.actor else ""


def _spaced(*parts: str) -> str:
    return "  ".join(part.strip() for part in parts if part.strip())


def _joined(*parts: str) -> str:
    return " ".join(part.strip() for part in parts if part.strip())
