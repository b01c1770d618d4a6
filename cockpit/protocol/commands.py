"""What a person can ask the engine to do."""

from __future__ import annotations

from typing import Literal

import msgspec

SeverityWord = Literal["SEV1", "SEV2", "SEV3", "SEV4"]
StatusWord = Literal["investigating", "identified", "mitigating", "monitoring"]
RoleWord = Literal["incident_commander", "operations", "communications"]
ROLES: dict[str, RoleWord] = {
    "lead": "incident_commander", "operations": "operations", "communications": "communications",
}  # fmt: skip
"""Each role by the word that people read and type."""


class Command(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="do"):
    """The base of all; the engine answers each with an `Answer`."""


class Declare(Command, frozen=True, kw_only=True, tag="declare"):
    title: str
    severity: SeverityWord
    impact: str = ""


class TakeRole(Command, frozen=True, kw_only=True, tag="take_role"):
    """Claims the incident: with no person named, for whoever asks. `note` is what is handed over."""

    role: RoleWord = "incident_commander"
    person: str = ""
    note: str = ""


class Need(Command, frozen=True, kw_only=True, tag="need"):
    """Asks for somebody, until a moment in microseconds, 0 for until released."""

    person: str
    reason: str = ""
    until: int = 0


class Release(Command, frozen=True, kw_only=True, tag="release"):
    person: str
    reason: str = ""


class Note(Command, frozen=True, kw_only=True, tag="note"):
    """A line on the timeline; `occurred_at` in microseconds when it happened earlier than now."""

    text: str
    source: str = ""
    occurred_at: int = 0


class SetStatus(Command, frozen=True, kw_only=True, tag="set_status"):
    status: StatusWord
    why: str = ""


class SetSeverity(Command, frozen=True, kw_only=True, tag="set_severity"):
    severity: SeverityWord
    why: str = ""


class SetImpact(Command, frozen=True, kw_only=True, tag="set_impact"):
    impact: str
    unaffected: tuple[str, ...] = ()


class Update(Command, frozen=True, kw_only=True, tag="update"):
    """A status update in the person's own words.

    `replaces` is an update that still waits and is told no more. `eta` is when the person estimates the end, in
    microseconds, 0 for no estimate.
    """

    know: str = ""
    doing: str = ""
    unknown: str = ""
    status: StatusWord | None = None
    replaces: str = ""
    eta: int = 0


class Hold(Command, frozen=True, kw_only=True, tag="hold"):
    """Keeps what waits from being told, for at most so many minutes."""

    minutes: float = 10.0
    reason: str = ""


class SendNow(Command, frozen=True, kw_only=True, tag="send_now"):
    """Tells at once what waits: ends a hold, and waits for no pause between two posts."""


class SetCadence(Command, frozen=True, kw_only=True, tag="set_cadence"):
    """Updates come every so many minutes from now on, which is announced with the next one."""

    minutes: float
    why: str = ""


class StandDown(Command, frozen=True, kw_only=True, tag="stand_down"):
    """Releases everybody but these, with thanks, in one update."""

    stay: tuple[str, ...] = ()


class DeclarePresence(Command, frozen=True, kw_only=True, tag="declare_presence"):
    """Says where the person who asks stands."""

    presence: Literal["here", "away", "following"]


class SetTimer(Command, frozen=True, kw_only=True, tag="set_timer"):
    """Somebody looks into something for so many minutes; with nobody named, whoever asks."""

    what: str
    minutes: float
    who: str = ""


class EndTimer(Command, frozen=True, kw_only=True, tag="end_timer"):
    """The look is over, and this came of it."""

    timer: str
    found: str = ""


class MarkChange(Command, frozen=True, kw_only=True, tag="mark_change"):
    """Tells of a change: a deploy, a config edit, a flag."""

    kind: Literal["deploy", "config", "flag"]
    what: str
    service: str = ""
    who: str = ""
    reviewed: bool | None = None
    link: str = ""
    undo: str = ""
    occurred_at: int = 0


class ProbeNow(Command, frozen=True, kw_only=True, tag="probe_now"):
    """Looks at once, by the lane's name; without one at everything that is not well."""

    probe: str = ""


class PauseProbe(Command, frozen=True, kw_only=True, tag="pause_probe"):
    """Stops a probe for so many minutes."""

    probe: str
    minutes: float
    reason: str


class ResumeProbe(Command, frozen=True, kw_only=True, tag="resume_probe"):
    probe: str


class SetFreeze(Command, frozen=True, kw_only=True, tag="set_freeze"):
    """Asks everybody to change nothing in these scopes; `until` in microseconds, 0 for until lifted."""

    scope: tuple[str, ...]
    reason: str
    until: int = 0


class LiftFreeze(Command, frozen=True, kw_only=True, tag="lift_freeze"):
    reason: str = ""


class OverrideFreeze(Command, frozen=True, kw_only=True, tag="override_freeze"):
    """Lets one change through, which is logged."""

    what: str
    reason: str


class ActOnAlert(Command, frozen=True, kw_only=True, tag="act_on_alert"):
    """Asks the system that raised an alert to acknowledge, escalate or snooze it; `minutes` is for a snooze."""

    alert: str
    action: Literal["acknowledge", "escalate", "snooze"]
    minutes: float = 0


class CancelJob(Command, frozen=True, kw_only=True, tag="cancel_job"):
    """Asks the CI system of that change source to cancel a job of its queue."""

    source: str
    job: str


class StartRun(Command, frozen=True, kw_only=True, tag="start_run"):
    """Starts a runbook; `trust` is the digest of the text the person has seen and trusts, for one not trusted yet.

    `params` are the values it asks for, but for secret ones. `take_over` is why it takes its lock from who holds it,
    `holder` the words that named that one.
    """

    runbook: str
    trust: str = ""
    params: dict[str, str] = {}
    take_over: str = ""
    holder: str = ""


class Confirm(Command, frozen=True, kw_only=True, tag="confirm"):
    """Runs a step's command, or with `undo` its rollback: exactly the one whose digest was shown.

    `env` is the confirming person's environment, cut down to the names offered, and `secrets` are the secret
    parameters asked for; neither is ever stored.
    """

    run: str
    step: str
    digest: str
    undo: bool = False
    typed: str = ""
    env: dict[str, str] = {}
    secrets: dict[str, str] = {}


class Approve(Command, frozen=True, kw_only=True, tag="approve"):
    """Says that the very command of that digest may be run by whoever runs it."""

    run: str
    step: str
    digest: str
    reason: str = ""


class Object(Command, frozen=True, kw_only=True, tag="object"):
    """Keeps an announced command from being run."""

    run: str
    step: str
    reason: str


class Accept(Command, frozen=True, kw_only=True, tag="accept"):
    """Goes on with a ladder although something else serves than was last applied."""

    run: str
    step: str
    reason: str


class TakeOver(Command, frozen=True, kw_only=True, tag="take_over"):
    """Takes the lock of a run back from the holder that `holder` names in words."""

    run: str
    reason: str
    holder: str = ""


class FinishStep(Command, frozen=True, kw_only=True, tag="finish_step"):
    """Says that a manual step was done, or starts a wait."""

    run: str
    step: str
    note: str = ""


class Choose(Command, frozen=True, kw_only=True, tag="choose"):
    run: str
    step: str
    option: str
    why: str = ""


class Skip(Command, frozen=True, kw_only=True, tag="skip"):
    run: str
    step: str
    reason: str


class Settle(Command, frozen=True, kw_only=True, tag="settle"):
    """Says what became of an attempt that nobody else can judge."""

    run: str
    attempt: str
    verdict: Literal["took_effect", "no_effect", "by_hand", "skipped"]
    reason: str


class StopAttempt(Command, frozen=True, kw_only=True, tag="stop_attempt"):
    """Ends a running command: TERM, then KILL after its grace."""

    run: str
    attempt: str


class EndRun(Command, frozen=True, kw_only=True, tag="end_run"):
    run: str
    note: str = ""


class Resolve(Command, frozen=True, kw_only=True, tag="resolve"):
    """Closes the incident; what stands against it is listed in the refusal, and `override` is the reason to close
    it all the same."""

    note: str = ""
    override: str = ""


class Redact(Command, frozen=True, kw_only=True, tag="redact"):
    stream: str
    seq: int
    reason: str


AnyCommand = (
    Declare
    | TakeRole
    | Need
    | Release
    | Note
    | SetStatus
    | SetSeverity
    | SetImpact
    | Update
    | Hold
    | SendNow
    | SetCadence
    | StandDown
    | DeclarePresence
    | SetTimer
    | EndTimer
    | MarkChange
    | ProbeNow
    | PauseProbe
    | ResumeProbe
    | SetFreeze
    | LiftFreeze
    | OverrideFreeze
    | ActOnAlert
    | CancelJob
    | StartRun
    | Confirm
    | Approve
    | Object
    | Accept
    | TakeOver
    | FinishStep
    | Choose
    | Skip
    | Settle
    | StopAttempt
    | EndRun
    | Resolve
    | Redact
)
