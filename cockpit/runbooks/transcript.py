"""A rehearsal as text for people, and as JSON for programs. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator

from cockpit.clock import SECOND, span
from cockpit.incident.event import Event
from cockpit.incident.run import StepState
from cockpit.incident.words import describe
from cockpit.runbooks.player import Action
from cockpit.runbooks.rehearsing import Rehearsed

NOTHING_DONE = "REHEARSAL: nothing is run, and nothing is recorded."
_QUIET = {"attempt.started", "run.started"}
"""Events that tell nothing that stands not in the line before."""


def as_text(rehearsed: Rehearsed) -> str:
    """Turn by turn: what was confirmed, what came of it, what is offered next; then the outcome."""
    return "\n".join(_lines(rehearsed))


def as_document(rehearsed: Rehearsed) -> str:
    """One JSON document; `seconds` count from the start."""
    run = rehearsed.run
    document = {
        "runbook": run.runbook,
        "outcome": run.outcome,
        "stopped": rehearsed.stopped,
        "turns": [
            {
                "did": turn.did,
                "who": turn.who,
                "events": [
                    {"seconds": event.occurred_at / SECOND, "kind": event.body.kind, "text": describe(event).text}
                    for event in turn.events
                ],
                "offered": [_short(action) for action in turn.offered],
            }
            for turn in rehearsed.turns
        ],
        "steps": [_step(step) for step in run.steps],
        "undo": [{"step": each.step, "visit": each.visit} for each in run.undo_stack],
        "left": list(rehearsed.left),
    }
    return json.dumps(document, indent=2, ensure_ascii=False)


def _step(step: StepState) -> dict[str, str | None]:
    return {"id": step.outline.id, "status": step.status, "verdict": step.verdict, "words": step.words}


def _lines(rehearsed: Rehearsed) -> Iterator[str]:
    run = rehearsed.run
    yield NOTHING_DONE
    yield f"{run.title} ({run.runbook}), {len(run.steps)} steps; the clock starts at 00:00"
    for turn in rehearsed.turns:
        yield ""
        yield f"> {turn.who}: {turn.did}"
        yield from (_event(event) for event in turn.events if event.body.kind not in _QUIET)
        if turn.offered:
            first, *others = turn.offered
            said = f"  ({first.said})" if first.said else ""
            yield f"  next: {_named(first)}{said}"
            if others:
                yield f"    or: {', '.join(_short(action) for action in others)}"
    yield ""
    yield from _ending(rehearsed)


def _event(event: Event) -> str:
    line = describe(event)
    return f"  {span(event.occurred_at / SECOND):>9}  {line.kind:<8}  {line.text.line}"


def _short(action: Action) -> str:
    return f"{action.kind} {action.step}".strip()


def _named(action: Action) -> str:
    return f"{_short(action)}: {action.command.shown}" if action.command is not None else _short(action)


def _ending(rehearsed: Rehearsed) -> Iterator[str]:
    run = rehearsed.run
    if rehearsed.stopped:
        yield f"stopped: {rehearsed.stopped}"
    yield f"outcome: {(run.outcome or 'still open').replace('_', ' ')}"
    for step in run.steps:
        told = f"  {step.words}" if step.words else ""
        yield f"  {step.status.replace('_', ' '):<16}{step.outline.id}{told}"
    stack = [f"{each.step}" if each.visit == 1 else f"{each.step} (time {each.visit})" for each in run.undo_stack]
    yield f"can still be undone, the latest first: {', '.join(stack) or 'nothing'}"
    yield from (f"not used: {each}" for each in rehearsed.left)
