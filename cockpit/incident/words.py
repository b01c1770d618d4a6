"""Every event in one line, for a tired reader."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from cockpit.incident import runwords
from cockpit.incident.attendance import (
    HelpOffered,
    PersonNeeded,
    PersonReleased,
    PresenceDeclared,
    RoleTaken,
    TimerEnded,
    TimerSet,
)
from cockpit.incident.broadcasts import (
    BroadcastHeld,
    BroadcastReleased,
    CadenceSet,
    DestinationTurned,
    UpdateDelivered,
    UpdatePosted,
    UpdateUndelivered,
)
from cockpit.incident.event import AnyBody, Erased, Event, Unknown
from cockpit.incident.saying import BORDER, GAP, Said, Tone, by, joined, percent, spaced
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
    FreezeBreached,
    FreezeLifted,
    FreezeOverridden,
    FreezeSet,
    ImpactChanged,
    IncidentDeclared,
    IncidentRecalled,
    IncidentResolved,
    NoteAdded,
    ProbeChanged,
    ProbePaused,
    ProbeResumed,
    SeverityChanged,
    StatusChanged,
)
from cockpit.moments import hhmm, moment, span
from cockpit.text import SafeText

LIMIT = 600
"""Characters of one line at most."""

_BREAK = re.compile(r"\s*\n\s*")
_PROBE_TONES: dict[str, Tone] = {"up": "good", "degraded": "warn", "down": "bad", "unknown": "muted"}
_EFFECT_TONES: dict[str, Tone] = {"better": "good", "same": "plain", "worse": "warn", "unknown": "muted"}
_PRESENCE = {"here": "here", "away": "away", "following": "following in the channel"}
_ACTS = {"acknowledge": "acknowledged", "escalate": "escalated", "snooze": "snoozed"}


class Line(msgspec.Struct, frozen=True):
    """One line of the timeline: a word of at most eight letters for what kind it is, and the rest."""

    kind: str
    text: SafeText
    tone: Tone


def describe(event: Event, between: str = GAP) -> Line:
    """The event in one line, `between` its parts; one of a kind this program does not know is shown as it is."""
    kind, text, tone = _say(event.body, event)
    safe = SafeText(text.replace(BORDER, between), LIMIT)
    if "\n" in safe or safe != safe.strip():
        safe = SafeText(_BREAK.sub(" ", safe).strip())
    return Line(kind, safe, tone)


def _say(body: AnyBody, event: Event) -> Said:
    if isinstance(body, Unknown):
        return "unknown", spaced(body.kind, body.raw[: LIMIT * 4].decode(errors="replace")), "muted"
    if isinstance(body, Erased):
        return "erased", spaced(body.kind, "erased"), "muted"
    if (known := _TELLER.get(type(body))) is not None and (said := known(body, event)) is not None:
        return said
    for family in (_watching, _freeze, _alert, _lifecycle, _people, runwords.said, _telling, _cockpit):
        if (said := family(body, event)) is not None:
            _TELLER[type(body)] = family
            return said
    return "unknown", body.kind, "muted"


_TELLER: dict[type[AnyBody], Callable[[AnyBody, Event], Said | None]] = {}
"""Which family tells of each kind of event, once it was found."""


def _watching(body: AnyBody, event: Event) -> Said | None:
    match body:
        case ProbeChanged():
            rate = f"err {percent(body.figures.error_rate)}" if body.figures.error_rate is not None else ""
            return (
                "probe",
                spaced(f"{body.probe} {body.state.upper()}", rate, body.verdict, body.suspect),
                _PROBE_TONES[body.state],
            )
        case ChangeSeen():
            review = {True: "reviewed", False: "unreviewed", None: ""}[body.reviewed]
            unreviewed: Tone = "warn" if body.reviewed is False else "plain"
            return "change", spaced(body.what, body.service, joined(body.who, review)), unreviewed
        case ProbePaused():
            return "probe", spaced(f"{body.probe} PAUSED until {hhmm(body.until)}Z", body.reason), "warn"
        case ProbeResumed():
            return "probe", f"{body.probe} resumed", "plain"
        case EffectExpected():
            return "effect", f"watching {body.service} until {hhmm(body.until)}Z, after {body.what}", "muted"
        case EffectMeasured():
            return "effect", body.words, _EFFECT_TONES[body.verdict]
    return None


def _freeze(body: AnyBody, event: Event) -> Said | None:
    match body:
        case FreezeSet():
            until = f"until {hhmm(body.until)}Z" if body.until else "until lifted"
            return "freeze", spaced(f"FREEZE {', '.join(body.scope)} {until}", body.reason), "warn"
        case FreezeLifted():
            return "freeze", spaced("freeze expired" if body.expired else "freeze lifted", body.reason), "plain"
        case FreezeOverridden():
            return "freeze", spaced(f"let through: {body.what}", body.reason), "warn"
        case FreezeBreached():
            return "freeze", spaced(f"BREACH of the freeze: {body.what}", body.who), "bad"
    return None


def _alert(body: AnyBody, event: Event) -> Said | None:
    match body:
        case AlertSeen():
            since = f"since {hhmm(body.started)}Z" if body.started else ""
            state = body.state.upper() + (f" by {body.who}" if body.who and body.state != "firing" else "")
            tone: Tone = "warn" if body.state == "firing" else "plain"
            return "alert", spaced(f"{state}: {body.title}", body.service, since, body.source), tone
        case AlertEnded():
            at = f" at {hhmm(body.ended)}Z" if body.ended else ""
            return "alert", f"over{at}: {body.title or body.alert}", "good"
        case AlertActed():
            what = body.title or body.alert
            done = f"{_ACTS[body.action]}: {what}" if body.ok else f"could not {body.action}: {what}"
            return "alert", spaced(done, body.detail, body.why), "plain" if body.ok else "bad"
    return None


def _lifecycle(body: AnyBody, event: Event) -> Said | None:
    match body:
        case IncidentDeclared():
            return "declare", spaced(f"{body.severity} {body.title}", by(event), body.impact), "bad"
        case StatusChanged():
            return "status", spaced(body.status, body.why), "plain"
        case SeverityChanged():
            return "sev", spaced(body.severity, body.why), "warn"
        case ImpactChanged():
            unaffected = f"not affected: {', '.join(body.unaffected)}" if body.unaffected else ""
            return "impact", spaced(body.impact, unaffected), "plain"
        case IncidentResolved():
            unmet = f"although {'; '.join(body.unmet)}" if body.unmet else ""
            override = f"because {body.override}" if body.override else ""
            return "status", spaced("resolved", body.note, unmet, override), "warn" if unmet else "good"
        case IncidentRecalled(past=past):
            helped = f"helped then: {'; '.join(past.helped)}" if past.helped else ""
            harmed = f"did not help then: {'; '.join(past.harmed)}" if past.harmed else ""
            day = f" of {moment(past.declared):%Y-%m-%d}" if past.declared else ""
            return "seen", spaced(f"like {past.incident}{day}: {past.why}", helped, harmed), "act"
        case NoteAdded():
            # A link is read last: on a narrow screen it would take the place of what was said.
            source, _, link = body.source.partition(", http")
            said = f"{source}: {body.text}" if source else body.text
            return "note", spaced(said, f"http{link}" if link else ""), "plain"
    return None


def _people(body: AnyBody, event: Event) -> Said | None:
    match body:
        case RoleTaken():
            role = "lead" if body.role == "incident_commander" else body.role
            handed = f"handed over by {body.previous}" if body.previous and body.previous != body.person else ""
            return "role", spaced(f"{body.person} is {role}", handed, body.note), "plain"
        case PersonNeeded():
            until = f"until {hhmm(body.until)}Z" if body.until else ""
            return "people", spaced(joined(f"{body.person} needed", until), body.reason), "act"
        case PersonReleased():
            return "people", spaced(f"{body.person} released, may leave", body.reason), "good"
        case PresenceDeclared():
            return "people", f"{body.person} says: {_PRESENCE[body.presence]}", "muted"
        case HelpOffered():
            return "people", spaced(f"{body.person} offers help", body.words), "act"
        case TimerSet():
            return "look", spaced(f"{body.who} looks into {body.what}", f"until {hhmm(body.until)}Z"), "plain"
        case TimerEnded(expired=True):
            about = f"the time for {body.what or 'a look'} is over"
            return "look", spaced(about, f"ask {body.who}" if body.who else "nothing was said of it"), "warn"
        case TimerEnded():
            return "look", spaced(joined("looked into", body.what), body.found or "nothing was said of it"), "plain"
    return None


def _telling(body: AnyBody, event: Event) -> Said | None:
    match body:
        case UpdatePosted():
            due = f"next by {hhmm(body.next_due)} UTC" if body.next_due else ""
            more = () if body.automatic else (body.unsaid(body.know), body.unsaid(body.doing))
            what = spaced(body.headline, *dict.fromkeys(more))
            return "update", spaced(f"posted: {what}", due), "plain"
        case UpdateDelivered():
            late = f"{span(body.late_seconds)} late" if body.late_seconds >= 1 else ""
            also = f"with {body.merged} more in one message" if body.merged else ""
            twice = "may be there twice" if body.repeated else ""
            return "sent", spaced(f"to {body.destination}", late, also, twice), "warn" if late or twice else "muted"
        case UpdateUndelivered():
            fate = "NOT SENT" if body.final else "not sent yet, trying again"
            return "sent", spaced(f"{fate} to {body.destination}", body.why), "bad" if body.final else "warn"
        case DestinationTurned(state="ok"):
            return "sent", f"{body.destination} can be reached again", "good"
        case DestinationTurned():
            instead = f"updates go to {body.instead}" if body.instead else "nobody is told there"
            words = spaced(f"{body.destination} {body.state}", body.why, instead)
            return "sent", words, "warn" if body.instead else "bad"
        case BroadcastHeld():
            return "update", spaced(f"held until {hhmm(body.until)}Z", body.reason), "warn"
        case BroadcastReleased():
            return "update", "told now what waited", "plain"
        case CadenceSet():
            return "update", spaced(f"from now on every {span(body.seconds)}", body.why), "plain"
    return None


def _cockpit(body: AnyBody, event: Event) -> Said | None:
    match body:
        case EngineStarted():
            unclean = "the one before did not stop cleanly" if body.unclean else ""
            return (
                "engine",
                spaced(f"started {body.program}", f"pid {body.pid}", unclean),
                "warn" if unclean else "muted",
            )
        case EngineWoke():
            return "engine", f"this host slept {span(body.seconds)}: nothing was probed or posted", "warn"
        case ClockStepped():
            way = "forward" if body.seconds > 0 else "back"
            return "engine", f"the clock of this host was set {way} by {span(abs(body.seconds))}", "warn"
        case EventRedacted():
            return "redact", spaced(f"event {body.seq} erased", body.reason), "muted"
    return None
