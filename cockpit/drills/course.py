"""What a command of a drill does over time, pure."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from cockpit.drills.model.parts import Action, Word

BY_ITSELF = "by itself"
"""The cause of what no command did."""


class Effect(msgspec.Struct, frozen=True):
    """What something does to the world; `cause` is the command that did it."""

    sets: Mapping[str, str] = {}
    adds: Mapping[str, float] = {}
    says: Word | None = None
    side_effects: tuple[str, ...] = ()
    cause: str = BY_ITSELF


class Part(msgspec.Struct, frozen=True):
    """What an action prints, where it prints anything, and does so many seconds after its start.

    The last part `ends` it.
    """

    after: float
    line: str
    effect: Effect = Effect()
    ends: bool = False


def course(action: Action) -> tuple[Part, ...]:
    """What an action prints and does, in the order of time: its lines, the parts of its stages, and its end.

    The first line comes at once and the last at the very end, the others evenly between; a single one at the end.
    """
    cause = " ".join(action.command)
    gaps = len(action.says) - 1
    parts = [Part(action.takes * index / gaps, line) for index, line in enumerate(action.says[:-1])]
    parts += [
        Part(min(stage.after, action.takes), stage.says, Effect(sets=stage.sets, adds=stage.adds, cause=cause))
        for stage in action.stages
    ]
    end = Effect(sets=action.sets, adds=action.adds, side_effects=action.side_effects, cause=cause)
    return (*sorted(parts, key=lambda part: part.after), Part(action.takes, action.says[-1], end, ends=True))
