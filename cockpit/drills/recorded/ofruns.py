"""What the people of a recorded incident did with its runbooks, as deeds of a play. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from cockpit.drills.recorded.books import Books
from cockpit.incident.event import Event
from cockpit.incident.runs import (
    AttemptIntended,
    AttemptSettled,
    AttemptStopAsked,
    AttemptUnknown,
    EscalationPosted,
    LadderAccepted,
    OptionChosen,
    RunFinished,
    RunStarted,
    StepAnnounced,
    StepApproved,
    StepDone,
    StepSkipped,
    UndoSettled,
    WaitStarted,
)

COCKPIT = "cockpit"
"""Who acts in what nobody asked for."""


@dataclass(frozen=True)
class Done:
    """A command with its fields, and the step that had to be offered for it; `who` if not who recorded it.

    `finished` where a run before it has to be over.
    """

    do: str
    fields: Mapping[str, object] = field(default_factory=dict)
    offered: str = ""
    who: str = ""
    finished: bool | None = None


def of_runs(event: Event, events: Sequence[Event], books: Books) -> Iterator[Done]:
    """The commands that led to the event."""
    match event.body:
        case AttemptIntended(step=step, under="", attempt=attempt, direction=direction):
            # One that was announced runs by itself, on the word of whoever announced it.
            who = _announced_by(attempt, events) or event.actor
            back = direction == "rollback"
            # Undoing is offered beside the step and not as its next move.
            if who != COCKPIT:
                yield Done("confirm", {"step": step, **({"undo": True} if back else {})}, "" if back else step, who)
        case _ if event.actor != COCKPIT:
            yield from _decided(event, events, books)


def _decided(event: Event, events: Sequence[Event], books: Books) -> Iterator[Done]:
    match event.body:
        case RunStarted(run=run, params=params):
            before = books.first_run != run
            yield Done("start_run", {"runbook": books.names[run], "params": params}, finished=before or None)
        case StepDone(step=step, note=note):
            yield Done("finish_step", {"step": step, "note": note}, step)
        case WaitStarted(step=step) | EscalationPosted(step=step):
            yield Done("finish_step", {"step": step}, step)
        case StepSkipped(step=step, reason=reason):
            yield Done("skip", {"step": step, "reason": reason})
        case OptionChosen(step=step, option=option, why=why):
            yield Done("choose", {"step": step, "option": option, "why": why}, step)
        case StepApproved(step=step, reason=reason):
            yield Done("approve", {"step": step, "reason": reason}, step)
        case LadderAccepted(ladder=ladder, reason=reason):
            yield Done("accept", {"step": _next_of(ladder, event, events), "reason": reason})
        case AttemptStopAsked(step=step):
            yield Done("stop_attempt", {"attempt": step})
        case UndoSettled(step=step, verdict=verdict, reason=reason):
            yield Done("settle", {"attempt": step, "verdict": verdict, "reason": reason})
        # What became of an attempt that nobody knew about is not asked in a drill: there it was not recorded.
        case AttemptSettled(step=step, attempt=attempt) as settled if not _unknown(attempt, events):
            yield Done("settle", {"attempt": step, "verdict": settled.verdict, "reason": settled.reason})
        case RunFinished(note=note):
            yield Done("end_run", {"note": note})


def _announced_by(attempt: str, events: Sequence[Event]) -> str:
    told = (each for each in events if isinstance(each.body, StepAnnounced) and each.body.attempt == attempt)
    return next((each.actor for each in told), "")


def _unknown(attempt: str, events: Sequence[Event]) -> bool:
    return any(isinstance(each.body, AttemptUnknown) and each.body.attempt == attempt for each in events)


def _next_of(ladder: str, event: Event, events: Sequence[Event]) -> str:
    """The rung for which a person accepted what serves: the one that was taken up next, or looked at last."""
    own = [
        (each.seq, each.body.step)
        for each in events
        if isinstance(each.body, AttemptIntended) and each.body.step.startswith(f"{ladder}.")
    ]
    after = [step for seq, step in own if seq > event.seq]
    return next(iter(after), own[-1][1] if own else "")
