"""Everything about a drill at one moment, for whoever leads it. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from cockpit.clock import SECOND
from cockpit.drills.hidden import Hidden
from cockpit.drills.model.values import Axis
from cockpit.drills.score import axes
from cockpit.drills.script import Coming, Script
from cockpit.incident.event import Event
from cockpit.incident.intervals import marks


class Scene(msgspec.Struct, frozen=True):
    """The clock, what is hidden, what is to come, and the minute at which each axis was passed; None for not yet.

    `now` is in microseconds on the drill's clock, `minute` counts from T0, `speed` is 0 while it is paused.
    """

    profile: str
    now: int
    minute: float
    speed: float
    hidden: Hidden
    script: Script
    passed: dict[Axis, float | None]

    @property
    def coming(self) -> tuple[Coming, ...]:
        """What is still to come by itself, the next first; what was left out is not among it."""
        return tuple(
            each for each in self.script.coming if each.minute > self.minute and each.inject not in self.hidden.skipped
        )

    @property
    def words(self) -> tuple[Coming, ...]:
        """The words among it."""
        return tuple(each for each in self.coming if each.inject is not None)

    @property
    def over(self) -> bool:
        """Whether the scenario has played out: nothing more is simulated."""
        return self.minute >= self.script.lasts


def passed(events: Sequence[Event], t0: int) -> dict[Axis, float | None]:
    """The minute after T0 at which the responders passed each axis."""
    return {axis: None if at is None else (at - t0) / (60 * SECOND) for axis, at in axes(marks(events)).items()}
