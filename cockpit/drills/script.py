"""What a scenario has in store, in the order it comes: for whoever leads the drill. Pure."""

from __future__ import annotations

import msgspec

from cockpit.drills.model.parts import Word
from cockpit.drills.model.scenario import Scenario
from cockpit.drills.model.values import Conditions, Fact, Source


class Coming(msgspec.Struct, frozen=True):
    """A word, or a fault, at its minute after T0; `only_if` says under which conditions, empty for always.

    `inject` is its place among the scenario's injects, None for a fault: those come by themselves alone.
    """

    minute: float
    text: str
    source: Source | None = None
    who: str = ""
    only_if: str = ""
    inject: int | None = None


class Limit(msgspec.Struct, frozen=True):
    """By when something must work again, for somebody outside."""

    minute: float
    what: str
    fact: Fact


class Script(msgspec.Struct, frozen=True):
    """The drill's story so far as it is fixed; `lasts` is in minutes after T0, `start` what was so before."""

    id: str
    title: str
    lasts: float
    start: dict[str, str]
    coming: tuple[Coming, ...]
    deadline: Limit | None = None


def script(scenario: Scenario) -> Script:
    """The script of that scenario."""
    words = [
        Coming(word.at / 60, word.text, word.source, word.who, conditions(word.when), index)
        for index, word in enumerate(scenario.injects)
    ]
    faults = [
        Coming(fault.at / 60, _effect(fault.sets, fault.adds, fault.says), only_if=conditions(fault.when))
        for fault in scenario.faults
    ]
    due = scenario.deadline
    return Script(
        id=scenario.id,
        title=scenario.title,
        lasts=scenario.lasts / 60,
        start=scenario.start,
        coming=tuple(sorted([*words, *faults], key=lambda each: each.minute)),
        deadline=None if due is None else Limit(due.at / 60, due.what, due.fact),
    )


def conditions(when: Conditions) -> str:
    """The conditions in words."""
    parts = []
    for key, wanted in when.items():
        match wanted:
            case str():
                parts.append(f"{key} is {wanted}")
            case tuple():
                parts.append(f"{key} is {' or '.join(wanted)}")
            case _:
                least = [f"at least {wanted.least:g}"] if wanted.least is not None else []
                below = [f"below {wanted.below:g}"] if wanted.below is not None else []
                parts.append(f"{key} is {' and '.join(least + below)}")
    return ", ".join(parts)


def _effect(sets: dict[str, str], adds: dict[str, float], says: Word | None) -> str:
    parts = [f"{key} becomes {value}" for key, value in sets.items()]
    parts += [f"{key} {by:+g}" for key, by in adds.items()]
    parts += [f"{says.source} says: {says.text}"] if says is not None else []
    return ", ".join(parts) or "nothing that shows"
