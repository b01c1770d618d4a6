"""What the world of a drill answers: its endpoints, its change feed, and tools asked for what they cannot do. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import msgspec

from cockpit.clock import SECOND, moment
from cockpit.drills.gauging import holds
from cockpit.drills.model.parts import Change, Endpoint, Rule, Tally
from cockpit.drills.model.scenario import Scenario
from cockpit.drills.model.values import OWN, Conditions
from cockpit.drills.state import World
from cockpit.drills.world import gauges


class Reply(msgspec.Struct, frozen=True):
    """An answer of an endpoint: JSON, or a page where `text` is not None. `latency` is in real seconds."""

    status: int
    latency: float
    body: object = None
    text: str | None = None


def answer(scenario: Scenario, world: World, path: str, lane: tuple[str, str] | None = None) -> Reply | None:
    """What this path answers now, None when nothing lives there; `lane` is the service and the instance asked."""
    endpoint = next((one for one in scenario.endpoints if one.path == path), None)
    if endpoint is None or (lane is not None and endpoint.service != lane[0]):
        return None
    levels = gauges(scenario, world)
    rule = next(one for one in endpoint.rules if holds(own(one.when, lane), world.variables, levels))
    return Reply(rule.status, rule.latency, _body(rule, world.at, levels), rule.text)


def own(conditions: Conditions, lane: tuple[str, str] | None) -> Conditions:
    """The conditions with `self` replaced by the instance that is asked."""
    if lane is None:
        return conditions
    prefix = f"{OWN}."
    return {
        f"{lane[0]}/{lane[1]}.{key.removeprefix(prefix)}" if key.startswith(prefix) else key: wanted
        for key, wanted in conditions.items()
    }


def lanes(scenario: Scenario) -> list[tuple[str, str]]:
    """Every instance that has an address of its own, with its service before it."""
    asked = {endpoint.service for endpoint in scenario.endpoints}
    return [(one.name, instance) for one in scenario.services if one.name in asked for instance in one.instances]


def per_instance(endpoint: Endpoint) -> bool:
    """Whether what it answers depends on the instance that is asked."""
    return any(key.startswith(f"{OWN}.") for rule in endpoint.rules for key in rule.when)


def _body(rule: Rule, at: float, levels: Mapping[str, float]) -> object:
    body = rule.body if rule.tally is None else _count(rule.tally, at)
    if not rule.gauges:
        return body
    return {**(body if isinstance(body, dict) else {}), **{name: levels[key] for name, key in rule.gauges.items()}}


def _count(tally: Tally, at: float) -> dict[str, float]:
    share = tally.failing + tally.swing * math.sin(2 * math.pi * at / tally.period)
    failed = round(tally.attempts * min(1.0, max(0.0, share)))
    return {"attempts": tally.attempts, "failed": failed, "error_rate": failed / tally.attempts}


def complaint(scenario: Scenario, argv: Sequence[str]) -> tuple[int, tuple[str, ...]]:
    """The exit code and the lines of a tool that was asked for what it cannot do."""
    name = argv[0] if argv else ""
    tool = scenario.tools.get(name)
    if tool is None:
        return 127, (f"{name}: not a tool of this drill",)
    if scenario.otherwise is not None:
        return scenario.otherwise.exit_code, (f"{' '.join(argv)}: {scenario.otherwise.says}",)
    if len(argv) > 1 and argv[1] in tool.verbs:
        return 1, (f"{name}: nothing known about: {' '.join(argv[1:])}",)
    return 2, tuple(f"{'usage:' if index == 0 else '      '} {name} {line}" for index, line in enumerate(tool.usage))


def feed(scenario: Scenario, world: World, t0: int) -> list[dict[str, object]]:
    """The entries of the change feed now; `t0` is in microseconds since the epoch."""
    return [_entry(scenario.changes[index], t0) for index in world.changes]


def _entry(change: Change, t0: int) -> dict[str, object]:
    at = moment(t0 + int(change.at * SECOND)).isoformat().replace("+00:00", "Z")
    return {"at": at, **change.model_dump(exclude={"at", "fact", "when"})}
