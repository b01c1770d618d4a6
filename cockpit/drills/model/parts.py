"""The world of a scenario: its services, what goes wrong by itself, what commands do, and who says what."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, JsonValue, model_validator

from cockpit.config.fields import Line, Name, Ratio, Strict
from cockpit.config.rates import ErrorRate
from cockpit.drills.model.values import PART, Argv, Conditions, Duration, Fact, Key, Path, Source, Variables


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
