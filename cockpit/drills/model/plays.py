"""Who has played a scenario how: the original team, and recorded responders."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, JsonValue, model_validator

from cockpit.config.fields import Line, Name, Strict
from cockpit.drills.harder import Modifier
from cockpit.drills.model.values import Argv, Axis, Conditions, Duration, Fact


class Mark(Strict):
    """The minute after T0 at which a play passes an axis."""

    minute: Annotated[float, Field(ge=0)]
    fact: Fact


class Beat(Strict):
    """One thing the original team did or saw, at its minute."""

    minute: float
    text: Line
    fact: Fact


class When(Strict):
    """A condition on what the responder sees; everything named must hold.

    `minute` counts from T0. `steps` wants the word shown beside a step, or one of several; `offered` an offer for that
    step.
    `heard` wants these words on the timeline.
    """

    minute: float = 0.0
    down: tuple[Name, ...] = ()
    up: tuple[Name, ...] = ()
    open: bool | None = None
    offered: str = ""
    steps: dict[str, str | tuple[str, ...]] = {}
    finished: bool | None = None
    heard: str = ""


class Move(Strict):
    """One move of a recorded responder: a protocol command by name, or a command typed into their own shell.

    It is stuck when its condition has not come `within` that time after the move before. What a command wants as a
    moment (`eta`, `until`, `occurred_at`) stands here as minutes after T0, and what it wants as an `attempt` as the
    step whose attempt it is.
    """

    who: Annotated[str, Field(max_length=80)] = ""
    """Who makes it; one and the same responder where nobody is named."""
    when: When = When()
    within: Duration = 600.0
    do: Name | None = None
    arguments: dict[str, JsonValue] = Field(default={}, alias="with")
    by_hand: Argv | None = None

    @model_validator(mode="after")
    def _one_deed(self) -> Move:
        if (self.do is None) == (self.by_hand is None):
            raise ValueError("a move is exactly one of `do` and `by_hand`")
        return self


class Ending(Strict):
    """What must have come of a play when it is over: held by a test."""

    text: Line
    mitigated: bool
    resolved: Literal["never", "truly", "falsely"] = "never"
    """Whether the responder called it resolved, and whether that was true."""
    holds: Conditions = {}
    """What is so in the hidden state at the end."""
    side_effects: tuple[Line, ...] = ()
    deadline: Literal["met", "missed"] | None = None


class Play(Strict):
    """A recorded responder. It ends after its last move, and not before the minute `until`."""

    title: Line
    kind: Literal["good", "original", "wrong"] = "wrong"
    marks: dict[Axis, Mark] = {}
    ending: Ending
    modifiers: tuple[Modifier, ...] = ()
    moves: tuple[Move, ...]
    until: Annotated[float, Field(ge=0)] = 0.0
