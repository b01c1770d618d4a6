"""The report of an incident: one document, from which everything readable is rendered."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime

from cockpit.config.fields import Strict

Result = Literal["running", "ok", "failed", "stopped", "never_ran", "unknown"]
Helped = Literal["pass", "no_effect", "better", "worse", "inconclusive", "not_verified"]


class Header(Strict):
    """Which incident this is; every time in the document is in `zone`."""

    id: str
    title: str
    kind: Literal["real", "drill"]
    drill: str
    severity: str
    status: str
    declared_by: str
    lead: str
    zone: Literal["UTC"] = "UTC"
    generated_at: AwareDatetime


class ProbeImpact(Strict):
    """What one probe measured; rates are from 0 to 1."""

    probe: str
    peak: float | None
    impact_minutes: float


class Impact(Strict):
    """Who was hit and how badly; impact-minutes are the integral of the worst error rate."""

    text: str
    unaffected: tuple[str, ...]
    peak: float | None
    impact_minutes: float
    probes: tuple[ProbeImpact, ...]


class Entry(Strict):
    """One line of the timeline; `seq` is the event it came from."""

    time: AwareDatetime
    kind: str
    actor: str
    text: str
    seq: int


class Interval(Strict):
    """The time between two named moments; no minutes when their order is impossible."""

    start: str
    end: str
    started_at: AwareDatetime
    ended_at: AwareDatetime
    minutes: float | None


class Tried(Strict):
    """One command that was confirmed, what came of it, and whether it helped; rates are from 0 to 1."""

    time: AwareDatetime
    step: str
    title: str
    command: str
    undo: bool
    actor: str
    result: Result
    exit_code: int | None
    seconds: float | None
    helped: Helped | None
    before: float | None
    after: float | None
    rolled_back: bool


class Decision(Strict):
    """What was decided, and what was turned down."""

    time: AwareDatetime
    step: str
    chosen: str
    rejected: tuple[str, ...]
    why: str
    actor: str


class Change(Strict):
    """A change made shortly before or during the incident."""

    time: AwareDatetime
    id: str
    what: str
    source: str
    service: str
    who: str
    reviewed: bool | None
    link: str
    undo: str


class Update(Strict):
    """One status update and where it arrived."""

    time: AwareDatetime
    by: str
    automatic: bool
    text: str
    next_due: AwareDatetime | None
    delivered: tuple[str, ...]
    undelivered: tuple[str, ...]


class MissedUpdate(Strict):
    """An update that was due; `came` is when the next one did come, if it did."""

    due: AwareDatetime
    came: AwareDatetime | None
    minutes_late: float


class Communications(Strict):
    """What was told, and what should have been."""

    updates: tuple[Update, ...]
    missed: tuple[MissedUpdate, ...]


class Person(Strict):
    """Somebody who was asked to stay."""

    name: str
    role: str
    reason: str
    joined: AwareDatetime
    released: AwareDatetime | None


class Doubt(Strict):
    """Something a reader should know about the record itself."""

    rule: Literal["gap", "order", "unverified", "resolved_before_verified", "resolved_against", "erased", "unknown"]
    text: str
    time: AwareDatetime


class Report(Strict):
    """The whole document."""

    version: Literal[1] = 1
    header: Header
    impact: Impact
    timeline: tuple[Entry, ...]
    intervals: tuple[Interval, ...]
    tried: tuple[Tried, ...]
    decisions: tuple[Decision, ...]
    changes: tuple[Change, ...]
    communications: Communications
    roster: tuple[Person, ...]
    data_quality: tuple[Doubt, ...]
