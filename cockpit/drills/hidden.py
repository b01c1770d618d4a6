"""What the facilitator of a drill sees and the responders do not. Pure."""

from __future__ import annotations

from typing import Literal

import msgspec

from cockpit.drills.gauging import holds
from cockpit.drills.model.parts import Action
from cockpit.drills.model.scenario import Scenario
from cockpit.drills.state import Deed, Heard, SideEffect, World
from cockpit.drills.world import gauges


class Underway(msgspec.Struct, frozen=True):
    """A command that has not come to its end; minutes after T0."""

    command: tuple[str, ...]
    began: float
    until: float


class Hidden(msgspec.Struct, frozen=True):
    """The true state, and all that was done and said.

    `harm` is going on now; it is `over` when it may truly be called resolved but for the watch. `needed_since` is the
    minute from which what the deadline needs has been so, None while it is not so. `skipped` are the injects that do
    not come at their time any more, by their place in the scenario.
    """

    minute: float
    variables: dict[str, str]
    harm: bool
    over: bool = False
    gauges: dict[str, float] = {}
    deeds: tuple[Deed, ...] = ()
    side_effects: tuple[SideEffect, ...] = ()
    words: tuple[Heard, ...] = ()
    skipped: tuple[int, ...] = ()
    underway: tuple[Underway, ...] = ()
    deadline: Literal["pending", "met", "missed"] | None = None
    needed_since: float | None = None


def look_behind(scenario: Scenario, world: World) -> Hidden:
    """What is hidden in that world."""
    levels = gauges(scenario, world)
    harm = not any(holds(one, world.variables, levels) for one in scenario.criteria.mitigated)
    fate: Literal["pending", "met", "missed"] = "pending" if world.met is None else "met" if world.met else "missed"
    return Hidden(
        minute=world.at / 60,
        variables=world.variables,
        harm=harm,
        over=not harm and holds(scenario.criteria.resolved, world.variables, levels),
        gauges=levels,
        deeds=world.deeds,
        side_effects=world.side_effects,
        words=world.words,
        skipped=tuple(sorted(world.skipped)),
        underway=tuple(_underway(scenario.actions[doing.action], doing.began) for doing in world.doing),
        deadline=None if scenario.deadline is None else fate,
        needed_since=None if world.needed is None else world.needed / 60,
    )


def _underway(action: Action, began: float) -> Underway:
    return Underway(action.command, began / 60, (began + action.takes) / 60)
