"""Every kind of event by the name it is stored under."""

from __future__ import annotations

from functools import cache

import msgspec

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
from cockpit.incident.event import AnyBody, Body, Unknown
from cockpit.incident.runs import (
    AttemptAbandoned,
    AttemptFinished,
    AttemptIntended,
    AttemptSettled,
    AttemptStarted,
    AttemptStopAsked,
    AttemptUnknown,
    DecisionOpened,
    EscalationPosted,
    LadderAccepted,
    LadderPinned,
    LockLost,
    LockTaken,
    OptionChosen,
    RepeatEnded,
    RunFinished,
    RunStarted,
    StepAnnounced,
    StepApproved,
    StepDone,
    StepRecalled,
    StepSkipped,
    SurvivorGone,
    UndoSettled,
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

KINDS: dict[str, type[Body]] = {
    body.kind: body
    for body in (
        ProbeChanged, ProbePaused, ProbeResumed, ChangeSeen, EffectExpected, EffectMeasured,
        FreezeSet, FreezeLifted, FreezeOverridden, FreezeBreached, AlertSeen, AlertEnded, AlertActed,
        IncidentDeclared, IncidentRecalled, StatusChanged, SeverityChanged, ImpactChanged, IncidentResolved, NoteAdded,
        RoleTaken, PersonNeeded, PersonReleased, PresenceDeclared, HelpOffered, TimerSet, TimerEnded,
        RunStarted, LockTaken, LockLost, AttemptIntended, AttemptStopAsked, AttemptStarted, AttemptFinished,
        AttemptAbandoned, AttemptUnknown, SurvivorGone, AttemptSettled, UndoSettled, StepDone, StepSkipped,
        DecisionOpened, OptionChosen, RepeatEnded, StepApproved, StepAnnounced, StepRecalled, EscalationPosted,
        LadderPinned, LadderAccepted,
        VerifyStarted, VerifyFinished, WaitStarted, WaitFinished, RunFinished,
        UpdatePosted, UpdateDelivered, UpdateUndelivered, DestinationTurned,
        BroadcastHeld, BroadcastReleased, CadenceSet,
        EngineStarted, EngineWoke, ClockStepped, EventRedacted,
    )
}  # fmt: skip


class _Version(msgspec.Struct):
    v: int


_VERSIONS = msgspec.json.Decoder(_Version)


@cache
def _decoder(body: type[Body]) -> msgspec.json.Decoder[Body]:
    """Made once: a long stream has a hundred thousand bodies of a few kinds."""
    return msgspec.json.Decoder(body)


def decode(kind: str, raw: bytes) -> AnyBody:
    """The body stored under that kind; one that this program does not understand is kept as `Unknown`."""
    body = KINDS.get(kind)
    if body is None:
        return Unknown(kind, raw)
    try:
        if _VERSIONS.decode(raw).v > body.version:
            return Unknown(kind, raw)
        return _decoder(body).decode(raw)
    except msgspec.MsgspecError:
        return Unknown(kind, raw)
