"""The commands of a recorded incident, and what they answered. Pure."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cockpit.drills.model.parts import Action, Tool
from cockpit.drills.recorded.books import Books
from cockpit.drills.recorded.naming import shortened
from cockpit.drills.recorded.standins import REQUEST
from cockpit.incident import running
from cockpit.incident.event import Event
from cockpit.incident.run import Run, Runs
from cockpit.incident.runs import AttemptFinished, AttemptIntended, AttemptStarted
from cockpit.runbooks.invoking import of_attempt
from cockpit.runbooks.plan import Plan

STOPPED = 60.0
"""Seconds that a command would have gone on which a person stopped: it is stopped again, and does not end before."""
USAGE = 240
"""Characters of a command in a listing."""


@dataclass(frozen=True)
class Ran:
    """One command that came to its end. `began` is in microseconds; `position` counts the changes made before it.

    `stopped` is one that a person ended. `cut` says that only the end of what it printed was recorded.
    """

    argv: tuple[str, ...]
    began: int
    seconds: float
    exit_code: int
    said: tuple[str, ...]
    changes: bool
    position: int
    stopped: bool = False
    cut: bool = False


def ran(events: Sequence[Event], books: Books) -> tuple[Ran, ...]:
    """Every command whose end was recorded, in the order they began, as the drill's runbooks call it."""
    started = {each.body.attempt: each.occurred_at for each in events if isinstance(each.body, AttemptStarted)}
    ended = {each.body.attempt: each.body for each in events if isinstance(each.body, AttemptFinished)}
    found: list[Ran] = []
    position = 0
    runs: Runs = {}
    for event in events:
        runs = running.reduce(runs, event)
        body = event.body
        if not isinstance(body, AttemptIntended) or body.attempt not in ended or body.run not in books.plans:
            continue
        plan, end = books.plans[body.run], ended[body.attempt]
        argv = _argv(plan, runs[body.run], body)
        if not argv:
            continue
        changes = body.purpose == "act" and plan.steps[body.step].outline.effect != "read"
        found.append(
            Ran(
                argv=argv, began=started.get(body.attempt, event.occurred_at), seconds=end.seconds,
                exit_code=_code(end), said=_said(end, argv, bool(plan.steps[body.step].outputs)),
                changes=changes, position=position, stopped=end.ended_by == "person",
                cut=end.output_bytes > len(end.tail.encode()) + 1,
            )
        )  # fmt: skip
        position += changes
    return tuple(found)


def _argv(plan: Plan, run: Run, body: AttemptIntended) -> tuple[str, ...]:
    """The very words by what was known then; none where the step has no such command, or not all was known."""
    command = of_attempt(plan, run, run.attempts[body.attempt])
    return () if command is None or command.missing else command.argv


def _said(end: AttemptFinished, argv: Sequence[str], promises: bool) -> tuple[str, ...]:
    lines = [line for line in end.tail.splitlines() if line.strip()]
    # Values of a request are looked for in what the server said, which comes after the status.
    return tuple(lines[1:] if argv[0] == REQUEST and promises else lines) or ("",)


def _code(end: AttemptFinished) -> int:
    if end.exit_code is not None:
        return end.exit_code
    return 127 if end.ended_by == "not_found" else 128 + (end.signal or 15)


def actions(commands: Sequence[Ran], position: str) -> tuple[Action, ...]:
    """What each command does: it answers where it was recorded, between the changes that `position` counts."""
    found: dict[tuple[tuple[str, ...], int], Action] = {}
    for each in commands:
        begins = {position: str(each.position + 1)} if each.changes else {}
        action = Action.model_validate({
            "command": each.argv, "when": {position: str(each.position)}, "takes": f"{each.seconds:.3f}s",
            "begins": begins, "says": each.said, "exit": each.exit_code, **(_cut_short(each) if each.stopped else {}),
        })  # fmt: skip
        found.setdefault((each.argv, each.position), action)
    return tuple(found.values())


def _cut_short(each: Ran) -> dict[str, object]:
    """What it had printed by then comes in time, and its end does not come before it is stopped."""
    gap = each.seconds / len(each.said)
    stages = [{"after": f"{gap * index:.3f}s", "says": line} for index, line in enumerate(each.said)]
    return {"takes": f"{each.seconds + STOPPED:.3f}s", "stages": stages, "says": ("",)}


def tools(commands: Sequence[Ran], books: Books) -> dict[str, Tool]:
    """Every program that the recorded commands or their runbooks name, with the words that were recorded for it."""
    named = sorted(books.programs | {each.argv[0] for each in commands})
    return {name: Tool(usage=tuple(_usage(name, commands)) or ("(nothing was recorded)",)) for name in named}


def _usage(name: str, commands: Sequence[Ran]) -> Iterator[str]:
    lines = (shortened(" ".join(shlex.join(each.argv[1:]).split()), USAGE) for each in commands if each.argv[0] == name)
    yield from dict.fromkeys(line or "(alone)" for line in lines)
