"""From what is so and what a person asks to what happened, or to a refusal in words. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from cockpit.changes.breach import breach
from cockpit.clock import SECOND
from cockpit.engine.circumstances import Circumstances, Refusal
from cockpit.engine.gathering import OfPeople, of_people, raced
from cockpit.engine.ordering import ORDERS, Impossible, order
from cockpit.engine.playing import OfRuns, of_runs
from cockpit.engine.telling import OfTelling, of_telling, send_now
from cockpit.engine.unmet import Seen, unmet
from cockpit.incident.event import WATCH, Body, Draft, Event, kind_of
from cockpit.incident.fold import State
from cockpit.incident.runs import AttemptIntended, RunStarted
from cockpit.incident.vocabulary import (
    ChangeSeen,
    ImpactChanged,
    IncidentDeclared,
    IncidentResolved,
    NoteAdded,
    ProbeChanged,
    SeverityChanged,
    StatusChanged,
)
from cockpit.protocol import commands
from cockpit.runbooks.standing import IN_FLIGHT

LOOK_BACK = 3600 * SECOND
"""How far before a declaration changes belong to its story, in microseconds."""
SKEW = 60 * SECOND
"""How far ahead another host's clock may be, in microseconds."""


Decision = tuple[Sequence[Body], str]
"""What happened, and the answer in words."""


def declare(state: State, command: commands.Declare, around: Circumstances) -> tuple[tuple[Draft, ...], str]:
    """The first events of an incident: what led up to it (changes, red probes, words), then the declaration."""
    if state.lifecycle.open:
        raise Refusal("invalid", f"{state.stream} is open already: resolve it first, or add to it with a note")
    if not command.title.strip():
        raise Refusal("invalid", "an incident needs a title: say what is broken, as users would")
    seen = tuple(
        ProbeChanged(
            probe=probe.probe, service=probe.service, state=probe.state, previous=probe.previous, since=probe.since,
            verdict=probe.verdict, figures=probe.figures, suspect=probe.suspect,
        )
        for probe in around.watching.probes.values()
    )  # fmt: skip
    red = [probe for probe in seen if probe.state in {"down", "degraded"}]
    story = [
        Draft(body=change.seen, actor=change.seen.who or change.seen.source, occurred_at=change.at)
        for change in around.watching.changes
        if change.at >= around.now - LOOK_BACK
    ]
    story += [
        Draft(body=event.body, actor=event.actor, occurred_at=event.occurred_at)
        for event in around.recent
        if event.stream == WATCH and isinstance(event.body, NoteAdded) and event.occurred_at >= around.now - LOOK_BACK
    ]
    turned = {probe.probe: probe.turned for probe in around.watching.probes.values()}
    story += [Draft(body=probe, actor="cockpit", occurred_at=turned[probe.probe]) for probe in red]
    began = min((probe.since for probe in red), default=around.now)
    declared = IncidentDeclared(
        title=command.title.strip(), severity=command.severity, impact=command.impact.strip(), began=began,
        drill=around.drill, seen=seen,
    )  # fmt: skip
    story.sort(key=lambda draft: draft.occurred_at)
    return (*story, Draft(body=declared, actor=around.actor)), f"declared {command.severity}: {command.title.strip()}"


def decide(state: State, command: commands.AnyCommand, around: Circumstances) -> Decision:
    """What a command means for the incident shown; Refusal when it means nothing there."""
    if isinstance(command, commands.Note):
        return (NoteAdded(text=_said(command.text, "a note"), source=command.source),), "noted"
    if isinstance(command, commands.MarkChange):
        return _marked(command, around)
    if isinstance(command, ORDERS):
        try:
            body, words = order(command, around.watching.freeze, around.names, around.now)
        except Impossible as impossible:
            raise Refusal("invalid", str(impossible)) from impossible
        return (body,), words
    if isinstance(command, commands.SendNow) and state.lifecycle.resolved:
        return send_now(state, around)
    if not state.lifecycle.open:
        raise Refusal("invalid", "no incident is open: declare one first")
    if isinstance(command, commands.Resolve):
        return _resolve(state, command, around)
    if isinstance(command, OfRuns):
        return of_runs(state, command, around)
    if isinstance(command, OfTelling):
        return of_telling(state, command, around)
    if isinstance(command, OfPeople):
        return of_people(state, command, around)
    return _of_incident(command)


def _said(text: str, what: str) -> str:
    if not text.strip():
        raise Refusal("invalid", f"{what} needs some words")
    return text.strip()


def _marked(command: commands.MarkChange, around: Circumstances) -> Decision:
    change = _change(command, around)
    words = f"marked: {command.kind} {command.what}"
    broken = breach(around.watching.freeze, command.occurred_at or around.now, change, "mark")
    return ((change,), words) if broken is None else ((change, broken), f"{words}; it is a BREACH of the freeze")


def _change(command: commands.MarkChange, around: Circumstances) -> ChangeSeen:
    return ChangeSeen(
        change=f"mark-{around.new_id}", source="mark", what=f"{command.kind} {_said(command.what, 'a change')}",
        service=command.service, who=command.who or around.actor, reviewed=command.reviewed, link=command.link,
        undo=command.undo,
    )  # fmt: skip


def _of_incident(command: commands.AnyCommand) -> Decision:
    match command:
        case commands.SetStatus(status=status, why=why):
            return (StatusChanged(status=status, why=why),), f"status: {status}"
        case commands.SetSeverity(severity=severity, why=why):
            return (SeverityChanged(severity=severity, why=why),), f"severity: {severity}"
        case commands.SetImpact(impact=impact, unaffected=unaffected):
            return (ImpactChanged(impact=impact, unaffected=unaffected),), "impact noted"
    raise Refusal("invalid", f"this engine does not know how to {type(command).__name__}")


def _resolve(state: State, command: commands.Resolve, around: Circumstances) -> Decision:
    for run in state.runs.values():
        if any(step.status in IN_FLIGHT | {"repeating"} for step in run.steps):
            raise Refusal("unmet", "a command is still running: wait for it, or stop it")
    against = unmet(state, around.plans, Seen(around.now, around.probes, around.whole, around.steady))
    if against and not command.override.strip():
        raise Refusal("unmet", "not yet: " + "; ".join(against))
    body = IncidentResolved(note=command.note.strip(), unmet=against, override=command.override.strip())
    return (body,), "resolved"


def check_erasable(state: State, event: Event) -> None:
    """Refusal for what an open incident cannot go on without."""
    needed = isinstance(event.body, RunStarted | AttemptIntended)
    if needed and event.stream == state.stream and state.lifecycle.open:
        raise Refusal("invalid", f"{state.stream} is worked on by what this says: resolve it first, then erase it")


def happened(command: commands.AnyCommand, now: int) -> int:
    """When a person says that it happened, 0 for now; Refusal for a moment that cannot be."""
    if not isinstance(command, commands.Note | commands.MarkChange):
        return 0
    if not 0 <= command.occurred_at <= now + SKEW:
        raise Refusal("invalid", "it cannot have happened then: give a moment that has passed")
    return command.occurred_at


def stale(command: commands.AnyCommand, since: Sequence[Event], missed: int = 0, actor: str = "") -> str:
    """Why a command decided before these events no longer fits what is so; empty when it still does.

    `missed` counts further events of which nothing is known any more, such as those before an engine's restart.
    """
    if isinstance(command, commands.TakeRole):
        return raced(command, since, actor)
    matters = _MATTERS.get(type(command), ())
    if matters and missed > 0:
        return "too much happened since you looked: look again, then repeat it"
    for event in since:
        if matters and kind_of(event.body).startswith(matters):
            return f"things changed since you looked ({kind_of(event.body)}): look again, then repeat it"
    return ""


_OF_STEPS = ("run.", "attempt.", "step.", "option.", "incident.resolved")
"""After these the step of that name may be come to anew, or be another one that is asked about."""
_MATTERS: dict[type[commands.Command], tuple[str, ...]] = {
    commands.Confirm: (
        "run.",
        "attempt.",
        "step.",
        "option.",
        "verify.finished",
        "wait.finished",
        "ladder.",
        "lock.",
        "repeat.",
        "incident.resolved",
        "engine.woke",
    ),
    commands.Approve: ("run.", "attempt.", "ladder.", "incident.resolved", "engine.woke"),
    commands.Accept: ("attempt.", "ladder."),
    commands.EndRun: ("run.", "attempt.", "step."),
    commands.FinishStep: _OF_STEPS,
    commands.Choose: _OF_STEPS,
    commands.Skip: _OF_STEPS,
    commands.Resolve: ("probe.", "attempt.", "incident.resolved", "verify.finished"),
    commands.StartRun: ("run.started", "incident.resolved"),
    commands.Settle: ("attempt.settled",),
    # Whoever was asked for meanwhile was not among those of whom it was said who stays.
    commands.StandDown: ("person.needed", "role."),
}
