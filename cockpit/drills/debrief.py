"""What is talked about after a drill: the score, the habits seen, and both teams' moves on one time axis. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from cockpit.drills.case import Case
from cockpit.drills.harder import Modifier
from cockpit.drills.hidden import Hidden
from cockpit.drills.model.scenario import Scenario
from cockpit.drills.model.values import Fact
from cockpit.drills.patterns import Finding, findings
from cockpit.drills.score import Score
from cockpit.incident.attendance import PersonNeeded, PersonReleased, RoleTaken
from cockpit.incident.broadcasts import UpdatePosted
from cockpit.incident.event import Event
from cockpit.incident.runs import (
    AttemptIntended,
    AttemptSettled,
    OptionChosen,
    RunStarted,
    StepDone,
    StepSkipped,
    VerifyFinished,
)
from cockpit.incident.saying import DASH
from cockpit.incident.vocabulary import (
    FreezeLifted,
    FreezeSet,
    ImpactChanged,
    IncidentDeclared,
    IncidentResolved,
    NoteAdded,
    SeverityChanged,
)
from cockpit.incident.words import describe
from cockpit.review.model import Report

_MOVES = (
    IncidentDeclared, RoleTaken, ImpactChanged, SeverityChanged, PersonNeeded, PersonReleased, FreezeSet, FreezeLifted,
    RunStarted, AttemptIntended, OptionChosen, StepDone, StepSkipped, AttemptSettled, VerifyFinished, UpdatePosted,
    NoteAdded, IncidentResolved,
)  # fmt: skip
TOGETHER = 0.5
"""Minutes: moves no further apart stand on one line."""


class Yours(msgspec.Struct, frozen=True):
    """One move of the responder, or what was measured after it."""

    minute: float
    text: str


class Theirs(msgspec.Struct, frozen=True):
    """One move of the original team."""

    minute: float
    text: str
    fact: Fact


class Line(msgspec.Struct, frozen=True):
    """One place on the time axis, with a move of either team or of both."""

    minute: float
    yours: str = ""
    theirs: str = ""


class Debrief(msgspec.Struct, frozen=True):
    """The whole document; minutes count from T0."""

    drill: str
    score: Score
    findings: tuple[Finding, ...]
    yours: tuple[Yours, ...]
    theirs: tuple[Theirs, ...]
    learn: tuple[str, ...]
    modifiers: tuple[Modifier, ...] = ()


def debrief(
    events: Sequence[Event], report: Report, score: Score, scenario: Scenario, t0: int, hidden: Hidden | None
) -> Debrief:
    """What the events of the incident's stream and the world behind them say; `t0` is in microseconds."""
    deeds = () if hidden is None else tuple(hidden.deeds)
    case = Case(tuple(events), report, score, deeds, t0, scenario.relief / 60)
    return Debrief(
        drill=scenario.id, score=score, findings=findings(case), yours=tuple(_yours(case)),
        theirs=tuple(Theirs(beat.minute, beat.text, beat.fact) for beat in scenario.story),
        learn=scenario.learn, modifiers=scenario.modifiers,
    )  # fmt: skip


def axis(document: Debrief) -> tuple[Line, ...]:
    """Both teams' moves in the order of time; moves of both that are close together share a line."""
    lines: list[Line] = []
    theirs = list(document.theirs)
    for move in document.yours:
        # Of several of theirs that came before this one the last stands beside it.
        while theirs and (theirs[0].minute < move.minute - TOGETHER or _before(theirs, move.minute) > 1):
            lines.append(Line(theirs[0].minute, theirs=theirs.pop(0).text))
        beside = theirs.pop(0).text if theirs and theirs[0].minute <= move.minute + TOGETHER else ""
        lines.append(Line(move.minute, move.text, beside))
    return (*lines, *(Line(beat.minute, theirs=beat.text) for beat in theirs))


def _before(beats: Sequence[Theirs], minute: float) -> int:
    return sum(beat.minute <= minute for beat in beats)


def _yours(case: Case) -> Iterator[Yours]:
    by_hand = [Yours(deed.at / 60, f"by hand  {' '.join(deed.command)}") for deed in case.by_hand()]
    told = [
        Yours(case.minute(event.occurred_at), " ".join(describe(event, DASH).text.split()))
        for event in case.events
        if _is_move(event)
    ]
    yield from sorted([*told, *by_hand], key=lambda move: move.minute)


def _is_move(event: Event) -> bool:
    match event.body:
        case UpdatePosted(automatic=automatic):
            return not automatic
        case NoteAdded(source=source):
            return not source
        case AttemptIntended(under=under, purpose=purpose):
            return not under and purpose == "act"
        case VerifyFinished():
            return True
    return isinstance(event.body, _MOVES) and event.actor != "cockpit"
