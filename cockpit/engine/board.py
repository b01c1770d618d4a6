"""What the probes measure from moment to moment: telemetry, kept in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from cockpit.changes.suspects import suspect
from cockpit.clock import SECOND, hhmm
from cockpit.config.model import Config
from cockpit.config.services import ServiceConfig
from cockpit.incident.vocabulary import Figures, ProbeState
from cockpit.incident.watching import Change, Watching
from cockpit.probes import backoff
from cockpit.probes.backoff import Backoff
from cockpit.probes.diagnosis import Seen, diagnose, unreachable
from cockpit.probes.machine import Kept, Track, doubted, is_stale, resume, take_up
from cockpit.probes.ring import Ring
from cockpit.probes.sample import Sample
from cockpit.probes.selfcheck import Look, host_of, is_loopback, look
from cockpit.probes.targets import Target, targets
from cockpit.probes.upkeep import in_maintenance
from cockpit.runbooks.moment import Moment

WINDOW = 300.0
"""Incident seconds over which figures are taken."""
APP_ERROR = 500
"""The status of what failed inside; other statuses above it tell of load, or of what is behind."""
UNREACHABLE = "unreachable"
"""How the diagnosis of a lane begins whose parent is down."""


_WORST_FIRST: tuple[ProbeState, ...] = ("down", "unknown", "degraded", "up")


def _not_paused() -> int:
    return 0


def _worst(state: ProbeState) -> int:
    return _WORST_FIRST.index(state)


def _pain(figures: Figures) -> tuple[float, float]:
    return figures.error_rate or 0.0, figures.p95_ms or 0.0


@dataclass
class Lane:
    """One way to one endpoint with all that was measured over it lately.

    `diagnosis` is what it means together with the lanes around it, made anew by the board. `heard` is set and replaced
    with each sample, of which the last came at `heard_at`. `paused` tells until when it is paused. `look` is what the
    last sample says of the way there, None where that never leaves this host. `apart` are the seconds to the next
    sample: left alone on purpose, and what the last one took to come, which in a fast drill is long.
    """

    service: ServiceConfig
    target: Target
    track: Track
    ring: Ring = field(default_factory=Ring)
    latest: Sample | None = None
    skipped: int = 0
    good_since: int | None = None
    backoff: Backoff = Backoff()
    diagnosis: str = ""
    look: Look | None = None
    heard: asyncio.Event = field(default_factory=asyncio.Event)
    heard_at: int = 0
    apart: float = 0.0
    paused: Callable[[], int] = _not_paused

    def __post_init__(self) -> None:
        self._host = host_of(self.target)
        self._local = is_loopback(self._host)
        # The changes themselves are kept with their id, so that no other can be given it.
        self._suspected: tuple[int, int, str, tuple[Change, ...]] = 0, 0, "", ()
        self._windows = (*self.service.maintenance, *self.target.config.maintenance)

    def suspect(self, changes: tuple[Change, ...]) -> str:
        """The likeliest change before it turned, looked for once for the same changes: many lanes are drawn often."""
        if self._suspected[:2] != (id(changes), self.track.since):
            self._suspected = id(changes), self.track.since, suspect(changes, self.service, self.track.since), changes
        return self._suspected[2]

    def take(self, sample: Sample) -> None:
        """Keep one more sample. `good_since` is the first of those that were good without a gap."""
        if self.stale(sample.at):
            self.good_since = None
        self.latest = sample
        self.look = self.looked(sample)
        self.backoff = backoff.after(self.backoff, sample)
        self.ring.add(sample)
        if sample.outcome == "good":
            # A clock set back must not put its start after the sample.
            self.good_since = min(self.good_since or sample.at, sample.at)
        elif sample.outcome != "indeterminate":
            self.good_since = None

    def hear(self, now: int) -> None:
        """Let whoever waits for it know that a sample came."""
        self.heard_at = now
        took = max(0, now - self.latest.at) / SECOND if self.latest is not None else 0.0
        self.apart = max(self.pace, self.rest) + took
        told, self.heard = self.heard, asyncio.Event()
        told.set()

    @property
    def pace(self) -> float:
        """Incident seconds from sample to sample, as long as its answers call for it."""
        return self.backoff.pace(self.target.config.interval, self.target.config.failures)

    @property
    def rest(self) -> float:
        """Incident seconds to leave it alone after its answer, because it asks for that."""
        return self.backoff.leave(self.target.config.failures)

    @property
    def backoff_until(self) -> int:
        """The moment before which it is not asked again because it cannot cope, in microseconds; 0 for as usual."""
        slower = self.pace if self.pace > self.target.config.interval else 0.0
        wait = max(slower, self.rest)
        return self.heard_at + int(wait * SECOND) if wait else 0

    def looked(self, sample: Sample) -> Look | None:
        """What a sample of this lane says of the way there; None where that never leaves this host."""
        if self._local or is_loopback(sample.address):
            return None
        config = self.target.config
        return look(self._host or sample.address, sample, config.interval, config.timeout)

    def figures(self, now: int) -> Figures:
        """What it measured over the last minutes."""
        return self.ring.figures(WINDOW, now)

    def away(self, now: int) -> str:
        """Why it is not asked at all: paused by a person, or in maintenance; empty when it is."""
        if (until := self.paused()) > now:
            return f"paused until {hhmm(until)}Z"
        return in_maintenance(self._windows, now) if self._windows else ""

    def overlay(self, now: int) -> str:
        """What else there is to say of its state, in a word or two."""
        if away := self.away(now):
            return away
        return UNREACHABLE if self.diagnosis.startswith(UNREACHABLE) else self.track.overlay

    def stale(self, now: int) -> bool:
        """Whether its last word is too old to be believed."""
        pace = max(self.pace, self.rest, self.apart)
        return is_stale(self.track.checked, now, self.target.config.interval, pace)

    def state(self, now: int) -> ProbeState:
        """How it stands; unknown, never up, when its last word is stale or nobody asks."""
        return "unknown" if self.stale(now) or self.away(now) else self.track.state

    def seen(self, now: int) -> Seen:
        """What others make of it."""
        said = None if self.latest is None or self.stale(now) else self.latest.outcome
        return Seen(
            self.target.probe, self.service.name, self.target.config.kind, self.target.instance, self.state(now),
            failing=said == "bad", away=self.away(now).startswith("maintenance"), answers=said in {"good", "slow"},
            erring=said == "bad" and self.latest is not None and self.latest.status == APP_ERROR,
        )  # fmt: skip


class Board:
    """Every lane by its name. `remembered` are the streaks that a restart left, taken up where `now` allows it."""

    def __init__(
        self, config: Config, watching: Watching, remembered: Mapping[str, Kept] | None = None, now: int = 0
    ) -> None:
        self.lanes: dict[str, Lane] = {}
        self.parents = config.parents
        services = {service.name: service for service in config.services}
        for target in targets(config.services):
            known = watching.probes.get(target.name)
            track = resume(known.state, known.since) if known is not None else Track()
            if remembered is not None and (kept := remembered.get(target.name)) is not None:
                track = take_up(track, kept, now, target.config.interval)
            self.lanes[target.name] = Lane(services[target.service], target, track)
        # A probe of one lane has its name.
        self._whole: dict[str, list[Lane]] = {}
        for lane in self.lanes.values():
            if lane.target.probe != lane.target.name:
                self._whole.setdefault(lane.target.probe, []).append(lane)
        above = {probe: self._lanes_above(probe) for probe in self.parents}
        self._above = {name: above[lane.target.probe] for name, lane in self.lanes.items()}
        alive: dict[str, list[str]] = {}
        self._lanes_of: dict[str, list[str]] = {}
        for name, lane in self.lanes.items():
            self._lanes_of.setdefault(lane.target.probe, []).append(name)
            if lane.target.config.kind == "liveness":
                alive.setdefault(lane.service.name, []).append(name)
        # No more than what a diagnosis looks at: of a service with a thousand lanes each would else look at all.
        self._kin: dict[str, tuple[str, ...]] = {}
        for probe, own in self._lanes_of.items():
            lane = self.lanes[own[0]]
            beside = alive.get(lane.service.name, []) if lane.target.config.kind == "readiness" else []
            self._kin[probe] = tuple(dict.fromkeys((*own, *beside, *above[probe])))
        self._touched: dict[str, list[str]] = {name: [] for name in self.lanes}
        for probe, kin in self._kin.items():
            for other in kin:
                self._touched[other].append(probe)
        self._undiagnosed: set[str] = set()

    def states(self, now: int) -> dict[str, ProbeState]:
        """How every probe stands; unknown when its last word is stale."""
        return {name: lane.state(now) for name, lane in self.lanes.items()}

    def whole(self, now: int) -> Mapping[str, ProbeState]:
        """The same, and by the names of probes with several lanes how the worst of them stands."""
        states = self.states(now)
        worst = {
            name: min((states[lane.target.name] for lane in many), key=_worst) for name, many in self._whole.items()
        }
        return states | worst

    def figures(self, now: int) -> Mapping[str, Figures]:
        """The figures of every lane, and by the names of probes with several lanes those of the worst."""
        figures = {name: lane.figures(now) for name, lane in self.lanes.items()}
        worst = {
            name: max((figures[lane.target.name] for lane in many), key=_pain) for name, many in self._whole.items()
        }
        return figures | worst

    @property
    def names(self) -> Collection[str]:
        """What a person may call a lane, or all the lanes of a probe."""
        return self.lanes.keys() | self._whole.keys()

    def named(self, name: str) -> tuple[Lane, ...]:
        """The lane of that name, or all of the probe of that name."""
        lane = self.lanes.get(name)
        return (lane,) if lane is not None else tuple(self._whole.get(name, ()))

    def steady(self, name: str, now: int) -> int | None:
        """Since when every lane of that name is up without a gap; None while one is not."""
        lanes = self.named(name)
        since = [lane.good_since for lane in lanes if lane.state(now) == "up" and lane.good_since is not None]
        return max(since) if lanes and len(since) == len(lanes) else None

    def moment(self, now: int, held: Collection[str]) -> Moment:
        """What a run may look at; `held` are the confirmations that still stand."""
        names = (*self.lanes, *self._whole)
        steady = {name: since for name in names if (since := self.steady(name, now)) is not None}
        return Moment(now, self.figures(now), steady, held)

    def doubt(self) -> None:
        """Take every lane for stale until its next sample."""
        for lane in self.lanes.values():
            lane.track = doubted(lane.track)

    def ancestors(self, lane: Lane) -> tuple[Lane, ...]:
        """The lanes of every probe that this one depends on, however far up."""
        return tuple(self.lanes[name] for name in self._above[lane.target.name])

    def unreachable(self, lane: Lane, now: int) -> str:
        """Why this lane cannot be judged: what it depends on is down or failing; empty when it can."""
        return unreachable(lane.target.probe, [each.seen(now) for each in self.ancestors(lane)], self.parents)

    def turned(self, lane: Lane) -> None:
        """What the lanes mean for which this one matters is to be said anew."""
        self._undiagnosed.update(self._touched[lane.target.name])

    def diagnose(self, now: int) -> None:
        """Say anew what lanes mean, of those around which any has turned since: only when somebody looks.

        When hundreds of instances turn at once, each would else be held against all the others with each turn.
        """
        for probe in self._undiagnosed:
            around = {name: self.lanes[name].seen(now) for name in self._kin[probe]}
            for name in self._lanes_of[probe]:
                self.lanes[name].diagnosis = diagnose(name, around, self.parents)
        self._undiagnosed.clear()

    def _lanes_above(self, probe: str) -> tuple[str, ...]:
        above: set[str] = set()
        unseen = list(self.parents[probe])
        while unseen:
            if (parent := unseen.pop()) not in above:
                above.add(parent)
                unseen += self.parents[parent]
        return tuple(name for name, lane in self.lanes.items() if lane.target.probe in above) if above else ()
