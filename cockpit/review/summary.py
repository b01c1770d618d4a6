"""One incident in so few words that hundreds can be held against another. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import msgspec

from cockpit.incident.broadcasts import UpdatePosted
from cockpit.incident.event import Event
from cockpit.incident.fold import State, fold
from cockpit.incident.runs import AttemptIntended, OptionChosen, RunStarted, StepDone, StepSkipped
from cockpit.incident.vocabulary import (
    AlertSeen,
    ChangeSeen,
    ImpactChanged,
    IncidentDeclared,
    IncidentResolved,
    NoteAdded,
    ProbeChanged,
    ProbeState,
)
from cockpit.review.model import Tried
from cockpit.review.tried import tried
from cockpit.text import SafeText

VERSION = 1
"""Raised whenever a summary says something else: kept ones of another version are made anew."""
IMPORTED = "imported"
"""The status of an incident that this journal did not see."""
KEPT_WORDS = 4_000
"""Different words of one incident that can be searched for; a longer one keeps its first."""
_WORD = re.compile(r"[\w./-]{2,60}")
_NUMBER = re.compile(r"\d+")


class Turned(msgspec.Struct, frozen=True):
    """A probe that turned for the worse, how far at the worst, and what its verdicts said, numbers taken out."""

    probe: str
    service: str
    state: ProbeState
    words: tuple[str, ...]


class Changed(msgspec.Struct, frozen=True):
    """A change around that time. `source` is the feed's name, `words` what it said."""

    source: str
    service: str
    words: tuple[str, ...]


class Deed(msgspec.Struct, frozen=True):
    """Something that was done about it, and whether it helped: in the words of the report."""

    title: str
    command: str
    helped: str


class Summary(msgspec.Struct, frozen=True):
    """An incident. Times in microseconds, 0 for not yet; `head` is the last event it was made from."""

    incident: str
    head: int
    title: str
    severity: str
    status: str
    drill: str
    lead: str
    declared: int
    resolved: int
    turned: tuple[Turned, ...]
    changed: tuple[Changed, ...]
    deeds: tuple[Deed, ...]
    words: tuple[str, ...]


def summarise(events: Sequence[Event]) -> Summary:
    """The summary of an incident's stream."""
    state = fold(events)
    life = state.lifecycle
    return Summary(
        incident=state.stream,
        head=state.seq,
        title=life.title,
        severity=life.severity,
        status=life.status,
        drill=life.drill,
        lead=state.roster.lead,
        declared=life.declared,
        resolved=life.resolved,
        turned=turned(events),
        changed=changed(state),
        deeds=deeds(tried(events, state)),
        words=_corpus(events),
    )


def turned(events: Iterable[Event]) -> tuple[Turned, ...]:
    """Every probe that was degraded or down, as bad as it got, in the order they turned."""
    found: dict[str, Turned] = {}
    for event in events:
        bodies = event.body.seen if isinstance(event.body, IncidentDeclared) else (event.body,)
        for body in bodies:
            if isinstance(body, ProbeChanged) and body.state in {"degraded", "down"}:
                before = found.get(body.probe)
                worst: ProbeState = "down" if before is not None and before.state == "down" else body.state
                said = dict.fromkeys((*(before.words if before is not None else ()), *tokens(body.verdict)))
                found[body.probe] = Turned(body.probe, body.service, worst, tuple(said))
    return tuple(found.values())


def changed(state: State) -> tuple[Changed, ...]:
    """What was changed around it."""
    return tuple(
        Changed(change.seen.source, change.seen.service, tokens(change.seen.what)) for change in state.watching.changes
    )


def deeds(attempts: Iterable[Tried]) -> tuple[Deed, ...]:
    """What was done that changes something, each once with its last word; what was undone by itself does not count."""
    found: dict[str, Deed] = {}
    for one in attempts:
        if one.helped is not None and not one.undo:
            found[one.command] = Deed(one.title, one.command, "rolled_back" if one.rolled_back else one.helped)
    return tuple(found.values())


def tokens(text: str) -> tuple[str, ...]:
    """The words of a text in lower case, each once, without what differs from one time to the next: its numbers.

    A status such as 503 says what kind of failure it is, and stays.
    """
    words = (word.casefold().strip("./-") for word in _WORD.findall(SafeText(text)))
    return tuple(dict.fromkeys(word for word in words if word and (_is_status(word) or not _NUMBER.search(word))))


def _is_status(word: str) -> bool:
    return len(word) == 3 and word.isdigit() and word[0] in "12345"


def spoken(text: str) -> tuple[str, ...]:
    """Every word of a text as it is kept to be searched for, each once."""
    return tuple(dict.fromkeys(_WORD.findall(text.casefold())))


def _corpus(events: Iterable[Event]) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for event in events:
        for text in (event.actor, *_said(event)):
            found.update(dict.fromkeys(spoken(text)))
        if len(found) >= KEPT_WORDS:
            break
    return tuple(found)[:KEPT_WORDS]


def _said(event: Event) -> tuple[str, ...]:
    match event.body:
        case IncidentDeclared(title=title, impact=impact):
            return title, impact
        case ImpactChanged(impact=impact, unaffected=unaffected):
            return impact, *unaffected
        case NoteAdded(text=text) | StepDone(note=text) | StepSkipped(reason=text) | IncidentResolved(note=text):
            return (text,)
        case ProbeChanged(probe=probe, service=service, verdict=verdict):
            return probe, service, verdict
        case ChangeSeen(what=what, service=service, who=who, change=change):
            return what, service, who, change
        case AlertSeen(title=title, service=service):
            return title, service
        case UpdatePosted(know=know, doing=doing, automatic=False):
            return know, doing
        case RunStarted(runbook=runbook, title=title):
            return runbook, title
        case AttemptIntended(step=step, command=command):
            return step, command
        case OptionChosen(title=title, why=why):
            return title, why
    return ()
