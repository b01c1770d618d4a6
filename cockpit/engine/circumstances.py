"""What a decision may look at, and how it says no."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from cockpit.config.broadcasting import Cadence
from cockpit.incident.event import Event
from cockpit.incident.runs import Included
from cockpit.incident.vocabulary import Figures, ProbeState
from cockpit.incident.watching import Watching
from cockpit.runbooks.plan import Plan

RefusalCode = Literal["stale", "invalid", "not_offered", "unmet", "untrusted", "storage", "fault"]


class Refusal(Exception):
    """The command is not carried out: a code for the program, a text for the person."""

    def __init__(self, code: RefusalCode, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


@dataclass(frozen=True)
class Offered:
    """A runbook that was read for `StartRun`: the very text, its digest and what it plans."""

    runbook: str
    title: str
    digest: str
    source: str
    path: str
    plan: Plan
    included: tuple[Included, ...] = ()
    took_over: str = ""


@dataclass(frozen=True)
class Circumstances:
    """All that a decision may look at beside the state itself; `names` are those of lanes, and of probes with many.

    `present` are the people attached now; in `objection` seconds others may object to a confirmed command.
    `waiting` are the updates that nobody was told yet, `people` those whom the chat can call.
    `whole` is by probe how the worst of its lanes stands, `steady` since when those that are up have been so.
    """

    actor: str
    now: int
    new_id: str
    watching: Watching
    figures: Mapping[str, Figures]
    cadence: Cadence
    plans: Mapping[str, Plan]
    probes: Mapping[str, ProbeState]
    names: Collection[str] = ()
    recent: Sequence[Event] = ()
    drill: str = ""
    offered: Offered | None = None
    destinations: Collection[str] = ()
    waiting: Collection[str] = ()
    people: Collection[str] = ()
    present: frozenset[str] = frozenset()
    objection: float = 0.0
    whole: Mapping[str, ProbeState] = field(default_factory=dict)
    steady: Mapping[str, int] = field(default_factory=dict)
