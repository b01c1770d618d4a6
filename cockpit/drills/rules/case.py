"""A scenario as the rules see it: all its conditions and effects, each with its place in the file."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Literal

from cockpit.config.yaml import Steps
from cockpit.drills.model.parts import Endpoint
from cockpit.drills.model.scenario import Scenario
from cockpit.drills.model.values import FREEZE, Conditions


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong, with the way to it in the file."""

    at: Steps
    message: str
    mend: str = ""
    severity: Literal["error", "warning"] = "error"


@dataclass(frozen=True, slots=True)
class Book:
    """What the rules need to know of the runbook: the ids of its steps, the probes it names, the programs it runs, and
    what of it a drill cannot stand in for, each as a sentence."""

    id: str
    steps: frozenset[str]
    probes: tuple[str, ...]
    commands: tuple[str, ...]
    reaching: tuple[str, ...] = ()


@dataclass(frozen=True)
class Case:
    """The scenario under judgement. `books` are the runbooks it names as far as they can be used, by id; `shelf` has
    the ids of all there are."""

    scenario: Scenario
    books: Mapping[str, Book] = field(default_factory=dict)
    shelf: frozenset[str] = frozenset()

    @property
    def probes(self) -> set[str]:
        """Every probe by name."""
        return {probe.name for service in self.scenario.services for probe in service.probes}


def conditions(scenario: Scenario) -> Iterator[tuple[Steps, Conditions, Endpoint | None]]:
    """Every condition with its place; of a rule also its endpoint."""
    whens: dict[str, list[Conditions]] = {
        "faults": [fault.when for fault in scenario.faults],
        "reactions": [reaction.when for reaction in scenario.reactions],
        "flows": [flow.when for flow in scenario.flows],
        "actions": [action.when for action in scenario.actions],
        "changes": [change.when for change in scenario.changes],
        "injects": [inject.when for inject in scenario.injects],
    }
    for name, several in whens.items():
        for index, when in enumerate(several):
            yield (name, index, "when"), when, None
    for index, endpoint in enumerate(scenario.endpoints):
        for number, rule in enumerate(endpoint.rules):
            yield ("endpoints", index, "rules", number, "when"), rule.when, endpoint
    if scenario.deadline is not None:
        yield ("deadline", "needs"), scenario.deadline.needs, None
    for index, one in enumerate(scenario.criteria.mitigated):
        yield ("criteria", "mitigated", index), one, None
    yield ("criteria", "resolved"), scenario.criteria.resolved, None
    for play_name, play in scenario.plays.items():
        yield ("plays", play_name, "ending", "holds"), play.ending.holds, None


def sets(scenario: Scenario) -> Iterator[tuple[Steps, Mapping[str, str]]]:
    """Whatever gives variables new values, with its place."""
    for index, fault in enumerate(scenario.faults):
        yield ("faults", index, "sets"), fault.sets
    for index, reaction in enumerate(scenario.reactions):
        yield ("reactions", index, "sets"), reaction.sets
    for index, action in enumerate(scenario.actions):
        yield ("actions", index, "begins"), action.begins
        yield ("actions", index, "sets"), action.sets
        for number, stage in enumerate(action.stages):
            yield ("actions", index, "stages", number, "sets"), stage.sets


def adds(scenario: Scenario) -> Iterator[tuple[Steps, Mapping[str, float]]]:
    """Whatever changes gauges at once, with its place."""
    for index, fault in enumerate(scenario.faults):
        yield ("faults", index, "adds"), fault.adds
    for index, reaction in enumerate(scenario.reactions):
        yield ("reactions", index, "adds"), reaction.adds
    for index, action in enumerate(scenario.actions):
        yield ("actions", index, "adds"), action.adds
        for number, stage in enumerate(action.stages):
            yield ("actions", index, "stages", number, "adds"), stage.adds


def values(scenario: Scenario) -> dict[str, set[str]]:
    """The values that each variable can ever have."""
    found = {key: {value} for key, value in scenario.start.items()}
    found[FREEZE] = {"none", "set"}
    for _, given in sets(scenario):
        for key, value in given.items():
            found.setdefault(key, set()).add(value)
    return found


def runbooks(scenario: Scenario) -> list[str]:
    """The runbooks that it names: its own, and those that its plays start."""
    started = {
        str(move.arguments.get("runbook"))
        for play in scenario.plays.values()
        for move in play.moves
        if move.do == "start_run"
    }
    return sorted(started | ({scenario.runbook} if scenario.runbook is not None else set()))


def side_effects(scenario: Scenario) -> set[str]:
    """Every harm that can be done."""
    found = {text for fault in scenario.faults for text in fault.side_effects}
    found |= {text for reaction in scenario.reactions for text in reaction.side_effects}
    return found | {text for action in scenario.actions for text in action.side_effects}


def nearest(name: str, known: Collection[str]) -> str:
    """What may have been meant, or all there is."""
    close = get_close_matches(name, sorted(known), n=1, cutoff=0.5)
    if close:
        return f"did you mean {close[0]}?"
    return f"known here: {', '.join(sorted(known))}" if known else "there is none here"
