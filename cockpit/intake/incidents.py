"""The shape in which PagerDuty tells of its incidents. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from cockpit.clock import hhmm
from cockpit.incident.vocabulary import AlertSeen
from cockpit.intake.moments import micros
from cockpit.intake.shape import link, name_of, text
from cockpit.intake.source import UNREADABLE
from cockpit.text import SafeText


class Reference(msgspec.Struct, frozen=True):
    """A user, service, policy or priority, with its name in words."""

    id: str
    summary: str | None = None


class Acknowledgement(msgspec.Struct, frozen=True):
    acknowledger: Reference


class Assignment(msgspec.Struct, frozen=True):
    assignee: Reference


class Pending(msgspec.Struct, frozen=True):
    """What PagerDuty will do by itself, and when: `unacknowledge` brings an incident back."""

    type: str
    at: str = ""


class Incident(msgspec.Struct, frozen=True):
    """One open incident of PagerDuty."""

    id: str
    status: str
    title: str | None = None
    summary: str | None = None
    urgency: str | None = None
    created_at: str = ""
    html_url: str | None = None
    service: Reference | None = None
    priority: Reference | None = None
    escalation_policy: Reference | None = None
    acknowledgements: tuple[Acknowledgement, ...] = ()
    assignments: tuple[Assignment, ...] = ()
    pending_actions: tuple[Pending, ...] = ()


class Page(msgspec.Struct, frozen=True):
    """A part of the list. `total` is how many there are in all, of whatever page."""

    incidents: tuple[msgspec.Raw, ...]
    more: bool = False
    total: int | None = None


class OnCall(msgspec.Struct, frozen=True):
    user: Reference
    escalation_level: int


class OnCalls(msgspec.Struct, frozen=True):
    """Who is on call at which level of a policy."""

    oncalls: tuple[OnCall, ...]


class _Fault(msgspec.Struct):
    message: str = ""
    errors: list[str] | str = []


class _Faulty(msgspec.Struct):
    error: _Fault


def seen(source: str, incident: Incident) -> AlertSeen:
    """The incident in our words. PagerDuty calls a snoozed one acknowledged, until a moment it tells."""
    acknowledged = incident.status == "acknowledged"
    who = ", ".join(dict.fromkeys(said(each.acknowledger) for each in incident.acknowledgements))
    assigned = ", ".join(dict.fromkeys(said(each.assignee) for each in incident.assignments))
    return AlertSeen(
        alert=name_of(source, incident.id),
        source=source,
        title=text(incident.title or incident.summary or incident.id),
        severity=text(said(incident.priority) or incident.urgency or ""),
        service=text(said(incident.service)),
        started=micros(incident.created_at),
        state="acknowledged" if acknowledged else "firing",
        who=text(who) if acknowledged else SafeText(""),
        link=link(incident.html_url or ""),
        detail=text("; ".join(part for part in (f"with {assigned}" if assigned else "", _back(incident)) if part)),
    )


def said(reference: Reference | None) -> str:
    """The name in words, else the id."""
    return "" if reference is None else reference.summary or reference.id


def _back(incident: Incident) -> str:
    moments = [micros(each.at) for each in incident.pending_actions if each.type == "unacknowledge"]
    first = min(moments, default=0)
    return f"comes back at {hhmm(first)}Z" if first else ""


def next_level(incident: Incident, oncalls: Sequence[OnCall]) -> int | None:
    """The level above that of whoever the incident is with now; None when that is not known, or it is the last."""
    holders = {each.assignee.id for each in incident.assignments}
    current = min((each.escalation_level for each in oncalls if each.user.id in holders), default=None)
    if current is None:
        return None
    return min((each.escalation_level for each in oncalls if each.escalation_level > current), default=None)


def fault(body: bytes) -> str:
    """What an error of the API says."""
    try:
        error = msgspec.json.decode(body, type=_Faulty).error
    except UNREADABLE:
        return ""
    errors = [error.errors] if isinstance(error.errors, str) else error.errors
    return "; ".join(part for part in (error.message, *errors) if part)
