"""From the events of an incident to a scenario that plays it again. Pure.

Commands that change something answer in the order in which they were recorded, and those that only read answer where
they were recorded between them. What followed from a change follows from it again; whatever else is asked for was not
recorded, says so, and does nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import ValidationError

from cockpit.clock import SECOND, moment
from cockpit.config.probes import HttpProbeConfig
from cockpit.drills.model.parts import Otherwise
from cockpit.drills.model.scenario import Scenario
from cockpit.drills.recorded import judging, telling
from cockpit.drills.recorded.books import books
from cockpit.drills.recorded.commands import actions, ran, tools
from cockpit.drills.recorded.differing import differences
from cockpit.drills.recorded.moves import moves
from cockpit.drills.recorded.naming import Clockface, shortened
from cockpit.drills.recorded.probing import Probes
from cockpit.drills.recorded.readings import Lane, lanes
from cockpit.drills.recorded.unplayable import Unplayable
from cockpit.incident.event import Event
from cockpit.incident.vocabulary import ChangeSeen, IncidentDeclared

LEAD = 120.0
AFTER = 600.0
"""Seconds before T0 with which the drill begins, and after the last event until it ends."""
NOT_RECORDED = 86
"""The exit code of a command that was not recorded."""


@dataclass(frozen=True)
class Derived:
    """A scenario with the runbooks it needs, as texts by the names of their files."""

    scenario: Scenario
    runbooks: Mapping[str, str]


def derive(events: Sequence[Event], known: Mapping[str, HttpProbeConfig] | None = None) -> Derived:
    """The drill; `known` are the probes of the incident's config by name. Unplayable with every reason against it."""
    declared = next((event for event in events if isinstance(event.body, IncidentDeclared)), None)
    heard = lanes(events)
    reasons = [] if declared is not None else ["nothing was declared"]
    reasons += [] if heard else ["no probe was recorded"]
    if declared is None or reasons:
        raise Unplayable(reasons)
    try:
        return _derived(events, declared, heard, known or {})
    except ValidationError as error:
        raise Unplayable([f"{_place(one['loc'])}: {one['msg']}" for one in error.errors()]) from error


def _place(loc: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in loc) or "the scenario"


def _derived(
    events: Sequence[Event], declared: Event, heard: Sequence[Lane], known: Mapping[str, HttpProbeConfig]
) -> Derived:
    body = declared.body
    assert isinstance(body, IncidentDeclared)
    clock = Clockface(_t0(events, declared, body))
    shelf = books(events)
    commands = ran(events, shelf)
    probes = Probes(heard, known, clock)
    scenario = Scenario(
        version=1,
        id=f"from-{declared.stream.lower()}",
        title=shortened(body.title, telling.LONGEST),
        summary=f"{declared.stream} of {moment(declared.occurred_at):%Y-%m-%d}, as it was recorded",
        differs=differences(events, shelf, commands, clock),
        runbook=shelf.first,
        t0=f"{moment(clock.t0):%H:%M}",
        lead=LEAD,
        lasts=float(math.ceil(clock.at(events[-1].occurred_at) + AFTER)),
        services=probes.services(),
        faults=probes.faults(commands),
        reactions=probes.reactions(commands),
        endpoints=probes.endpoints(),
        tools=tools(commands, shelf),
        actions=actions(commands, probes.position),
        otherwise=Otherwise(says="not recorded, so nobody knows what it would do", exit=NOT_RECORDED),
        changes=telling.changes(events, clock, {service.name for service in probes.services()}),
        injects=telling.words(events, clock),
        criteria=judging.criteria(probes, shelf),
        story=telling.story(events, clock),
        plays={"recorded": judging.play(events, moves(events, shelf, clock), probes, shelf, clock)},
    )
    return Derived(scenario, shelf.texts)


def _t0(events: Sequence[Event], declared: Event, body: IncidentDeclared) -> int:
    """The whole minute before the first thing that matters."""
    known = [event.occurred_at for event in events if isinstance(event.body, ChangeSeen)]
    # A probe that turned at the very minute was well before it.
    first = min([declared.occurred_at, *([body.began - 1] if body.began else []), *known])
    return first - first % (60 * SECOND)
