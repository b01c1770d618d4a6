"""The report of an incident: one document, from which everything readable is rendered."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime

from cockpit.config.fields import Strict

Result = Literal["running", "ok", "failed", "stopped", "never_ran", "unknown"]
Helped = Literal["pass", "no_effect", "better", "worse", "inconclusive", "not_verified"]
Outcome = Literal["ok", "failed", "no_effect", "partial", "unknown"]
"""What came of something that was tried, in the words of the timeline."""
Precision = Literal["second", "minute", "day", "none"]
"""How exactly a time is known; `none` goes with no time at all."""
Reckoned = Literal["minutes", "partly", "turns"]
Placeholder = Literal["date", "zone", "clock"]
ActionState = Literal["open", "done", "rejected", "dismissed", "never_done", "superseded"]
ActionType = Literal["prevent", "detect", "mitigate", "process", "repair", "investigate"]


class Header(Strict):
    """Which incident this is; every time in the document is in `zone`."""

    id: str
    title: str
    kind: Literal["real", "drill", "imported"]
    drill: str
    severity: str
    status: str
    declared_by: str
    lead: str
    zone: str = "UTC"
    authors: tuple[str, ...] = ()
    placeholders: tuple[Placeholder, ...] = ()
    """What of its times no source tells: it is invented, so that minutes can be computed."""
    generated_at: AwareDatetime


class ProbeImpact(Strict):
    """What one lane of a probe measured; rates are from 0 to 1.

    It was red from `first_red` until `recovered`, which is None while it still is: so pools and instances show one
    by one when they came back.
    """

    probe: str
    service: str = ""
    peak: float | None
    impact_minutes: float
    first_red: AwareDatetime | None = None
    recovered: AwareDatetime | None = None


class Impact(Strict):
    """Who was hit and how badly; impact-minutes are the integral of the worst error rate, None where nothing measured.

    `reckoned` says of which rates: of those of each whole minute, of those told when a probe turned, which then hold
    until the next is known, or partly of each, where minutes were not kept. None where no probe was bad.
    `lingering` is what had not come back when the incident was closed; what people add to it is in `human`.
    """

    text: str
    unaffected: tuple[str, ...]
    lingering: tuple[str, ...] = ()
    peak: float | None
    impact_minutes: float | None
    reckoned: Reckoned | None = None
    probes: tuple[ProbeImpact, ...]


class Entry(Strict):
    """One line of the timeline; `seq` is the event it came from, None where no journal has it.

    `stated` is the time as it was written where it could not be taken at its word. `line` is where it stands in an
    imported file.
    """

    time: AwareDatetime | None
    precision: Precision = "second"
    stated: str = ""
    kind: str
    actor: str
    text: str
    result: Outcome | None = None
    evidence: str = ""
    seq: int | None = None
    line: int | None = None


class Turn(Strict):
    """A probe is in a state from `time` on, with the error rate measured when it was noticed."""

    time: AwareDatetime
    state: Literal["unknown", "up", "degraded", "down"]
    rate: float | None = None


class Point(Strict):
    """What was measured in the minute, or at the moment, of `time`: a rate from 0 to 1 over so many samples."""

    time: AwareDatetime
    rate: float
    samples: int = 0


class Series(Strict):
    """The course of one lane: its states as an event tells each, and its error rate for a chart."""

    probe: str
    service: str = ""
    turns: tuple[Turn, ...] = ()
    points: tuple[Point, ...] = ()


class Interval(Strict):
    """The time between two named moments; no minutes when their order is impossible."""

    start: str
    end: str
    started_at: AwareDatetime
    ended_at: AwareDatetime
    minutes: float | None


class Promise(Strict):
    """When recovery was promised, and when it came; minutes off are negative when it came early."""

    made: AwareDatetime
    by: str
    eta: AwareDatetime
    actual: AwareDatetime | None
    minutes_off: float | None


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


class Handoff(Strict):
    """A role that went from one person to another."""

    time: AwareDatetime
    role: str
    giver: str
    taker: str


class Action(Strict):
    """Something to be done so that this does not happen again, and what became of it.

    Every state but `open` says by whom it was decided; `rejected`, `dismissed` and `never_done` say why too.
    """

    id: str
    type: ActionType
    text: str
    owner: str = ""
    state: ActionState = "open"
    by: str = ""
    why: str = ""
    link: str = ""


class Human(Strict):
    """What only people can say. It is kept when the report is written again."""

    summary: str = ""
    trigger: str = ""
    contributing_factors: tuple[str, ...] = ()
    surprised: str = ""
    lingering: tuple[str, ...] = ()
    went_well: tuple[str, ...] = ()
    went_badly: tuple[str, ...] = ()
    lucky: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()
    authors: tuple[str, ...] = ()
    stated_duration: str = ""
    """How long it took as people said, such as `3h30m` or `two hours`: held against what is computed."""


DoubtRule = Literal[
    "gap", "order", "unverified", "resolved_before_verified", "resolved_against", "erased", "unknown",
    "unparsable_time", "impossible_time", "backwards", "missing_zone", "missing_date", "duration_mismatch",
    "zone_conflict", "empty_section", "no_evidence", "counterfactual", "action_without_owner",
]  # fmt: skip


class Doubt(Strict):
    """Something a reader should know about the record itself; `line` is where it stands in an imported file."""

    rule: DoubtRule
    text: str
    time: AwareDatetime | None = None
    line: int | None = None
    mend: str = ""


class Report(Strict):
    """The whole document."""

    version: Literal[1] = 1
    header: Header
    human: Human = Human()
    impact: Impact
    timeline: tuple[Entry, ...]
    intervals: tuple[Interval, ...]
    promises: tuple[Promise, ...] = ()
    tried: tuple[Tried, ...]
    decisions: tuple[Decision, ...]
    changes: tuple[Change, ...]
    communications: Communications
    roster: tuple[Person, ...]
    handoffs: tuple[Handoff, ...] = ()
    series: tuple[Series, ...] = ()
    data_quality: tuple[Doubt, ...]
