"""What a scenario may say, version 1: a small world, what goes wrong in it, and who has played it how.

Times count from T0. Keys name a variable or a gauge of a service as `service.name`; with instances each has its own, as
`service/instance.name`. `cockpit.freeze` is what the cockpit publishes for pipelines: `none` or `set`.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, JsonValue, PlainSerializer, model_validator

from cockpit.config import fields
from cockpit.config.fields import Line, Name, Ratio, Strict
from cockpit.config.rates import ErrorRate
from cockpit.drills.harder import Modifier


def _worded(seconds: float) -> str:
    return f"{seconds:.6f}".rstrip("0").rstrip(".") + "s"


Duration = Annotated[fields.Duration, PlainSerializer(_worded, when_used="json")]
"""Seconds, written with a unit, which they keep when a scenario is written to a file."""

Fact = Literal["original", "invented"]
"""Whether a thing is known from the published incident, or was made up to make the drill playable."""

Axis = Literal["impact_start", "detected", "declared", "first_update", "mitigated", "verified", "resolved"]
"""The moments a drill is measured by, in the order a good response passes them."""

Source = Literal["page", "chat", "phone", "executive"]
"""Where a word from outside comes from."""

FREEZE = "cockpit.freeze"
"""The one variable that belongs to no service: whether the cockpit's published freeze holds now."""
OWN = "self"
"""In the rules of an endpoint with instances: the instance that is asked."""

PART = r"[a-z][a-z0-9_-]*"
Key = Annotated[str, Field(pattern=rf"^{PART}(/[a-z0-9][a-z0-9_-]*)?\.{PART}$")]
"""A variable or a gauge, as `service.name` or `service/instance.name`."""

Variables = dict[Key, str]
"""New values of variables."""


class Bounds(Strict):
    """What a gauge must lie in: at least `least`, and below `below`."""

    least: float | None = None
    below: float | None = None


Conditions = dict[Key, str | tuple[str, ...] | Bounds]
"""What must hold, all of it: a variable's value, one of several, or the bounds of a gauge."""

Argv = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)]
Path = Annotated[str, Field(pattern=r"^/[a-z0-9/_-]+$")]


class DrillProbe(Strict):
    """A probe of the cockpit under drill, asking one of the scenario's endpoints, of each instance if there are any."""

    name: Name
    path: Path
    kind: Literal["liveness", "readiness", "synthetic"] = "readiness"
    interval: Duration = 10.0
    failures: Annotated[int, Field(ge=1, le=20)] = 3
    successes: Annotated[int, Field(ge=1, le=20)] = 2
    error_rate: ErrorRate | None = None
    contains: str | None = None
    """Text that a good answer has in its body."""
    each: bool = False
    """Ask every instance of the service, in a lane of its own."""


class Gauge(Strict):
    """A number that runs by itself; it stays between `low` and `high`."""

    start: float = 0.0
    low: float = 0.0
    high: float | None = None


class Service(Strict):
    """A service with its state at the start and the probes that watch it; every instance has all of `each`."""

    name: Name
    title: str = ""
    reads: tuple[str, ...] = ()
    depends_on: tuple[Name, ...] = ()
    state: dict[Annotated[str, Field(pattern=f"^{PART}$")], str] = {}
    gauges: dict[Annotated[str, Field(pattern=f"^{PART}$")], Gauge] = {}
    instances: tuple[Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$")], ...] = ()
    each: dict[Annotated[str, Field(pattern=f"^{PART}$")], str] = {}
    probes: tuple[DrillProbe, ...] = ()


class Flow(Strict):
    """How a gauge runs while the conditions hold; several that hold add up."""

    gauge: Key
    when: Conditions = {}
    per_minute: float


class Tally(Strict):
    """The count a synthetic check answers with; the failing share swings around `failing` once per `period`."""

    attempts: Annotated[int, Field(ge=1)]
    failing: Ratio
    swing: Ratio = 0.0
    period: Duration = 420.0


class Rule(Strict):
    """One way an endpoint answers. `latency` is in real seconds: deadlines are not scaled in a drill.

    `gauges` adds fields to the JSON that is answered: the values of these gauges now. `text` is a page instead.
    """

    when: Conditions = {}
    status: Annotated[int, Field(ge=100, le=599)] = 200
    latency: Duration = 0.0
    body: JsonValue = Field(default=None, alias="json")
    text: str | None = None
    tally: Tally | None = None
    gauges: dict[Name, Key] = {}

    @model_validator(mode="after")
    def _one_body(self) -> Rule:
        if (self.body is not None) + (self.text is not None) + (self.tally is not None) > 1:
            raise ValueError("an answer is one of `json`, `text` and `tally`")
        return self


class Endpoint(Strict):
    """A path and its rules: the first whose condition holds answers. `self.name` is the instance's that is asked."""

    path: Path
    service: Name | None = None
    """Whose instances answer it, each at an address of its own; needed where a rule says `self`."""
    rules: Annotated[tuple[Rule, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _always_answers(self) -> Endpoint:
        if self.rules[-1].when:
            raise ValueError(f"the last rule of {self.path} must hold always: leave out its `when`")
        return self


class Word(Strict):
    """Something that somebody says to the responder."""

    source: Source
    text: Line
    who: str = ""
    fact: Fact


class Fault(Strict):
    """What happens by itself at its time, if the conditions hold then."""

    at: Duration
    when: Conditions = {}
    sets: Variables = {}
    adds: dict[Key, float] = {}
    says: Word | None = None
    side_effects: tuple[Line, ...] = ()


class Reaction(Strict):
    """What happens each time the conditions have come to hold, and have held for `after` without a break."""

    when: Annotated[Conditions, Field(min_length=1)]
    after: Duration = 0.0
    sets: Variables = {}
    adds: dict[Key, float] = {}
    says: Word | None = None
    side_effects: tuple[Line, ...] = ()


class Tool(Strict):
    """A command of the responder; each line of `usage` starts with a verb it knows."""

    usage: Annotated[tuple[Line, ...], Field(min_length=1)]

    @property
    def verbs(self) -> frozenset[str]:
        """The first word of each usage line."""
        return frozenset(line.split()[0] for line in self.usage)


class Stage(Strict):
    """A part of an action: so long after its start it prints its line and has its effect."""

    after: Duration
    says: str = ""
    sets: Variables = {}
    adds: dict[Key, float] = {}


class Action(Strict):
    """What one command does: prints its lines over `takes` incident time, and at the end of it has its effect.

    The first line comes at once and the last at the very end, the others evenly between; a single one at the end. What
    `stages` print comes in between at its time. `begins` is set at the start. The first action whose command and
    conditions fit is the one that is done.
    """

    command: Argv
    when: Conditions = {}
    takes: Duration = 0.0
    begins: Variables = {}
    stages: tuple[Stage, ...] = ()
    says: Annotated[tuple[str, ...], Field(min_length=1)]
    sets: Variables = {}
    adds: dict[Key, float] = {}
    exit_code: Annotated[int, Field(ge=0, le=255)] = Field(default=0, alias="exit")
    side_effects: tuple[Line, ...] = ()


class Otherwise(Strict):
    """What a command answers of which the scenario says nothing, instead of the usage of its tool."""

    says: Line
    exit_code: Annotated[int, Field(ge=1, le=255)] = Field(alias="exit")


class Change(Strict):
    """An entry of the change feed, if the conditions hold at its time."""

    at: Duration
    when: Conditions = {}
    id: Name
    kind: Literal["deploy", "config", "flag"]
    what: Line
    service: str = ""
    who: str = ""
    reviewed: bool | None = None
    link: str = ""
    undo: str = ""
    fact: Fact


class Inject(Word):
    """A word from outside at its time, if the conditions hold then."""

    at: Duration
    when: Conditions = {}


class Expert(Strict):
    """Somebody who knows more: asked for on the roster by this name, they say so after a while."""

    name: Line
    after: Duration
    knows: Line
    away: Line
    """What comes back instead when they cannot be had."""
    fact: Fact


class Deadline(Strict):
    """By when something must work again, for somebody outside."""

    at: Duration
    what: Line
    needs: Annotated[Conditions, Field(min_length=1)]
    fact: Fact


class Criteria(Strict):
    """When the drill is mitigated (any of these states), verified (by that probe) and may be resolved."""

    mitigated: Annotated[tuple[Conditions, ...], Field(min_length=1)]
    verified: Name
    quiet: Duration
    """How long the probe must have been up before `resolved` is true."""
    resolved: Conditions = {}
    """What else must be so before `resolved` is true."""


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


class Scenario(Strict):
    """The whole file. T0 is `lead` after the clock of the drill starts."""

    version: Literal[1]
    id: Name
    title: Line
    summary: Line
    """One sentence for a list of drills."""
    learn: tuple[Line, ...] = ()
    """What it teaches, told in the debrief."""
    differs: tuple[Line, ...] = ()
    """Of a drill from a record: what in it is not as it was then."""
    runbook: Name | None = None
    """The runbook that goes with it."""
    t0: Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    lead: Duration
    lasts: Duration
    """The longest it is played; doing nothing until then resolves nothing."""
    relief: Annotated[Duration, Field(gt=0)] = 4 * 3600.0
    """How long somebody leads before relief is thought of, on the screen and in the debrief."""
    freeze_scopes: tuple[Name, ...] = ()
    """What the pipelines of this world ask the published freeze about; none for anything that is frozen."""
    modifiers: tuple[Modifier, ...] = ()
    """What was made harder in this copy of the scenario."""
    services: Annotated[tuple[Service, ...], Field(min_length=1)]
    faults: tuple[Fault, ...]
    reactions: tuple[Reaction, ...] = ()
    flows: tuple[Flow, ...] = ()
    endpoints: Annotated[tuple[Endpoint, ...], Field(min_length=1)]
    tools: dict[Name, Tool] = {}
    actions: tuple[Action, ...] = ()
    otherwise: Otherwise | None = None
    changes: tuple[Change, ...] = ()
    injects: tuple[Inject, ...] = ()
    experts: tuple[Expert, ...] = ()
    deadline: Deadline | None = None
    criteria: Criteria
    story: tuple[Beat, ...] = ()
    """The original team's moves."""
    plays: dict[Name, Play]

    @property
    def start(self) -> Variables:
        """Every variable with its value at the start."""
        own = {f"{service.name}.{name}": value for service in self.services for name, value in service.state.items()}
        of_instances = {
            f"{service.name}/{instance}.{name}": value
            for service in self.services
            for instance in service.instances
            for name, value in service.each.items()
        }
        return own | of_instances | {FREEZE: "none"}

    @property
    def gauges(self) -> dict[str, Gauge]:
        """Every gauge by its key."""
        return {f"{service.name}.{name}": gauge for service in self.services for name, gauge in service.gauges.items()}
