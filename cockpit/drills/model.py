"""What a scenario may say, version 1: a small world, what goes wrong in it, and who has played it how."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, JsonValue, model_validator

from cockpit.config.fields import Duration, Line, Name, Ratio, Strict
from cockpit.config.rates import ErrorRate

Fact = Literal["original", "invented"]
"""Whether a thing is known from the published incident, or was made up to make the drill playable."""

Axis = Literal["impact_start", "detected", "declared", "first_update", "mitigated", "verified", "resolved"]
"""The moments a drill is measured by, in the order a good response passes them."""

Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*\.[a-z][a-z0-9_-]*$")]
"""A state variable, as `service.variable`."""

Variables = dict[Key, str]
"""Values of state variables; as a condition, all of them must hold."""

Argv = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)]
Path = Annotated[str, Field(pattern=r"^/[a-z0-9/_-]+$")]


class DrillProbe(Strict):
    """A probe of the cockpit under drill, asking one of the scenario's endpoints."""

    name: Name
    path: Path
    kind: Literal["liveness", "readiness", "synthetic"] = "readiness"
    interval: Duration = 10.0
    failures: Annotated[int, Field(ge=1, le=20)] = 3
    successes: Annotated[int, Field(ge=1, le=20)] = 2
    error_rate: ErrorRate | None = None


class Service(Strict):
    """A service with its state at the start and the probes that watch it."""

    name: Name
    title: str = ""
    reads: tuple[str, ...] = ()
    state: dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")], str] = {}
    probes: tuple[DrillProbe, ...] = ()


class Tally(Strict):
    """The count a synthetic check answers with; the failing share swings around `failing` once per `period`."""

    attempts: Annotated[int, Field(ge=1)]
    failing: Ratio
    swing: Ratio = 0.0
    period: Duration = 420.0


class Rule(Strict):
    """One way an endpoint answers. `latency` is in real seconds: deadlines are not scaled in a drill."""

    when: Variables = {}
    status: Annotated[int, Field(ge=100, le=599)] = 200
    latency: Duration = 0.0
    body: JsonValue = Field(default=None, alias="json")
    tally: Tally | None = None


class Endpoint(Strict):
    """A path and its rules: the first whose condition holds answers."""

    path: Path
    rules: Annotated[tuple[Rule, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _always_answers(self) -> Endpoint:
        if self.rules[-1].when:
            raise ValueError(f"the last rule of {self.path} must hold always: leave out its `when`")
        return self


class Fault(Strict):
    """What goes wrong by itself, counted from T0."""

    at: Duration
    sets: Variables


class Tool(Strict):
    """A command of the responder; each line of `usage` starts with a verb it knows."""

    usage: Annotated[tuple[Line, ...], Field(min_length=1)]

    @property
    def verbs(self) -> frozenset[str]:
        """The first word of each usage line."""
        return frozenset(line.split()[0] for line in self.usage)


class Action(Strict):
    """What one command does: prints its lines over `takes` incident time, and at the end of it sets variables."""

    command: Argv
    when: Variables = {}
    takes: Duration = 0.0
    says: Annotated[tuple[str, ...], Field(min_length=1)]
    sets: Variables = {}
    exit_code: Annotated[int, Field(ge=0, le=255)] = Field(default=0, alias="exit")
    side_effects: tuple[Line, ...] = ()


class Change(Strict):
    """An entry of the change feed."""

    at: Duration
    id: Name
    kind: Literal["deploy", "config", "flag"]
    what: Line
    service: str = ""
    who: str = ""
    reviewed: bool | None = None
    link: str = ""
    undo: str = ""
    fact: Fact


class Inject(Strict):
    """A word from outside, as it reaches the responder."""

    at: Duration
    source: Literal["page", "chat"]
    text: Line
    fact: Fact


class Criteria(Strict):
    """When the drill is mitigated (any of these states), verified (by that probe) and may be resolved."""

    mitigated: Annotated[tuple[Variables, ...], Field(min_length=1)]
    verified: Name
    quiet: Duration
    """How long the probe must have been up before `resolved` is true."""


class Mark(Strict):
    """The minute after T0 at which a play passes an axis."""

    minute: Annotated[float, Field(ge=0)]
    fact: Fact


class When(Strict):
    """A condition on what the responder sees; everything named must hold.

    `minute` counts from T0. `steps` wants the word shown beside a step, `offered` an offer for that step.
    """

    minute: float = 0.0
    down: tuple[Name, ...] = ()
    up: tuple[Name, ...] = ()
    open: bool | None = None
    offered: str = ""
    steps: dict[str, str] = {}
    finished: bool | None = None


class Move(Strict):
    """One move of a recorded responder: a protocol command by name, or a command typed into their own shell.

    It is stuck when its condition has not come `within` that time after the move before.
    """

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


class Play(Strict):
    """A recorded responder. It ends after its last move, and not before the minute `until`."""

    title: Line
    marks: dict[Axis, Mark] = {}
    moves: tuple[Move, ...]
    until: Annotated[float, Field(ge=0)] = 0.0


class Scenario(Strict):
    """The whole file. T0 is `lead` after the clock of the drill starts."""

    version: Literal[1]
    id: Name
    title: Line
    t0: Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    lead: Duration
    services: Annotated[tuple[Service, ...], Field(min_length=1)]
    faults: tuple[Fault, ...]
    endpoints: Annotated[tuple[Endpoint, ...], Field(min_length=1)]
    tools: dict[Name, Tool] = {}
    actions: tuple[Action, ...] = ()
    changes: tuple[Change, ...] = ()
    injects: tuple[Inject, ...] = ()
    criteria: Criteria
    plays: dict[Name, Play]

    @property
    def start(self) -> Variables:
        """Every state variable with its value at the start."""
        return {f"{service.name}.{name}": value for service in self.services for name, value in service.state.items()}

    @model_validator(mode="after")
    def _holds_together(self) -> Scenario:
        problems = [*self._unknown_variables(), *self._unknown_names()]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _unknown_variables(self) -> list[str]:
        used: set[str] = set()
        for fault in self.faults:
            used |= fault.sets.keys()
        for endpoint in self.endpoints:
            for rule in endpoint.rules:
                used |= rule.when.keys()
        for action in self.actions:
            used |= action.when.keys() | action.sets.keys()
        for state in self.criteria.mitigated:
            used |= state.keys()
        return [f"no service has the variable {key}" for key in sorted(used - self.start.keys())]

    def _unknown_names(self) -> list[str]:
        paths = {endpoint.path for endpoint in self.endpoints}
        probes = {probe.name: probe.path for service in self.services for probe in service.probes}
        problems = [
            f"no endpoint answers {path}, asked by {name}" for name, path in probes.items() if path not in paths
        ]
        tools = {action.command[0] for action in self.actions} - self.tools.keys()
        problems += [f"an action names {tool}, which is not among the tools" for tool in sorted(tools)]
        if self.criteria.verified not in probes:
            problems.append(f"no service has the probe {self.criteria.verified}")
        return problems
