"""What the probes and change feeds have said so far."""

from __future__ import annotations

from bisect import insort

import msgspec

from cockpit.incident import alerting, effects, freezing
from cockpit.incident.alerting import Alerts
from cockpit.incident.effects import Effects
from cockpit.incident.event import AnyBody, Event
from cockpit.incident.freezing import Freeze
from cockpit.incident.vocabulary import (
    ChangeSeen,
    Figures,
    IncidentDeclared,
    ProbeChanged,
    ProbePaused,
    ProbeResumed,
    ProbeState,
)

CHANGES_KEPT = 200


class Watched(msgspec.Struct, frozen=True):
    """A probe as its last transition left it: `since` its first sample, `turned` when that was seen; microseconds.

    When it was unknown before, nobody saw it turn: its first sample is only when we began to look.
    """

    probe: str
    service: str
    state: ProbeState
    since: int
    turned: int
    verdict: str
    figures: Figures
    suspect: str = ""
    previous: ProbeState = "unknown"

    @property
    def seen_turning(self) -> bool:
        """Whether `since` is when it turned, as far as samples can tell."""
        return self.previous != "unknown"


class Change(msgspec.Struct, frozen=True):
    """A change somebody made, when it was made."""

    at: int
    seen: ChangeSeen


class Pause(msgspec.Struct, frozen=True):
    """The last word on whether a probe is asked: said `at`, paused `until`, 0 for no more; microseconds."""

    at: int = 0
    until: int = 0


class Watching(msgspec.Struct, frozen=True):
    """Every probe and every pause by name, the latest changes, oldest first, and what else was told."""

    probes: dict[str, Watched] = {}
    changes: tuple[Change, ...] = ()
    paused: dict[str, Pause] = {}
    freeze: Freeze = Freeze()
    alerts: Alerts = {}
    effects: Effects = {}

    def knows(self, change: str, at: int) -> bool:
        """Whether the change was told before: also one so old that it may have been, and is not kept any more."""
        # One as old as the oldest that is kept may be one of many of the same moment, of which the others are not.
        forgotten = len(self.changes) == CHANGES_KEPT and at <= self.changes[0].at
        return forgotten or any(known.seen.change == change for known in self.changes)


MOVED_BY: frozenset[type[AnyBody]] = frozenset(
    (
        ProbePaused, ProbeResumed, ProbeChanged, IncidentDeclared, ChangeSeen,
        *freezing.MOVED_BY, *alerting.MOVED_BY, *effects.MOVED_BY,
    )
)  # fmt: skip
"""Whatever else happens leaves this state as it is."""


def reduce(state: Watching, event: Event) -> Watching:
    """The state after this event."""
    state = _observe(state, event)
    freeze, alerts = freezing.reduce(state.freeze, event), alerting.reduce(state.alerts, event)
    felt = effects.reduce(state.effects, event)
    if freeze is state.freeze and alerts is state.alerts and felt is state.effects:
        return state
    return msgspec.structs.replace(state, freeze=freeze, alerts=alerts, effects=felt)


def _observe(state: Watching, event: Event) -> Watching:
    match event.body:
        case ProbePaused(probe=probe, until=until):
            return msgspec.structs.replace(state, paused=state.paused | {probe: Pause(event.occurred_at, until)})
        case ProbeResumed(probe=probe):
            return msgspec.structs.replace(state, paused=state.paused | {probe: Pause(event.occurred_at)})
        case ProbeChanged() as turned:
            return _with_probes(state, (turned,), event.occurred_at)
        case IncidentDeclared(seen=seen_then):
            return _with_probes(state, seen_then, 0)
        case ChangeSeen() as seen:
            if seen.change in [known.seen.change for known in state.changes]:
                return state
            kept = list(state.changes)
            insort(kept, Change(event.occurred_at, seen), key=lambda change: change.at)
            return msgspec.structs.replace(state, changes=tuple(kept[-CHANGES_KEPT:]))
    return state


def _with_probes(state: Watching, turned: tuple[ProbeChanged, ...], at: int) -> Watching:
    watched = {
        probe.probe: Watched(
            probe.probe, probe.service, probe.state, probe.since, at or probe.since, probe.verdict, probe.figures,
            probe.suspect, probe.previous,
        )
        for probe in turned
        if at or probe.probe not in state.probes
    }  # fmt: skip
    return msgspec.structs.replace(state, probes=state.probes | watched)


def merge(older: Watching, newer: Watching) -> Watching:
    """Both streams' knowledge as one: of each probe its latest turn, of each change the first telling.

    `newer` is of the stream that was opened later. The other may have gone on after it: the later word on a pause, an
    alarm or the freeze counts, whichever stream tells it.
    """
    probes = dict(older.probes)
    for name, watched in newer.probes.items():
        if name not in probes or probes[name].since <= watched.since:
            probes[name] = watched
    changes = {change.seen.change: change for change in (*newer.changes, *older.changes)}
    latest = sorted(changes.values(), key=lambda change: change.at)[-CHANGES_KEPT:]
    paused = dict(older.paused)
    for name, pause in newer.paused.items():
        if name not in paused or paused[name].at <= pause.at:
            paused[name] = pause
    return Watching(
        probes=probes,
        changes=tuple(latest),
        paused=paused,
        freeze=freezing.merge(older.freeze, newer.freeze),
        alerts=alerting.merge(older.alerts, newer.alerts),
        effects=effects.merge(older.effects, newer.effects),
    )
