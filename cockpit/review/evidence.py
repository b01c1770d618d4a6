"""What came of a moment of the timeline, and what shows it. Pure."""

from __future__ import annotations

from cockpit.incident.broadcasts import UpdateDelivered, UpdateUndelivered
from cockpit.incident.event import AnyBody
from cockpit.incident.runs import (
    AttemptFinished,
    AttemptUnknown,
    EscalationPosted,
    OptionChosen,
    RunFinished,
    StepApproved,
    VerifyFinished,
)
from cockpit.incident.saying import delta, percent, span_of
from cockpit.incident.vocabulary import (
    AlertActed,
    AlertSeen,
    ChangeSeen,
    EffectMeasured,
    Figures,
    NoteAdded,
    ProbeChanged,
)
from cockpit.review.model import Outcome

_VERDICTS: dict[str, Outcome] = {
    "pass": "ok", "no_effect": "no_effect", "better": "partial", "worse": "failed", "inconclusive": "unknown",
}  # fmt: skip
_EFFECTS: dict[str, Outcome] = {"better": "partial", "same": "no_effect", "worse": "failed", "unknown": "unknown"}
_RUNS: dict[str, Outcome] = {"done": "ok", "rolled_back": "no_effect", "stopped": "unknown", "not_clean": "partial"}


def result(body: AnyBody) -> Outcome | None:
    """What came of it, where it was meant to have an outcome."""
    match body:
        case NoteAdded() | ProbeChanged() | ChangeSeen():
            # Asked first: a long incident has more of these than of all others.
            return None
        case AttemptFinished(ok=ok) | AlertActed(ok=ok):
            return "ok" if ok else "failed"
        case AttemptUnknown():
            return "unknown"
        case VerifyFinished(verdict=verdict):
            return _VERDICTS[verdict]
        case EffectMeasured(verdict=felt):
            return _EFFECTS[felt]
        case RunFinished(outcome=outcome):
            return _RUNS[outcome]
        case UpdateDelivered():
            return "ok"
        case UpdateUndelivered():
            return "failed"
    return None


def evidence(body: AnyBody) -> str:
    """What was measured, or where it can be looked up; empty where somebody only said so."""
    # The kinds of which a long incident has most come first.
    match body:
        case NoteAdded(source=source, place=place):
            _, _, link = source.partition(", http")
            return f"http{link}" if link else place
        case ProbeChanged(figures=figures):
            return _measured(figures)
        case UpdateDelivered(where=where):
            return where
        case ChangeSeen(change=change, source=source, link=link):
            return link or _joined(source, change)
        case VerifyFinished(before=before, after=after, probe=probe):
            return _joined(probe, delta(before, after), _samples(after))
        case EffectMeasured(words=words):
            return words
        case AttemptFinished() as ended:
            code = f"exit {ended.exit_code}" if ended.exit_code is not None else ""
            signal = f"signal {ended.signal}" if ended.signal is not None else ""
            how = "" if ended.ended_by == "itself" else ended.ended_by.replace("_", " ")
            return _joined(code, signal, how, f"after {span_of(ended.seconds)}")
        case AttemptUnknown(why=why):
            return why
        case AlertSeen(alert=alert, source=source, link=link):
            return link or _joined(source, alert)
        case UpdateUndelivered(why=refused):
            return refused
        case OptionChosen(why=why) | StepApproved(reason=why):
            return why
        case EscalationPosted(update=update):
            return f"update {update}"
    return ""


def _measured(figures: Figures) -> str:
    rate = f"error rate {percent(figures.error_rate)}" if figures.error_rate is not None else ""
    late = f"p95 {figures.p95_ms:.0f} ms" if figures.p95_ms is not None else ""
    return _joined(rate, late, _samples(figures)) if rate or late else ""


def _samples(figures: Figures) -> str:
    return f"{figures.samples} samples" if figures.samples else ""


def _joined(*parts: str) -> str:
    return ", ".join(part for part in parts if part)
