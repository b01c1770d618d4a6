"""The world of a drill, pure: a state that time, commands and words from outside change, each at its exact moment.

Times are seconds after T0. Between two moments at which something happens the gauges run in straight lines, so a
world that is advanced in many small steps is the very same as one that is advanced in one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from enum import IntEnum
from typing import Literal

import msgspec
from msgspec.structs import replace

from cockpit.drills import gauging
from cockpit.drills.course import Effect, course
from cockpit.drills.gauging import holds
from cockpit.drills.model import FREEZE, Action, Conditions, Fact, Scenario, Source, Word

ROUNDS = 100
"""More than so much within one second is an endless loop: then nothing reacts until the second is over."""


class Deed(msgspec.Struct, frozen=True):
    """An action that came to its end; `at` and `began` are in seconds after T0."""

    at: float
    command: tuple[str, ...]
    exit_code: int
    sets: dict[str, str] = {}
    side_effects: tuple[str, ...] = ()
    began: float = 0.0


class SideEffect(msgspec.Struct, frozen=True):
    """Harm that was done, beside what it was for; `command` is what did it."""

    minute: float
    text: str
    command: str


class Heard(msgspec.Struct, frozen=True):
    """A word from outside, with the minute it came in."""

    minute: float
    source: Source
    text: str
    who: str
    fact: Fact


class Underway(msgspec.Struct, frozen=True):
    """A command that has not come to its end; minutes after T0."""

    command: tuple[str, ...]
    began: float
    until: float


class Hidden(msgspec.Struct, frozen=True):
    """What the facilitator sees: the true state, and all that was done and said.

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


class Doing(msgspec.Struct, frozen=True):
    """A command that was begun, and how many parts of its course are over; `action` is its place in the scenario."""

    action: int
    began: float
    done: int = 0


class World(msgspec.Struct, frozen=True):
    """Everything at the moment `at`. The gauges are those of the moment `base`, the latest at which anything happened.

    `held` says for each reaction since when its conditions have held; `fired` which have had their effect since.
    `passed` counts what is over of the agenda, `waited` are the experts asked for and when they speak.
    `met` is what became of the deadline. Nothing reacts before `quiet`.
    """

    at: float
    variables: dict[str, str]
    gauges: dict[str, float]
    base: float
    held: tuple[float | None, ...]
    fired: frozenset[int] = frozenset()
    passed: int = 0
    doing: tuple[Doing, ...] = ()
    waited: tuple[tuple[float, int], ...] = ()
    called: frozenset[str] = frozenset()
    changes: tuple[int, ...] = ()
    words: tuple[Heard, ...] = ()
    side_effects: tuple[SideEffect, ...] = ()
    deeds: tuple[Deed, ...] = ()
    met: bool | None = None
    needed: float | None = None
    skipped: frozenset[int] = frozenset()
    quiet: float = -math.inf
    second: float = -math.inf
    rounds: int = 0


class _Kind(IntEnum):
    """What may happen; of several things at one moment the first here comes first."""

    CROSSING = 0
    FAULT = 1
    PART = 2
    CHANGE = 3
    INJECT = 4
    EXPERT = 5
    DEADLINE = 6
    REACTION = 7


_Due = tuple[float, _Kind, int]


def begin(scenario: Scenario) -> World:
    """The world at the start of the drill's clock, `lead` before T0."""
    at = -scenario.lead
    gauges = {key: gauge.start for key, gauge in scenario.gauges.items()}
    world = World(at, scenario.start, gauges, at, (None,) * len(scenario.reactions))
    return _settle(scenario, world)


def advance(scenario: Scenario, world: World, at: float) -> World:
    """The world at that moment, with all that happens until then and at it; never back in time."""
    while (due := _due(scenario, world)) is not None and due[0] <= at:
        world = _happen(scenario, world, due)
    return replace(world, at=max(at, world.at))


def upcoming(scenario: Scenario, world: World) -> float | None:
    """When something happens by itself next, None when nothing ever will."""
    due = _due(scenario, world)
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


def hidden(scenario: Scenario, world: World) -> Hidden:
    """The facilitator's view."""
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


def _due(scenario: Scenario, world: World) -> _Due | None:
    """What happens next and when."""
    return min(_dues(scenario, world), default=None)


def _dues(scenario: Scenario, world: World) -> Iterator[_Due]:
    agenda = _agenda(scenario)
    if world.passed < len(agenda):
        yield agenda[world.passed]
    for index, doing in enumerate(world.doing):
        yield doing.began + course(scenario.actions[doing.action])[doing.done].after, _Kind.PART, index
    for index, (at, _) in enumerate(world.waited):
        yield at, _Kind.EXPERT, index
    for index, (since, reaction) in enumerate(zip(world.held, scenario.reactions, strict=True)):
        if since is not None and index not in world.fired:
            yield max(since + reaction.after, world.quiet), _Kind.REACTION, index
    for index, (after, _, _) in enumerate(gauging.crossings(scenario, world.variables, world.gauges)):
        yield max(world.base + after, world.quiet), _Kind.CROSSING, index


def _agenda(scenario: Scenario) -> list[_Due]:
    """All that has its fixed moment."""
    due = [(fault.at, _Kind.FAULT, index) for index, fault in enumerate(scenario.faults)]
    due += [(change.at, _Kind.CHANGE, index) for index, change in enumerate(scenario.changes)]
    due += [(inject.at, _Kind.INJECT, index) for index, inject in enumerate(scenario.injects)]
    if scenario.deadline is not None:
        due.append((scenario.deadline.at, _Kind.DEADLINE, 0))
    return sorted(due)


def _happen(scenario: Scenario, world: World, due: _Due) -> World:
    at, kind, index = due
    crossed = gauging.crossings(scenario, world.variables, world.gauges)[index] if kind is _Kind.CROSSING else None
    base = world.base
    world = _counted(_rebased(scenario, world, at))
    match kind:
        case _Kind.CROSSING:
            assert crossed is not None
            after, key, level = crossed
            if base + after == at:
                world = replace(world, gauges=world.gauges | {key: level})
        case _Kind.FAULT:
            fault = scenario.faults[index]
            effect = Effect(fault.sets, fault.adds, fault.says, fault.side_effects)
            world = _passed(_apply(scenario, world, effect) if _so(fault.when, world) else world)
        case _Kind.PART:
            world = _go_on(scenario, world, index)
        case _Kind.CHANGE:
            seen = (index,) if _so(scenario.changes[index].when, world) else ()
            world = _passed(replace(world, changes=(*world.changes, *seen)))
        case _Kind.INJECT:
            inject = scenario.injects[index]
            comes = index not in world.skipped and _so(inject.when, world)
            world = _passed(_said(world, inject) if comes else world)
        case _Kind.EXPERT:
            world = _answered(scenario, world, index)
        case _Kind.DEADLINE:
            world = _passed(replace(world, met=world.needed is not None))
        case _Kind.REACTION:
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
