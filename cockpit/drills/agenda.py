"""What happens in the world of a drill next, and when. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum

from cockpit.drills import gauging
from cockpit.drills.course import course
from cockpit.drills.model.scenario import Scenario
from cockpit.drills.state import World


class Kind(IntEnum):
    """What may happen; of several things at one moment the first here comes first."""

    CROSSING = 0
    FAULT = 1
    PART = 2
    CHANGE = 3
    INJECT = 4
    EXPERT = 5
    DEADLINE = 6
    REACTION = 7


Due = tuple[float, Kind, int]
"""A moment in seconds after T0, what happens then, and which one of its kind."""


def next_due(scenario: Scenario, world: World) -> Due | None:
    """What happens next and when."""
    return min(_dues(scenario, world), default=None)


def _dues(scenario: Scenario, world: World) -> Iterator[Due]:
    agenda = _agenda(scenario)
    if world.passed < len(agenda):
        yield agenda[world.passed]
    for index, doing in enumerate(world.doing):
        yield doing.began + course(scenario.actions[doing.action])[doing.done].after, Kind.PART, index
    for index, (at, _) in enumerate(world.waited):
        yield at, Kind.EXPERT, index
    for index, (since, reaction) in enumerate(zip(world.held, scenario.reactions, strict=True)):
        if since is not None and index not in world.fired:
            yield max(since + reaction.after, world.quiet), Kind.REACTION, index
    for index, (after, _, _) in enumerate(gauging.crossings(scenario, world.variables, world.gauges)):
        yield max(world.base + after, world.quiet), Kind.CROSSING, index


def _agenda(scenario: Scenario) -> list[Due]:
    """All that has its fixed moment."""
    fixed = [(fault.at, Kind.FAULT, index) for index, fault in enumerate(scenario.faults)]
    fixed += [(change.at, Kind.CHANGE, index) for index, change in enumerate(scenario.changes)]
    fixed += [(inject.at, Kind.INJECT, index) for index, inject in enumerate(scenario.injects)]
    if scenario.deadline is not None:
        fixed.append((scenario.deadline.at, Kind.DEADLINE, 0))
    return sorted(fixed)
