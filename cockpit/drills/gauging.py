"""Conditions on the world of a drill, and the gauges that run in straight lines between two moments. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from cockpit.drills.model.scenario import Scenario
from cockpit.drills.model.values import Bounds, Conditions

Variables = Mapping[str, str]
Levels = Mapping[str, float]


def holds(conditions: Conditions, variables: Variables, levels: Levels) -> bool:
    """Whether every variable has its value, and every gauge lies within its bounds."""
    return all(_fits(wanted, key, variables, levels) for key, wanted in conditions.items())


def _fits(wanted: str | tuple[str, ...] | Bounds, key: str, variables: Variables, levels: Levels) -> bool:
    match wanted:
        case Bounds(least=least, below=below):
            level = levels.get(key, math.nan)
            return (least is None or level >= least) and (below is None or level < below)
        case str():
            return variables.get(key) == wanted
        case _:
            return variables.get(key) in wanted


def levels(scenario: Scenario, variables: Variables, base: Levels, seconds: float) -> dict[str, float]:
    """Every gauge so many seconds after the moment of `base`, while nothing has happened in between."""
    rates = _rates(scenario, variables, base)
    return {key: clamped(scenario, key, level + rates.get(key, 0.0) * seconds) for key, level in base.items()}


def clamped(scenario: Scenario, key: str, level: float) -> float:
    """The level, within what the gauge may be."""
    gauge = scenario.gauges[key]
    return max(gauge.low, level if gauge.high is None else min(gauge.high, level))


def crossings(scenario: Scenario, variables: Variables, base: Levels) -> list[tuple[float, str, float]]:
    """After how many seconds each gauge comes to the numbers that something depends on, and its level then.

    Upwards that level is the number itself, downwards the first one below it.
    """
    found = []
    marks = _thresholds(scenario)
    for key, rate in _rates(scenario, variables, base).items():
        level, gauge = base[key], scenario.gauges[key]
        for mark in marks.get(key, ()):
            if rate > 0 and level < mark and (gauge.high is None or mark <= gauge.high):
                found.append(((mark - level) / rate, key, mark))
            elif rate < 0 and level >= mark > gauge.low:
                found.append(((mark - level) / rate, key, math.nextafter(mark, -math.inf)))
    return found


def _rates(scenario: Scenario, variables: Variables, base: Levels) -> dict[str, float]:
    """How fast each gauge runs, per second."""
    rates: dict[str, float] = {}
    for flow in scenario.flows:
        if holds(flow.when, variables, base):
            rates[flow.gauge] = rates.get(flow.gauge, 0.0) + flow.per_minute / 60
    return rates


def _thresholds(scenario: Scenario) -> dict[str, list[float]]:
    """The numbers at which a reaction, a flow or the deadline may turn, by gauge."""
    conditions: list[Conditions] = [reaction.when for reaction in scenario.reactions]
    conditions += [flow.when for flow in scenario.flows]
    if scenario.deadline is not None:
        conditions.append(scenario.deadline.needs)
    found: dict[str, set[float]] = {}
    for key, bounds in _bounds(conditions):
        found.setdefault(key, set()).update(mark for mark in (bounds.least, bounds.below) if mark is not None)
    return {key: sorted(marks) for key, marks in found.items()}


def _bounds(conditions: Iterable[Conditions]) -> Iterable[tuple[str, Bounds]]:
    for one in conditions:
        for key, wanted in one.items():
            if isinstance(wanted, Bounds):
                yield key, wanted
