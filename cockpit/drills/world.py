"""The world of a drill, pure: what holds at a moment, how an endpoint answers then, what a command does."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import msgspec

from cockpit.clock import SECOND, moment
from cockpit.drills.model import Action, Bounds, Change, Conditions, Rule, Scenario, Tally, Variables


class Deed(msgspec.Struct, frozen=True):
    """An action that came to its end; `at` is in seconds after T0."""

    at: float
    command: tuple[str, ...]
    exit_code: int
    sets: dict[str, str] = {}
    side_effects: tuple[str, ...] = ()


class SideEffect(msgspec.Struct, frozen=True):
    """Harm done by a command, beside what it was for."""

    minute: float
    text: str
    command: str


class Hidden(msgspec.Struct, frozen=True):
    """What the facilitator sees: the true state, and what the responder's commands did. `harm` is going on now."""

    minute: float
    variables: dict[str, str]
    harm: bool
    deeds: tuple[Deed, ...] = ()
    side_effects: tuple[SideEffect, ...] = ()


def variables(scenario: Scenario, deeds: Iterable[Deed], at: float) -> Variables:
    """Every variable `at` seconds after T0: the start, then faults and deeds in the order they came."""
    steps = [(fault.at, fault.sets) for fault in scenario.faults] + [(deed.at, deed.sets) for deed in deeds]
    state = scenario.start
    for when, sets in sorted(steps, key=lambda step: step[0]):
        if when <= at:
            state |= sets
    return state


def holds(condition: Conditions, state: Variables) -> bool:
    """Whether every variable of the condition has its value."""
    return all(_fits(wanted, state.get(key, "")) for key, wanted in condition.items())


def _fits(wanted: str | tuple[str, ...] | Bounds, value: str) -> bool:
    match wanted:
        case Bounds():
            return False
        case str():
            return value == wanted
        case _:
            return value in wanted


def rule_for(scenario: Scenario, path: str, state: Variables) -> Rule | None:
    """The rule that answers this path now, or None when nothing lives there."""
    for endpoint in scenario.endpoints:
        if endpoint.path == path:
            return next(rule for rule in endpoint.rules if holds(rule.when, state))
    return None


def body_of(rule: Rule, at: float) -> object:
    """The JSON answered `at` seconds after T0."""
    return rule.body if rule.tally is None else _count(rule.tally, at)


def _count(tally: Tally, at: float) -> dict[str, float]:
    share = tally.failing + tally.swing * math.sin(2 * math.pi * at / tally.period)
    failed = round(tally.attempts * min(1.0, max(0.0, share)))
    return {"attempts": tally.attempts, "failed": failed, "error_rate": failed / tally.attempts}


def action_for(scenario: Scenario, argv: Sequence[str], state: Variables) -> Action | None:
    """What this command does now, or None when it does nothing at all."""
    return next(
        (action for action in scenario.actions if action.command == tuple(argv) and holds(action.when, state)), None
    )


def complaint(scenario: Scenario, argv: Sequence[str]) -> tuple[int, tuple[str, ...]]:
    """The exit code and the lines of a tool that was asked for what it cannot do."""
    name = argv[0] if argv else ""
    tool = scenario.tools.get(name)
    if tool is None:
        return 127, (f"{name}: not a tool of this drill",)
    if len(argv) > 1 and argv[1] in tool.verbs:
        return 1, (f"{name}: nothing known about: {' '.join(argv[1:])}",)
    return 2, tuple(f"{'usage:' if index == 0 else '      '} {name} {line}" for index, line in enumerate(tool.usage))


def schedule(action: Action) -> list[tuple[float, str]]:
    """The lines of an action, each after so many incident seconds: the first at once, the last at the very end."""
    gaps = len(action.says) - 1
    if not gaps:
        return [(action.takes, action.says[0])]
    return [(action.takes / gaps if index else 0.0, line) for index, line in enumerate(action.says)]


def feed(scenario: Scenario, t0: int, at: float) -> list[dict[str, object]]:
    """The entries of the change feed `at` seconds after T0; `t0` is in microseconds since the epoch."""
    return [_entry(change, t0) for change in scenario.changes if change.at <= at]


def _entry(change: Change, t0: int) -> dict[str, object]:
    at = moment(t0 + int(change.at * SECOND)).isoformat().replace("+00:00", "Z")
    return {"at": at, **change.model_dump(exclude={"at", "fact"})}


def hidden(scenario: Scenario, deeds: Sequence[Deed], at: float) -> Hidden:
    """The facilitator's view `at` seconds after T0."""
    state = variables(scenario, deeds, at)
    effects = [SideEffect(deed.at / 60, text, " ".join(deed.command)) for deed in deeds for text in deed.side_effects]
    harm = not any(holds(condition, state) for condition in scenario.criteria.mitigated)
    return Hidden(at / 60, state, harm, tuple(deeds), tuple(effects))
