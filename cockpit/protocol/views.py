"""What there is to see, made by the engine and drawn by any terminal.

Every text is `SafeText` on both sides of the wire. Times are incident microseconds since the epoch, UTC, and 0
means never: a terminal shows ages against the engine's clock, which it learns in `Welcome`.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from cockpit.text import SafeText

Tone = Literal["plain", "muted", "good", "warn", "bad", "act"]
"""What a thing means to the reader: `act` waits for a decision of theirs."""

EMPTY = SafeText("")
FAILED = -1
"""In a sparkline: a bad sample."""
MISSING = -2
"""In a sparkline: no sample, or none that says anything."""


class HeaderView(msgspec.Struct, frozen=True, tag="header"):
    """The one line that must always be true. `stream` is what the timeline shows, with its latest event's number."""

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


class ClockView(msgspec.Struct, frozen=True, tag="clock"):
    """The incident's clock where it is not the host's: what it shows, and how fast it runs; 0 while it stands still."""

    now: int
    speed: float


class ReplayView(msgspec.Struct, frozen=True, tag="replay"):
    """Where a replay is. Event `seq` of `last` is the latest told at the moment `at`; `speed` goes while playing.

    `ahead` names the next change of state; `diverged` says where the replay is not what was recorded, if it is not,
    `doubt` why that is not known.
    """

    start: int
    end: int
    at: int
    seq: int
    last: int
    playing: bool
    speed: float
    ahead: SafeText = EMPTY
    ahead_at: int = 0
    diverged: SafeText = EMPTY
    doubt: SafeText = EMPTY


class PastView(msgspec.Struct, frozen=True):
    """An earlier incident like this one: in what, what is on record to have helped then, and what had not.

    `at` is when it was declared, 0 where that is not known. With `told` there is no record of it, only a report from
    elsewhere.
    """

    incident: str
    title: SafeText
    at: int
    alike: SafeText
    helped: tuple[SafeText, ...] = ()
    harmed: tuple[SafeText, ...] = ()
    told: bool = False


class SeenBeforeView(msgspec.Struct, frozen=True, tag="seen_before"):
    """Earlier incidents like the one that runs, the most alike first."""

    past: tuple[PastView, ...] = ()


class ServiceView(msgspec.Struct, frozen=True):
    """One lane of a probe. `spark` holds levels 0 to 7 by latency, oldest first, or FAILED or MISSING.

    `diagnosis` is what it means together with the lanes and probes around it; `measured` is when the figures were,
    which may be earlier than `checked`. It is not asked again before `backoff_until`, 0 for as usual.
    """

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
    """An alarm of another system. `started` is its own beginning, `learnt` when we first heard of it."""

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
    """The alarms of other systems, those that still last first."""

    alerts: tuple[AlertView, ...] = ()


class ServicesView(msgspec.Struct, frozen=True, tag="services"):
    """Every probe, the worst first."""

    services: tuple[ServiceView, ...] = ()


class StepView(msgspec.Struct, frozen=True):
    """One step of the run. `word` says its state (the glyph and the colour only repeat it)."""

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
    section: SafeText = EMPTY
    role: SafeText = EMPTY


class Option(msgspec.Struct, frozen=True):
    """One way to decide."""

    id: str
    title: SafeText


class Offer(msgspec.Struct, frozen=True):
    """Something the person may do now. Nothing that is not offered is accepted.

    `said` is what to know before doing it, such as that the step before had no effect.
    `waits` when a yes to `done` begins a wait that the cockpit ends by itself.
    `digest` is of the very command shown; it comes back with the confirmation and is compared with the command
    resolved anew. `typed` is the word that must be typed, empty when one key is enough. `env` names the variables
    of the person's environment that the command would get, `secrets` the secret parameters that the engine does not
    have (any more). `until` is when the offer ends by itself, in microseconds. With `at_once` it needs no
    confirmation: it only reads, and the runbook says so. `irreversible` is why nothing undoes it. `manual` is all that
    is to be done by hand. `began` with a `skip` of what has run already: it means to go on as it is.
    """

    action: Literal[
        "run", "done", "choose", "skip", "undo", "settle", "stop", "end", "approve", "object", "accept", "take_over"
    ]
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
    secrets: tuple[str, ...] = ()
    role: SafeText = EMPTY
    until: int = 0
    holder: SafeText = EMPTY
    at_once: bool = False
    irreversible: SafeText = EMPTY
    manual: SafeText = EMPTY
    began: bool = False


class RunView(msgspec.Struct, frozen=True, tag="run"):
    """The run in hand, or an empty one. `offers` holds the suggested next action first.

    `attempt` is the one whose output there is to see, `printed` the step it belongs to.
    """

    run: str = ""
    title: SafeText = EMPTY
    outcome: SafeText = EMPTY
    steps: tuple[StepView, ...] = ()
    offers: tuple[Offer, ...] = ()
    undo_depth: int = 0
    attempt: str = ""
    health: SafeText = EMPTY
    health_tone: Tone = "plain"
    lock: SafeText = EMPTY
    runbook: str = ""
    printed: str = ""


class OutputView(msgspec.Struct, frozen=True, tag="output"):
    """The end of what an attempt has printed: `total` bytes in all, of which `text` is the last part."""

    attempt: str
    total: int
    text: SafeText


class WaitingView(msgspec.Struct, frozen=True):
    """An update that was not told yet, and the moment from which it will be, 0 for as soon as possible.

    `know`, `doing`, `unknown` and `eta`, 0 for none, are what it says, for a person to change.
    """

    update: str
    headline: SafeText
    automatic: bool = False
    at: int = 0
    know: SafeText = EMPTY
    doing: SafeText = EMPTY
    unknown: SafeText = EMPTY
    eta: int = 0


class DestinationView(msgspec.Struct, frozen=True):
    """One destination: how it stands in a word, what it took last and when, what waits for it, what goes instead."""

    name: SafeText
    word: SafeText
    tone: Tone = "plain"
    why: SafeText = EMPTY
    delivered_at: int = 0
    queued: int = 0
    instead: SafeText = EMPTY


class BroadcastView(msgspec.Struct, frozen=True, tag="broadcast"):
    """The card as readers see it, and how its delivery stands.

    `held_until` while somebody holds what waits. `copy_text` is what to paste by hand where nothing can be delivered,
    empty while something can. `silent_at` is when readers learn by themselves that the cockpit has gone silent.
    """

    preview: SafeText = EMPTY
    route: SafeText = EMPTY
    queued: int = 0
    posted: int = 0
    delivered_at: int = 0
    next_due: int = 0
    draft_know: SafeText = EMPTY
    draft_doing: SafeText = EMPTY
    draft_unknown: SafeText = EMPTY
    held_until: int = 0
    waiting: tuple[WaitingView, ...] = ()
    destinations: tuple[DestinationView, ...] = ()
    copy_text: SafeText = EMPTY
    silent_at: int = 0
    eta: int = 0
    eta_by: SafeText = EMPTY


class ToldView(msgspec.Struct, frozen=True):
    """One update as readers have it in the thread, and in a word what became of it."""

    at: int
    text: SafeText
    word: SafeText
    tone: Tone = "plain"


class PreviewView(msgspec.Struct, frozen=True, tag="preview"):
    """What readers see: the card, the newest updates of the thread, and the one that is asked about.

    `refusal` says why that one would not be taken. `letters` are card and post as the outbox would keep them, as JSON.
    """

    card: SafeText = EMPTY
    post: SafeText = EMPTY
    thread: tuple[ToldView, ...] = ()
    refusal: SafeText = EMPTY
    letters: msgspec.Raw = msgspec.Raw(b"[]")
    now: int = 0


class PersonView(msgspec.Struct, frozen=True):
    """Somebody on the roster, or who offered help. `presence` is what they said of themselves, then; empty: unknown."""

    name: SafeText
    reason: SafeText
    needed: bool
    until: int = 0
    roles: tuple[SafeText, ...] = ()
    presence: SafeText = EMPTY
    presence_at: int = 0
    offered: bool = False


class TimerView(msgspec.Struct, frozen=True):
    """What somebody looks into, and until when."""

    timer: str
    what: SafeText
    who: SafeText
    since: int
    until: int


class PeopleView(msgspec.Struct, frozen=True, tag="people"):
    """Who is needed, and who may leave. `call` is the link for those needed; `relief` says who should be relieved."""

    people: tuple[PersonView, ...] = ()
    timers: tuple[TimerView, ...] = ()
    call: SafeText = EMPTY
    relief: SafeText = EMPTY


Pane = (
    HeaderView | ServicesView | AlertsView | RunView | OutputView | BroadcastView | PeopleView
    | ClockView | ReplayView | SeenBeforeView
)  # fmt: skip


class Row(msgspec.Struct, frozen=True):
    """One line of the timeline. `data` is the event itself as JSON where the client asked for it.

    `erases` is the number of the row whose words were erased, 0 for a row that says something else.
    """

    seq: int
    at: int
    kind: SafeText
    text: SafeText
    tone: Tone
    actor: SafeText
    data: msgspec.Raw = msgspec.Raw(b"null")
    erases: int = 0


class ParamView(msgspec.Struct, frozen=True):
    """A value that a runbook asks for before its first step; secret ones are asked for when a step needs them."""

    name: str
    title: SafeText
    kind: Literal["text", "integer", "number", "boolean"] = "text"
    default: SafeText = EMPTY
    options: tuple[SafeText, ...] = ()
    required: bool = True


class RunbookView(msgspec.Struct, frozen=True):
    """A runbook that could be started. `problems` is empty when it can.

    `source` is the text of one that is not trusted yet, line by line: what nobody could read, nobody can trust.
    `diff` is what changed in it since it was trusted last. `holder` says who works on what it would lock.
    """

    id: str
    title: SafeText
    service: SafeText
    path: SafeText
    digest: str
    trusted: bool
    problems: tuple[SafeText, ...] = ()
    source: tuple[SafeText, ...] = ()
    diff: tuple[SafeText, ...] = ()
    params: tuple[ParamView, ...] = ()
    holder: SafeText = EMPTY


class LinkView(msgspec.Struct, frozen=True):
    """Somewhere to look: `dashboard`, `logs`, `repository`."""

    name: SafeText
    url: SafeText


class FactView(msgspec.Struct, frozen=True):
    """One labelled line."""

    label: SafeText
    text: SafeText
    tone: Tone = "plain"


class CardView(msgspec.Struct, frozen=True, tag="card"):
    """All there is to know about one lane and its service, for whoever looks closer.

    `facts` tell the last look phase by phase; `suspects` are the changes that may explain it, the likeliest first.
    """

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
    """A change somebody made; `breach` when it was made within a freeze."""

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
    """A job of a CI system that waits or runs: it may be about to change something."""

    source: str
    job: str
    what: SafeText
    state: Literal["waiting", "running"]
    since: int = 0
    who: SafeText = EMPTY
    link: SafeText = EMPTY
    command: SafeText = EMPTY


class ChangesView(msgspec.Struct, frozen=True, tag="changes"):
    """What was changed lately, newest first, and what is about to change something; `problems` of the sources."""

    changes: tuple[ChangeView, ...] = ()
    jobs: tuple[JobView, ...] = ()
    problems: tuple[SafeText, ...] = ()


class OverrideView(msgspec.Struct, frozen=True):
    """One change that is let through a freeze."""

    what: SafeText
    reason: SafeText


class BreachView(msgspec.Struct, frozen=True):
    """A change that was made within the freeze without being let through."""

    change: str
    what: SafeText
    who: SafeText = EMPTY


class OutletView(msgspec.Struct, frozen=True):
    """A place the freeze is published to; `problem` when it did not take the last document."""

    name: SafeText
    published: int = 0
    problem: SafeText = EMPTY


class FreezeView(msgspec.Struct, frozen=True, tag="freeze"):
    """The freeze in detail. When nothing is frozen, `by`, `since` and `reason` are of the last word on it.

    `scopes` are those that the config knows; `now` is the incident's clock.
    """

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
