"""What happened in the run of an incident, as the results of a rehearsal. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cockpit.incident.event import Event
from cockpit.incident.runs import (
    AttemptFinished,
    AttemptIntended,
    AttemptSettled,
    AttemptUnknown,
    EscalationPosted,
    LadderAccepted,
    OptionChosen,
    RepeatEnded,
    RunStarted,
    StepApproved,
    StepDone,
    StepSkipped,
    VerifyFinished,
    WaitStarted,
)
from cockpit.incident.vocabulary import Figures
from cockpit.runbooks.model.rehearsal import Errors, Rehearsal, Result

COCKPIT = "cockpit"
"""Who acts in events that follow by themselves: the player makes those anew."""


def recorded(events: Sequence[Event], runbook: str) -> Rehearsal | None:
    """The results of the incident's latest run of this runbook, each at its step; None when there was none."""
    starts = [event.body for event in events if isinstance(event.body, RunStarted) and event.body.runbook == runbook]
    if not starts:
        return None
    tape = _Tape()
    for event in events:
        if getattr(event.body, "run", "") == starts[-1].run:
            tape.take(event)
    steps = {step: tuple(Result(**fields) for fields in results) for step, results in tape.results.items()}
    return Rehearsal(version=1, runbook=runbook, params=starts[-1].params, steps=steps)


class _Tape:
    """The results so far, as fields; the latest of a step may still learn what measuring came to."""

    def __init__(self) -> None:
        self.results: dict[str, list[dict[str, Any]]] = {}
        self._intended: dict[str, AttemptIntended] = {}
        self._acted: dict[str, dict[str, Any]] = {}
        self._looked: dict[str, str] = {}

    def take(self, event: Event) -> None:
        """Whatever a person did, and however a command ended."""
        body = event.body
        match body:
            case AttemptIntended():
                self._intended[body.attempt] = body
                self._looked[body.step.rpartition(".")[0]] = body.step
            case AttemptFinished() | AttemptUnknown():
                self._ended(body)
            case VerifyFinished(verdict=verdict, words=words):
                measured = {"verify": verdict, "said": words, "errors": _errors(body.before, body.after)}
                self._acted.get(body.step, {}).update(measured)
            case RepeatEnded(reached=True):
                self._acted.get(body.step, {}).update(verify="pass")
            case StepApproved(step=step, reason=reason):
                self._add(step, approve_by=event.actor, **_why(reason))
            case LadderAccepted(ladder=ladder, reason=reason) if ladder in self._looked:
                self._add(self._looked[ladder], accept=reason[:300])
            case WaitStarted(step=step, why="") | EscalationPosted(step=step):
                self._add(step)
            case _ if event.actor != COCKPIT:
                self._decided(event)

    def _decided(self, event: Event) -> None:
        match event.body:
            case StepDone(step=step, note=note):
                self._add(step, note=note)
            case StepSkipped(step=step, reason=reason):
                self._add(step, skip=reason[:300])
            case OptionChosen(step=step, option=option, why=why):
                self._add(step, choose=option, **_why(why))
            case AttemptSettled(step=step, verdict=verdict, reason=reason):
                self._add(step, settle=verdict, **_why(reason))

    def _ended(self, body: AttemptFinished | AttemptUnknown) -> None:
        intended = self._intended.get(body.attempt)
        if intended is None:
            return
        if intended.purpose == "check":
            if isinstance(body, AttemptFinished) and body.exit_code is not None:
                self._add(body.step, check=body.exit_code)
        elif intended.purpose in {"before", "after"}:
            if isinstance(body, AttemptFinished) and intended.direction == "forward":
                self._add(body.step, **{intended.purpose: body.outputs.get("current", "")})
        else:
            undo = intended.direction == "rollback"
            fields = self._add(body.step, **({"undo": True} if undo else {}), **_ending(body))
            if not undo:
                self._acted[body.step] = fields

    def _add(self, step: str, **fields: Any) -> dict[str, Any]:
        self.results.setdefault(step, []).append(fields)
        return fields


def _ending(body: AttemptFinished | AttemptUnknown) -> dict[str, Any]:
    if isinstance(body, AttemptUnknown):
        return {"unknown": body.why[:300]}
    fields: dict[str, Any] = {
        "ended_by": body.ended_by, "seconds": float(body.seconds), "output": body.tail, "outputs": body.outputs,
    }  # fmt: skip
    if body.signal is not None:
        fields["signal"] = body.signal
    # What it was to print was not there: that made it fail although its exit was good.
    code = 1 if body.exit_code == 0 and not body.ok else body.exit_code
    return fields if code is None else fields | {"exit": code}


def _why(reason: str) -> dict[str, str]:
    return {"why": reason[:300]} if reason else {}


def _errors(before: Figures, after: Figures) -> Errors | None:
    if before.error_rate is None or after.error_rate is None:
        return None
    return Errors(before=before.error_rate, after=after.error_rate)
