"""A world in which somebody typed commands, and nobody else did anything."""

from __future__ import annotations

from cockpit.drills import world
from cockpit.drills.model.scenario import Scenario
from cockpit.drills.state import World

Typed = tuple[float, tuple[str, ...]]
"""A command and the minute it is begun at."""


def at(scenario: Scenario, minute: float, *typed: Typed) -> World:
    """The world at that minute, if these commands were typed."""
    state = world.begin(scenario)
    for begun, argv in typed:
        state, action = world.start(scenario, world.advance(scenario, state, begun * 60), argv)
        assert action is not None, argv
    return world.advance(scenario, state, minute * 60)
