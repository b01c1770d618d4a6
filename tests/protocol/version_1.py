"""What a client of protocol version 1 reads, as that version had it. Never to be changed."""

from __future__ import annotations

from typing import Literal

import msgspec

from cockpit.text import SafeText

Tone = Literal["plain", "muted", "good", "warn", "bad", "act"]

EMPTY = SafeText("")

FAILED = -1

MISSING = -2


class HeaderView(msgspec.Struct, frozen=True, tag="header"):
    stream: str
    head: int
    open: bool
    profile: SafeText
    title: SafeText = EMPTY
    severity: str = ""
    status: str = ""
    lead: SafeText = EMPTY
    began: int = 0
    ended: int = 0
    next_due: int = 0
    delivery: SafeText = EMPTY
    delivery_tone: Tone = "muted"
    drill: SafeText = EMPTY
    alarms: tuple[SafeText, ...] = ()
    freeze: SafeText = EMPTY
    freeze_until: int = 0


class ServiceView(msgspec.Struct, frozen=True):
    probe: SafeText
    service: SafeText
    state: Literal["unknown", "up", "degraded", "down"]
    since: int
    checked: int
    interval: float
    stale: bool
    verdict: SafeText
    overlay: SafeText = EMPTY
    suspect: SafeText = EMPTY
    error_rate: float | None = None
    p50_ms: float | None = None
    p95_ms: float | None = None
    spark: tuple[int, ...] = ()
    instance: SafeText = EMPTY
    diagnosis: SafeText = EMPTY
    measured: int = 0
    requests: float | None = None
    backoff_until: int = 0


class AlertView(msgspec.Struct, frozen=True):
    alert: str
    source: SafeText
    title: SafeText
    state: Literal["firing", "acknowledged", "snoozed", "over"]
    severity: SafeText = EMPTY
    service: SafeText = EMPTY
    started: int = 0
    learnt: int = 0
    ended: int = 0
    who: SafeText = EMPTY
    link: SafeText = EMPTY
    detail: SafeText = EMPTY
    actions: tuple[Literal["acknowledge", "escalate", "snooze"], ...] = ()


class AlertsView(msgspec.Struct, frozen=True, tag="alerts"):
    alerts: tuple[AlertView, ...] = ()


class ServicesView(msgspec.Struct, frozen=True, tag="services"):
    services: tuple[ServiceView, ...] = ()


class StepView(msgspec.Struct, frozen=True):
    id: str
    number: str
    title: SafeText
    word: SafeText
    tone: Tone
    effect: Literal["read", "write", "destructive"]
    active: bool = False
    command: SafeText = EMPTY
    words: SafeText = EMPTY
    undo: SafeText = EMPTY
    since: int = 0
    until: int = 0


class Option(msgspec.Struct, frozen=True):
    id: str
    title: SafeText


class Offer(msgspec.Struct, frozen=True):
    action: Literal["run", "done", "choose", "skip", "undo", "settle", "stop", "end"]
    step: str = ""
    title: SafeText = EMPTY
    said: SafeText = EMPTY
    attempt: str = ""
    command: SafeText = EMPTY
    consequence: SafeText = EMPTY
    undo: SafeText = EMPTY
    digest: str = ""
    typed: SafeText = EMPTY
    env: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    waits: bool = False


class RunView(msgspec.Struct, frozen=True, tag="run"):
    run: str = ""
    title: SafeText = EMPTY
    outcome: SafeText = EMPTY
    steps: tuple[StepView, ...] = ()
    offers: tuple[Offer, ...] = ()
    undo_depth: int = 0
    attempt: str = ""


class OutputView(msgspec.Struct, frozen=True, tag="output"):
    attempt: str
    total: int
    text: SafeText


class BroadcastView(msgspec.Struct, frozen=True, tag="broadcast"):
    preview: SafeText = EMPTY
    route: SafeText = EMPTY
    queued: int = 0
    posted: int = 0
    delivered_at: int = 0
    next_due: int = 0
    draft_know: SafeText = EMPTY
    draft_doing: SafeText = EMPTY
    draft_unknown: SafeText = EMPTY


class PersonView(msgspec.Struct, frozen=True):
    name: SafeText
    reason: SafeText
    needed: bool


class PeopleView(msgspec.Struct, frozen=True, tag="people"):
    people: tuple[PersonView, ...] = ()


Pane = HeaderView | ServicesView | AlertsView | RunView | OutputView | BroadcastView | PeopleView


class Row(msgspec.Struct, frozen=True):
    seq: int
    at: int
    kind: SafeText
    text: SafeText
    tone: Tone
    actor: SafeText
    data: msgspec.Raw = msgspec.Raw(b"null")


class RunbookView(msgspec.Struct, frozen=True):
    id: str
    title: SafeText
    service: SafeText
    path: SafeText
    digest: str
    trusted: bool
    problems: tuple[SafeText, ...] = ()
    source: tuple[SafeText, ...] = ()


class LinkView(msgspec.Struct, frozen=True):
    name: SafeText
    url: SafeText


class FactView(msgspec.Struct, frozen=True):
    label: SafeText
    text: SafeText
    tone: Tone = "plain"


class CardView(msgspec.Struct, frozen=True, tag="card"):
    probe: SafeText
    service: SafeText
    state: Literal["unknown", "up", "degraded", "down"]
    owner: SafeText = EMPTY
    escalation: tuple[SafeText, ...] = ()
    links: tuple[LinkView, ...] = ()
    verdict: SafeText = EMPTY
    diagnosis: SafeText = EMPTY
    facts: tuple[FactView, ...] = ()
    suspects: tuple[SafeText, ...] = ()
    effects: tuple[SafeText, ...] = ()


class ChangeView(msgspec.Struct, frozen=True):
    change: str
    at: int
    what: SafeText
    source: SafeText
    service: SafeText = EMPTY
    who: SafeText = EMPTY
    reviewed: bool | None = None
    link: SafeText = EMPTY
    undo: SafeText = EMPTY
    effect: SafeText = EMPTY
    breach: bool = False


class JobView(msgspec.Struct, frozen=True):
    source: str
    job: str
    what: SafeText
    state: Literal["waiting", "running"]
    since: int = 0
    who: SafeText = EMPTY
    link: SafeText = EMPTY
    command: SafeText = EMPTY


class ChangesView(msgspec.Struct, frozen=True, tag="changes"):
    changes: tuple[ChangeView, ...] = ()
    jobs: tuple[JobView, ...] = ()
    problems: tuple[SafeText, ...] = ()


class OverrideView(msgspec.Struct, frozen=True):
    what: SafeText
    reason: SafeText


class BreachView(msgspec.Struct, frozen=True):
    change: str
    what: SafeText
    who: SafeText = EMPTY


class OutletView(msgspec.Struct, frozen=True):
    name: SafeText
    published: int = 0
    problem: SafeText = EMPTY


class FreezeView(msgspec.Struct, frozen=True, tag="freeze"):
    frozen: bool = False
    scope: tuple[SafeText, ...] = ()
    reason: SafeText = EMPTY
    by: SafeText = EMPTY
    since: int = 0
    until: int = 0
    overrides: tuple[OverrideView, ...] = ()
    breaches: tuple[BreachView, ...] = ()
    outlets: tuple[OutletView, ...] = ()
    scopes: tuple[SafeText, ...] = ()
    now: int = 0


class Hello(msgspec.Struct, frozen=True, tag="hello"):
    versions: tuple[int, ...]
    actor: str
    panes: bool = True
    after: int = -1
    data: bool = False


class Welcome(msgspec.Struct, frozen=True, tag="welcome"):
    version: int
    program: str
    pid: int
    profile: str
    config: str
    stream: str
    head: int
    now: int
    speed: float


class Goodbye(msgspec.Struct, frozen=True, tag="goodbye"):
    why: Literal["version", "stopping", "slow", "refused"]
    text: str = ""
    config: str = ""


class Answer(msgspec.Struct, frozen=True, tag="answer"):
    id: str
    ok: bool
    text: SafeText
    refusal: Literal["", "stale", "invalid", "not_offered", "unmet", "untrusted", "storage", "fault"] = ""
    stream: str = ""
    seq: int = 0


class Rows(msgspec.Struct, frozen=True, tag="rows"):
    stream: str
    rows: tuple[Row, ...]
    live: bool = False


class Runbooks(msgspec.Struct, frozen=True, tag="runbooks"):
    runbooks: tuple[RunbookView, ...]


FromEngine = (
    Welcome
    | Goodbye
    | Answer
    | Rows
    | Runbooks
    | HeaderView
    | ServicesView
    | AlertsView
    | CardView
    | ChangesView
    | FreezeView
    | RunView
    | OutputView
    | BroadcastView
    | PeopleView
)

_from_engine: msgspec.json.Decoder[FromEngine] = msgspec.json.Decoder(FromEngine, dec_hook=lambda _, raw: SafeText(raw))


def unpack_from_engine(frame: bytes) -> FromEngine:
    """The message in a frame, as a client of version 1 understands it."""
    return _from_engine.decode(frame)
