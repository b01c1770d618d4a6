"""A scenario as a whole."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from cockpit.config.fields import Line, Name, Strict
from cockpit.drills.harder import Modifier
from cockpit.drills.model.parts import (
    Action,
    Change,
    Criteria,
    Deadline,
    Endpoint,
    Expert,
    Fault,
    Flow,
    Gauge,
    Inject,
    Otherwise,
    Reaction,
    Service,
    Tool,
)
from cockpit.drills.model.plays import Beat, Play
from cockpit.drills.model.values import FREEZE, Duration, Variables


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
