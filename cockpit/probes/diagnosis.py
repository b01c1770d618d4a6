"""What a lane means together with those around it: its parents, its other instances, the service's liveness. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from cockpit.config.dependencies import Parents
from cockpit.config.watched import Kind
from cockpit.incident.vocabulary import ProbeState

OUTLIERS = 1 / 3
"""Up to this share of instances, those that are bad are outliers."""


class Seen(msgspec.Struct, frozen=True):
    """One lane as it stands; `state` is unknown when its last word is stale.

    `failing` when its latest sample is bad, `answers` when that is good or slow; `away` when it is expected to be down.
    `erring` when it answers at once, but with an error of its own: that is no load.
    """

    probe: str
    service: str
    kind: Kind = "readiness"
    instance: str = ""
    state: ProbeState = "unknown"
    failing: bool = False
    away: bool = False
    answers: bool = False
    erring: bool = False

    @property
    def bad(self) -> bool:
        """Whether it is down, or may be about to be."""
        return self.state == "down" or self.failing


def unreachable(probe: str, lanes: Iterable[Seen], parents: Parents) -> str:
    """Why a probe cannot be judged: what it depends on, however far up, is down or failing; empty when it can.

    Of several it is the one furthest up: the others are only on the way. A probe is down when all its lanes are.
    """
    by_probe: dict[str, list[Seen]] = {}
    for lane in lanes:
        by_probe.setdefault(lane.probe, []).append(lane)
    return _unreachable(probe, by_probe, parents)


def _unreachable(probe: str, by_probe: Mapping[str, list[Seen]], parents: Parents) -> str:
    for parent in sorted(parents.get(probe, ())):
        if further := _unreachable(parent, by_probe, parents):
            return further
        lanes = by_probe.get(parent, [])
        if not lanes or not all(lane.bad or lane.away for lane in lanes):
            continue
        if all(lane.away for lane in lanes):
            return f"unreachable: {parent} is in maintenance"
        return f"unreachable: {parent} is {'down' if all(_down(lane) for lane in lanes) else 'failing'}"
    return ""


def _down(lane: Seen) -> bool:
    return lane.state == "down" or lane.away


def diagnose(name: str, lanes: Mapping[str, Seen], parents: Parents) -> str:
    """What it means that this lane is as it is, on one line; empty when there is nothing to add."""
    lane = lanes[name]
    # Whatever its parents are, what answers is reached.
    if parents.get(lane.probe) and not lane.answers and (why := unreachable(lane.probe, lanes.values(), parents)):
        return why
    if not lane.bad:
        return ""
    return "; ".join(filter(None, (_alive(lane, lanes.values()), _instances(lane, lanes.values()))))


def _alive(lane: Seen, lanes: Iterable[Seen]) -> str:
    """Busy or dead, for a lane that is down: by the liveness of its instance, else of its service."""
    if lane.state != "down" or lane.kind == "synthetic":
        return ""
    if lane.kind == "liveness":
        return "dead, not busy: it fails its liveness check"
    alive = [each for each in lanes if each.service == lane.service and each.kind == "liveness"]
    alive = [each for each in alive if each.instance == lane.instance] or alive
    if alive and all(each.state in {"up", "degraded"} and not each.failing for each in alive):
        return "alive, but answers with errors" if lane.erring else "busy, not dead: do not restart"
    if alive and all(each.state == "down" for each in alive):
        return "dead, not busy: its liveness check fails too"
    return ""


def _instances(lane: Seen, lanes: Iterable[Seen]) -> str:
    known = [each for each in lanes if each.probe == lane.probe and (each.bad or each.state != "unknown")]
    bad = sorted(each.instance for each in known if each.bad)
    if len(known) < 2:
        return ""
    if {each.instance for each in known} == {"ip4", "ip6"}:
        return "" if len(bad) == 2 else f"bad over {lane.instance} only"
    if len(bad) == len(known):
        return f"all {len(known)} instances: a shared dependency"
    if len(bad) > len(known) * OUTLIERS:
        return f"{len(bad)} of {len(known)} instances bad"
    if len(bad) == 1:
        return f"outlier: {bad[0]} alone of {len(known)} is bad"
    return f"outliers: {', '.join(bad)} of {len(known)} are bad"
