"""The incident's own course: declared, judged, worked on, resolved."""

from __future__ import annotations

import msgspec

from cockpit.incident.event import AnyBody, Erased, Event
from cockpit.incident.vocabulary import (
    ImpactChanged,
    IncidentDeclared,
    IncidentRecalled,
    IncidentResolved,
    Past,
    Severity,
    SeverityChanged,
    Status,
    StatusChanged,
)

ERASED = "(erased)"


class Lifecycle(msgspec.Struct, frozen=True):
    """What is said of the incident as a whole; times in microseconds, 0 for not yet. `recalled` are those like it."""

    title: str = ""
    severity: Severity = "SEV3"
    status: Status = "investigating"
    impact: str = ""
    unaffected: tuple[str, ...] = ()
    drill: str = ""
    began: int = 0
    declared: int = 0
    declared_by: str = ""
    resolved: int = 0
    recalled: tuple[Past, ...] = ()

    @property
    def open(self) -> bool:
        """Whether it has been declared and not yet resolved."""
        return bool(self.declared) and not self.resolved


MOVED_BY: frozenset[type[AnyBody]] = frozenset(
    (
        IncidentDeclared, Erased, StatusChanged, SeverityChanged, ImpactChanged, IncidentRecalled, IncidentResolved,
    )
)  # fmt: skip
"""Whatever else happens leaves this state as it is."""


def reduce(state: Lifecycle, event: Event) -> Lifecycle:
    """The state after this event."""
    match event.body:
        case IncidentDeclared() as said:
            return Lifecycle(
                title=said.title,
                severity=said.severity,
                impact=said.impact,
                drill=said.drill,
                began=said.began or event.occurred_at,
                declared=event.occurred_at,
                declared_by=event.actor,
            )
        case Erased(kind=IncidentDeclared.kind):
            # What it said is gone; that it happened is not.
            at = event.occurred_at
            return Lifecycle(title=ERASED, began=at, declared=at, declared_by=event.actor)
        case Erased(kind=IncidentResolved.kind):
            return _resolved(state, event)
        case StatusChanged(status=status):
            return msgspec.structs.replace(state, status=status)
        case SeverityChanged(severity=severity):
            return msgspec.structs.replace(state, severity=severity)
        case ImpactChanged(impact=impact, unaffected=unaffected):
            return msgspec.structs.replace(state, impact=impact, unaffected=unaffected)
        case IncidentRecalled(past=past):
            return msgspec.structs.replace(state, recalled=(*state.recalled, past))
        case IncidentResolved():
            return _resolved(state, event)
    return state


def _resolved(state: Lifecycle, event: Event) -> Lifecycle:
    return msgspec.structs.replace(state, status="resolved", resolved=event.occurred_at)
