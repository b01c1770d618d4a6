"""What can never happen, and what would never end."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from cockpit.config.yaml import Steps
from cockpit.drills import world
from cockpit.drills.hidden import look_behind
from cockpit.drills.model.parts import Reaction
from cockpit.drills.model.values import Bounds, Conditions
from cockpit.drills.rules.case import Case, Finding


def check(case: Case) -> Iterator[Finding]:
    """Rules, actions, tools, endless reactions."""
    yield from _rules(case)
    yield from _actions(case)
    yield from _loops(case)


def idle(case: Case) -> Iterator[Finding]:
    """What becomes of the world when nobody does anything; only of a scenario that holds together otherwise."""
    state = world.advance(case.scenario, world.begin(case.scenario), case.scenario.lasts)
    if state.quiet > -math.inf:
        message = "something happens without end: a gauge trembles around a bound, or reactions set each other off"
        yield Finding(("reactions",), message, "leave a gap between the bounds, or give a reaction an after")
    if look_behind(case.scenario, state).over:
        message = "when nobody does anything it is over by itself"
        # One that was recorded may have been ended by something that nobody put on record.
        yield Finding(("criteria", "mitigated"), message, "let a fault break what it asks for", "warning")


def _rules(case: Case) -> Iterator[Finding]:
    for index, endpoint in enumerate(case.scenario.endpoints):
        *others, last = [rule.when for rule in endpoint.rules]
        at: Steps = ("endpoints", index, "rules")
        if last:
            message = f"the last rule of {endpoint.path} must hold always"
            yield Finding((*at, len(others)), message, "add a rule without `when`")
        for number, when in enumerate([*others, last]):
            if any(_implies(when, before) for before in [*others, last][:number]):
                yield Finding((*at, number), "is never reached: a rule before it holds whenever it does", "move it up")


def _actions(case: Case) -> Iterator[Finding]:
    actions = case.scenario.actions
    for index, action in enumerate(actions):
        at: Steps = ("actions", index)
        name, *rest = action.command
        tool = case.scenario.tools.get(name)
        if tool is None:
            message = f"it begins with {name}, which is not among the tools"
            yield Finding((*at, "command"), message, f"add {name} to tools, with its usage")
        elif case.scenario.otherwise is None and (not rest or rest[0] not in tool.verbs):
            verb = rest[0] if rest else "a verb"
            message = f"{name} knows no {verb}"
            yield Finding((*at, "command"), message, f"add it to the usage of {name}: {', '.join(sorted(tool.verbs))}")
        before = [one.when for one in actions[:index] if one.command == action.command]
        if any(_implies(action.when, one) for one in before):
            yield Finding(at, "is never done: an action before it is whenever this one could be", "move it up")
        for number, stage in enumerate(action.stages):
            if stage.after > action.takes:
                message = "comes after the end of the action"
                yield Finding((*at, "stages", number, "after"), message, "make it earlier, or takes longer")


def _implies(later: Conditions, before: Conditions) -> bool:
    """Whether `before` holds whenever `later` does."""
    return all(key in later and _within(later[key], wanted) for key, wanted in before.items())


def _within(inner: str | tuple[str, ...] | Bounds, outer: str | tuple[str, ...] | Bounds) -> bool:
    if isinstance(inner, Bounds) or isinstance(outer, Bounds):
        if not (isinstance(inner, Bounds) and isinstance(outer, Bounds)):
            return False
        low = outer.least is None or (inner.least is not None and inner.least >= outer.least)
        return low and (outer.below is None or (inner.below is not None and inner.below <= outer.below))
    return set(_words(inner)) <= set(_words(outer))


def _words(wanted: str | tuple[str, ...]) -> tuple[str, ...]:
    return (wanted,) if isinstance(wanted, str) else wanted


def _loops(case: Case) -> Iterator[Finding]:
    """Reactions without `after` that can break each other's conditions and bring them about again, at one moment."""
    at_once = {index: one for index, one in enumerate(case.scenario.reactions) if one.after == 0}
    while True:
        spent = {
            index for index, one in at_once.items()
            if not any(_makes(other, one) for other in at_once.values())
            or not any(_breaks(other, one) for other in at_once.values())
        }  # fmt: skip
        if not spent:
            break
        at_once = {index: one for index, one in at_once.items() if index not in spent}
    for index in at_once:
        message = "may set itself off again at the same moment, without end"
        yield Finding(("reactions", index), message, "give it an after, or let its condition not come again")


def _makes(other: Reaction, one: Reaction) -> bool:
    """Whether the effect of `other` may bring about a condition of `one`."""
    return any(key in one.when and value in _wanted(one.when, key) for key, value in other.sets.items()) or _moves(
        other.adds, one
    )


def _breaks(other: Reaction, one: Reaction) -> bool:
    """Whether the effect of `other` may break a condition of `one`."""
    return any(key in one.when and value not in _wanted(one.when, key) for key, value in other.sets.items()) or _moves(
        other.adds, one
    )


def _wanted(when: Conditions, key: str) -> tuple[str, ...]:
    wanted = when[key]
    return () if isinstance(wanted, Bounds) else _words(wanted)


def _moves(adds: Mapping[str, float], one: Reaction) -> bool:
    return any(by and key in one.when for key, by in adds.items())
