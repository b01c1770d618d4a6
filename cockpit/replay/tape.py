"""One incident from its events: what was so after each of them, and which of them turned something. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate

import msgspec

from cockpit.incident.broadcasts import DestinationTurned, UpdateDelivered, UpdateUndelivered
from cockpit.incident.event import Event
from cockpit.incident.fold import State, apply, fold
from cockpit.incident.run import Runs
from cockpit.incident.stamp import Stamp
from cockpit.incident.vocabulary import (
    IncidentDeclared,
    IncidentResolved,
    ProbeChanged,
    SeverityChanged,
    StatusChanged,
)
from cockpit.incident.watching import Watching
from cockpit.replay.comparing import Comparing, Finding

KEYFRAME = 250
"""Events between two states that are kept: going to any place folds no more than these."""
_TURNS = IncidentDeclared | StatusChanged | SeverityChanged | IncidentResolved
_ENDED = frozenset({
    "done", "failed", "unknown", "skipped", "rolled_back", "rollback_failed", "rollback_unknown", "rollback_skipped",
})  # fmt: skip


class Tape(msgspec.Struct, frozen=True):
    """The events with what was found on the way through them. Numbers of events are counted from 1.

    `moments` are when each was recorded, never going back whatever the clock did; microseconds. `steps` are the
    numbers of those in which a step began or ended, `changes` of those that changed how the incident, a probe or a
    step stands. `routes` and `spares` are the destinations that the record names. `seen` is what was known before.
    """

    stream: str
    events: tuple[Event, ...]
    moments: tuple[int, ...]
    steps: tuple[int, ...]
    changes: tuple[int, ...]
    routes: tuple[str, ...]
    spares: tuple[str, ...]
    keyframes: tuple[State, ...]
    seen: Watching
    finding: Finding

    @property
    def last(self) -> int:
        """The number of the last event."""
        return len(self.events)

    @property
    def start(self) -> int:
        """When it begins, in microseconds."""
        return self.moments[0]

    @property
    def end(self) -> int:
        """When it ends, in microseconds."""
        return self.moments[-1]

    def state(self, seq: int, near: State | None = None) -> State:
        """What was so after that event; `near` is a state of this tape at hand, which may be closer."""
        start = self.keyframes[seq // KEYFRAME]
        if near is not None and start.seq <= near.seq <= seq:
            start = near
        return fold(self.events[start.seq : seq], start)


def tape(events: Sequence[Event], stamps: Iterable[Stamp] = (), seen: Watching | None = None) -> Tape:
    """The tape of these events, which are all of an incident's; each stamp is held against the fold on the way."""
    state = State(stream=events[0].stream)
    comparing = Comparing(stamps)
    keyframes, steps, changes = [state], [], []
    routes: dict[str, None] = {}
    spares: dict[str, None] = {}
    for event in events:
        before, state = state, apply(state, event)
        if state.seq % KEYFRAME == 0:
            keyframes.append(state)
        comparing.look(state)
        began, ended = _steps(before.runs, state.runs)
        if began or ended:
            steps.append(event.seq)
        if ended or isinstance(event.body, _TURNS) or _turned(before, event):
            changes.append(event.seq)
        match event.body:
            case UpdateDelivered(destination=destination) | UpdateUndelivered(destination=destination):
                routes[destination] = None
            case DestinationTurned(destination=destination, instead=instead):
                routes[destination] = None
                spares |= {instead: None} if instead else {}
    return Tape(
        stream=state.stream, events=tuple(events),
        moments=tuple(accumulate((each.recorded_at for each in events), max)),
        steps=tuple(steps), changes=tuple(changes), routes=tuple(each for each in routes if each not in spares),
        spares=tuple(spares), keyframes=tuple(keyframes), seen=seen or Watching(),
        finding=comparing.finding(events),
    )  # fmt: skip


def _turned(before: State, event: Event) -> bool:
    if not isinstance(event.body, ProbeChanged):
        return False
    known = before.watching.probes.get(event.body.probe)
    return known is None or known.state != event.body.state


def _steps(before: Runs, after: Runs) -> tuple[bool, bool]:
    """Whether a step began, and whether one ended."""
    began = ended = False
    if after is before:
        return began, ended
    for name, run in after.items():
        known = before.get(name)
        if known is run:
            continue
        if known is None or len(known.steps) != len(run.steps):
            began = True
            continue
        for old, new in zip(known.steps, run.steps, strict=True):
            if old is not new and old.status != new.status:
                began = began or old.status == "pending" or new.visit != old.visit
                ended = ended or new.status in _ENDED
    return began, ended
