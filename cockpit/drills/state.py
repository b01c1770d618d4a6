"""The world of a drill at one moment."""

from __future__ import annotations

import math

import msgspec

from cockpit.drills.model.values import Fact, Source


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
