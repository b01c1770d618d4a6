"""The world of a drill, pure: a state that time, commands and words from outside change, each at its exact moment.

Times are seconds after T0. Between two moments at which something happens the gauges run in straight lines, so a
world that is advanced in many small steps is the very same as one that is advanced in one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from cockpit.drills import gauging
from cockpit.drills.agenda import Due, Kind, next_due
from cockpit.drills.course import Effect, course
from cockpit.drills.gauging import holds
from cockpit.drills.model.parts import Action, Word
from cockpit.drills.model.scenario import Scenario
from cockpit.drills.model.values import FREEZE, Conditions
from cockpit.drills.state import Deed, Doing, Heard, SideEffect, World

ROUNDS = 100
"""More than so much within one second is an endless loop: then nothing reacts until the second is over."""


def begin(scenario: Scenario) -> World:
    """The world at the start of the drill's clock, `lead` before T0."""
    at = -scenario.lead
    gauges = {key: gauge.start for key, gauge in scenario.gauges.items()}
    world = World(at, scenario.start, gauges, at, (None,) * len(scenario.reactions))
    return _settle(scenario, world)


def advance(scenario: Scenario, world: World, at: float) -> World:
    """The world at that moment, with all that happens until then and at it; never back in time."""
    while (due := next_due(scenario, world)) is not None and due[0] <= at:
        world = _happen(scenario, world, due)
    return replace(world, at=max(at, world.at))


def upcoming(scenario: Scenario, world: World) -> float | None:
    """When something happens by itself next, None when nothing ever will."""
    due = next_due(scenario, world)
    return None if due is None else due[0]


def act(scenario: Scenario, world: World, effect: Effect) -> World:
    """The world after that was done to it, now."""
    return _settle(scenario, _apply(scenario, _rebased(scenario, world, world.at), effect))


def start(scenario: Scenario, world: World, argv: Sequence[str]) -> tuple[World, Action | None]:
    """The world in which this command has just been begun, and what it does: None when it does nothing at all."""
    levels = gauges(scenario, world)
    for index, action in enumerate(scenario.actions):
        if action.command == tuple(argv) and holds(action.when, world.variables, levels):
            begun = replace(world, doing=(*world.doing, Doing(index, world.at)))
            return act(scenario, begun, Effect(sets=action.begins, cause=" ".join(argv))), action
    return world, None


def call(scenario: Scenario, world: World, name: str) -> World:
    """The world in which that person was asked for: an expert of the scenario answers after a while, once."""
    for index, expert in enumerate(scenario.experts):
        if expert.name == name and name not in world.called:
            waited = (*world.waited, (world.at + expert.after, index))
            return replace(world, waited=waited, called=world.called | {name})
    return world


def waits(scenario: Scenario, world: World, inject: int) -> bool:
    """Whether there is such an inject, by its place in the scenario, and its time is still to come."""
    known = 0 <= inject < len(scenario.injects)
    return known and inject not in world.skipped and scenario.injects[inject].at > world.at


def skip(world: World, inject: int) -> World:
    """The world in which that word does not come at its time."""
    return replace(world, skipped=world.skipped | {inject})


def say_now(scenario: Scenario, world: World, inject: int) -> World:
    """The world in which that word was said now, ahead of its time."""
    return skip(_said(world, scenario.injects[inject]), inject)


def frozen(scenario: Scenario, world: World, freeze: bool) -> World:
    """The world in which the published freeze is found to hold, or not to."""
    value = "set" if freeze else "none"
    return world if world.variables[FREEZE] == value else act(scenario, world, Effect(sets={FREEZE: value}))


def gauges(scenario: Scenario, world: World) -> dict[str, float]:
    """Every gauge as it is now."""
    return gauging.levels(scenario, world.variables, world.gauges, world.at - world.base)


def _happen(scenario: Scenario, world: World, due: Due) -> World:
    at, kind, index = due
    crossed = gauging.crossings(scenario, world.variables, world.gauges)[index] if kind is Kind.CROSSING else None
    base = world.base
    world = _counted(_rebased(scenario, world, at))
    match kind:
        case Kind.CROSSING:
            assert crossed is not None
            after, key, level = crossed
            if base + after == at:
                world = replace(world, gauges=world.gauges | {key: level})
        case Kind.FAULT:
            fault = scenario.faults[index]
            effect = Effect(fault.sets, fault.adds, fault.says, fault.side_effects)
            world = _passed(_apply(scenario, world, effect) if _so(fault.when, world) else world)
        case Kind.PART:
            world = _go_on(scenario, world, index)
        case Kind.CHANGE:
            seen = (index,) if _so(scenario.changes[index].when, world) else ()
            world = _passed(replace(world, changes=(*world.changes, *seen)))
        case Kind.INJECT:
            inject = scenario.injects[index]
            comes = index not in world.skipped and _so(inject.when, world)
            world = _passed(_said(world, inject) if comes else world)
        case Kind.EXPERT:
            world = _answered(scenario, world, index)
        case Kind.DEADLINE:
            world = _passed(replace(world, met=world.needed is not None))
        case Kind.REACTION:
            pass
    return _settle(scenario, world)


def _so(conditions: Conditions, world: World) -> bool:
    """Whether the conditions hold at the moment of the gauges."""
    return holds(conditions, world.variables, world.gauges)


def _passed(world: World) -> World:
    return replace(world, passed=world.passed + 1)


def _go_on(scenario: Scenario, world: World, index: int) -> World:
    """The next part of what is being done."""
    doing = world.doing[index]
    action = scenario.actions[doing.action]
    part = course(action)[doing.done]
    rest = () if part.ends else (replace(doing, done=doing.done + 1),)
    world = replace(world, doing=(*world.doing[:index], *rest, *world.doing[index + 1 :]))
    if part.ends:
        deed = Deed(
            world.at, action.command, action.exit_code, dict(action.sets), tuple(action.side_effects), doing.began
        )
        world = replace(world, deeds=(*world.deeds, deed))
    return _apply(scenario, world, part.effect)


def _answered(scenario: Scenario, world: World, index: int) -> World:
    expert = scenario.experts[world.waited[index][1]]
    world = replace(world, waited=(*world.waited[:index], *world.waited[index + 1 :]))
    return _said(world, Word(source="chat", text=expert.knows, who=expert.name, fact=expert.fact))


def _apply(scenario: Scenario, world: World, effect: Effect) -> World:
    """The effect itself, on a world whose gauges are those of this moment."""
    levels = dict(world.gauges)
    for key, by in effect.adds.items():
        levels[key] = gauging.clamped(scenario, key, levels[key] + by)
    done = tuple(SideEffect(world.at / 60, text, effect.cause) for text in effect.side_effects)
    world = replace(
        world, variables={**world.variables, **effect.sets}, gauges=levels, side_effects=(*world.side_effects, *done)
    )
    return world if effect.says is None else _said(world, effect.says)


def _said(world: World, word: Word) -> World:
    heard = Heard(world.at / 60, word.source, word.text, word.who, word.fact)
    return replace(world, words=(*world.words, heard))


def _settle(scenario: Scenario, world: World) -> World:
    """Let everything react that reacts at this moment, in the order of the file."""
    while True:
        world = _looked(scenario, world)
        index = next(_ready(scenario, world), None)
        if index is None or world.at < world.quiet:
            return world
        reaction = scenario.reactions[index]
        effect = Effect(reaction.sets, reaction.adds, reaction.says, reaction.side_effects)
        world = _counted(_apply(scenario, replace(world, fired=world.fired | {index}), effect))


def _looked(scenario: Scenario, world: World) -> World:
    """Which conditions hold, and since when."""
    held = tuple(
        (world.at if since is None else since) if _so(reaction.when, world) else None
        for since, reaction in zip(world.held, scenario.reactions, strict=True)
    )
    fired = frozenset(index for index in world.fired if held[index] is not None)
    needed = None
    if scenario.deadline is not None and _so(scenario.deadline.needs, world):
        needed = world.at if world.needed is None else world.needed
    return replace(world, held=held, fired=fired, needed=needed)


def _ready(scenario: Scenario, world: World) -> Iterator[int]:
    for index, (since, reaction) in enumerate(zip(world.held, scenario.reactions, strict=True)):
        if since is not None and index not in world.fired and since + reaction.after <= world.at:
            yield index


def _counted(world: World) -> World:
    """One more thing that happened; too many within a second must not hold up time."""
    if world.at >= world.second + 1:
        return replace(world, second=world.at, rounds=0)
    rounds = world.rounds + 1
    return replace(world, rounds=rounds, quiet=world.second + 1 if rounds > ROUNDS else world.quiet)


def _rebased(scenario: Scenario, world: World, at: float) -> World:
    """The same world at that moment, with the gauges as they are then."""
    levels = gauging.levels(scenario, world.variables, world.gauges, at - world.base)
    return replace(world, at=at, base=at, gauges=levels)
