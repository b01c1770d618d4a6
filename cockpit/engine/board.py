"""What the probes measure from moment to moment: telemetry, kept in memory only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cockpit.config.model import Config
from cockpit.config.services import ServiceConfig
from cockpit.incident.vocabulary import Figures, ProbeState
from cockpit.incident.watching import Watching
from cockpit.probes.machine import Track, is_stale, resume
from cockpit.probes.ring import Ring
from cockpit.probes.sample import Sample
from cockpit.probes.targets import Target, targets

WINDOW = 300.0
"""Incident seconds over which figures are taken."""


@dataclass
class Lane:
    """One probe with all that was measured of it lately."""

    service: ServiceConfig
    target: Target
    track: Track
    ring: Ring = field(default_factory=Ring)
    latest: Sample | None = None
    skipped: int = 0
    good_since: int | None = None

    def take(self, sample: Sample) -> None:
        """Keep one more sample. `good_since` is the first of those that were good without a gap."""
        if self.stale(sample.at):
            self.good_since = None
        self.latest = sample
        self.ring.add(sample)
        if sample.outcome == "good":
            # A clock set back must not put its start after the sample.
            self.good_since = min(self.good_since or sample.at, sample.at)
        elif sample.outcome != "indeterminate":
            self.good_since = None

    def figures(self, now: int) -> Figures:
        """What it measured over the last minutes."""
        return self.ring.figures(WINDOW, now)

    def stale(self, now: int) -> bool:
        """Whether its last word is too old to be believed."""
        return is_stale(self.track.checked, now, self.target.config.interval)

    def state(self, now: int) -> ProbeState:
        """How it stands; unknown, never up, when its last word is stale."""
        return "unknown" if self.stale(now) else self.track.state


class Board:
    """Every lane by the probe's name."""

    def __init__(self, config: Config, watching: Watching) -> None:
        self.lanes: dict[str, Lane] = {}
        services = {service.name: service for service in config.services}
        for target in targets(config.services):
            known = watching.probes.get(target.name)
            track = resume(known.state, known.since) if known is not None else Track()
            self.lanes[target.name] = Lane(services[target.service], target, track)

    def states(self, now: int) -> Mapping[str, ProbeState]:
        """How every probe stands; unknown when its last word is stale."""
        return {name: lane.state(now) for name, lane in self.lanes.items()}

    def figures(self, now: int) -> Mapping[str, Figures]:
        """The figures of every probe."""
        return {name: lane.figures(now) for name, lane in self.lanes.items()}
