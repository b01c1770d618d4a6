"""What a step can be."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from cockpit.clock import span
from cockpit.config.fields import Deadline, Duration, EnvReference, Line, Name, Strict, Url, repeated
from cockpit.runbooks.model.commands import Command, Request, Retries, Rollback
from cockpit.runbooks.model.values import Condition, Outputs, shaped

Text = Annotated[str, Field(min_length=1)]

FILE = r"^(\./)?([A-Za-z0-9_-][A-Za-z0-9._-]*/)*[A-Za-z0-9_-][A-Za-z0-9._-]*\.ya?ml$"
File = Annotated[
    str,
    AfterValidator(shaped(FILE, "must be a .yaml file beside this one or below it, as in ./drain.yaml")),
    WithJsonSchema({"type": "string", "pattern": FILE}),
]
"""Another runbook, relative to the file that names it; never above it."""


class Verify(Strict):
    """How to tell whether a step helped: the probe must be up and stay up for `hold`, before `within` has passed.

    `settle` is the time after the command in which nothing is judged yet.
    """

    probe: Name
    within: Deadline = 180.0
    hold: Duration = 30.0
    settle: Duration = 0.0

    @model_validator(mode="after")
    def _can_pass(self) -> Verify:
        if self.settle + self.hold > self.within:
            told = f"settle {span(self.settle)} and hold {span(self.hold)} must fit into within {span(self.within)}"
            raise ValueError(f"{told}, or nothing could ever pass")
        return self


class Wait(Strict):
    """A wait. With `watch`, it starts over whenever one of these probes is not up."""

    duration: Deadline = Field(alias="for")
    watch: tuple[Name, ...] = ()


class ChooseOption(Strict):
    """One way to decide; `skip` names steps that this choice makes needless, `goto` the step to take next.

    A step that is gone back to is taken anew, with what is left to undo of the first time kept.
    """

    id: Name
    title: Line
    skip: tuple[Name, ...] = ()
    goto: Name | None = None


class Choose(Strict):
    """A decision with a timebox; running out of time decides nothing."""

    question: Line
    timebox: Deadline = 300.0
    options: Annotated[tuple[ChooseOption, ...], Field(min_length=2)]

    @model_validator(mode="after")
    def _tell_apart(self) -> Choose:
        if twice := repeated([option.id for option in self.options]):
            raise ValueError(f"an option's id must be its own: {', '.join(twice)}")
        return self


class PagerDuty(Strict):
    """An event for PagerDuty's Events API v2; its key comes from the environment of the person who confirms."""

    routing_key: EnvReference
    summary: Line
    severity: Literal["critical", "error", "warning", "info"] = "critical"
    url: Url = "https://events.pagerduty.com/v2/enqueue"


class Escalate(Strict):
    """Who is to be called, and how: exactly one of a command, PagerDuty, a message to the channel.

    Done means that it was delivered, not that anybody has answered.
    """

    whom: Line
    command: Command | None = None
    pagerduty: PagerDuty | None = None
    message: Line | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Escalate:
        if sum(way is not None for way in (self.command, self.pagerduty, self.message)) != 1:
            raise ValueError("an escalation is exactly one of command, pagerduty, message")
        return self


class Rung(Strict):
    """One older state to go back to. `look` is a read-only command that shows why, run before it."""

    id: Name
    title: Line
    look: Command | None = None
    apply: Command
    effect: Literal["write", "destructive"] = "write"
    rollback: Rollback | None = None
    irreversible: Line | None = None
    verify: Verify | None = None

    @model_validator(mode="after")
    def _undo_is_stated(self) -> Rung:
        if (self.rollback is None) == (self.irreversible is None):
            raise ValueError("a rung needs either a rollback or irreversible: with the reason")
        return self


class Releases(Strict):
    """Older releases, found when the ladder is begun and pinned then by their absolute ids.

    `current` prints the id of what serves now. `list` prints one release a line, the newest first: its id and words
    about it, or a JSON object with `id`, `title`, `digest`, `failed` and `barrier` (why nobody should go below it).
    `apply` restores `{target: id}`. Fewer than `at_least`, without the current one, repeated ones and failed ones,
    is an error.
    """

    current: Command
    list: Command
    apply: Command
    effect: Literal["write", "destructive"] = "write"
    at_least: Annotated[int, Field(ge=1, le=10)] = 1
    at_most: Annotated[int, Field(ge=1, le=10)] = 3

    @model_validator(mode="after")
    def _can_be_met(self) -> Releases:
        if self.at_least > self.at_most:
            raise ValueError("at_least is above at_most")
        return self


class Ladder(Strict):
    """States to go back to, the nearest first: the next is offered when one was applied and did not help.

    Either `rungs`, written out, or `releases`, found when it begins. `exhausted` says whom to call when none helped.
    """

    verify: Verify
    rungs: Annotated[tuple[Rung, ...], Field(min_length=2)] | None = None
    releases: Releases | None = None
    exhausted: Escalate | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Ladder:
        if (self.rungs is None) == (self.releases is None):
            raise ValueError("a ladder has either rungs or releases")
        return self

    def ids(self, step: str) -> tuple[str, ...]:
        """The ids of its steps, as a run has them."""
        found = [f"{step}.current", f"{step}.list"] if self.releases else []
        found += [f"{step}.{number}" for number in range(1, self.releases.at_most + 1)] if self.releases else []
        for rung in self.rungs or ():
            found += [f"{step}.{rung.id}.look"] if rung.look else []
            found.append(f"{step}.{rung.id}")
        return (*found, *((f"{step}.exhausted",) if self.exhausted else ()))


class Target(Strict):
    """When a series is over: its probe has been up for `hold`."""

    probe: Name
    hold: Duration = 0.0


class Repeat(Strict):
    """A series of batches under one confirmation: one attempt each, until the probe is up, `at_most` so many.

    Between two batches it can be stopped, and pauses for `pause`.
    """

    command: Command
    until: Target
    at_most: Annotated[int, Field(ge=2, le=10_000)] = 100
    pause: Deadline = 5.0


class Approve(Strict):
    """Who must say yes before a step may run: so many people, with that role if one is named.

    `others` leaves out whoever runs it. It is an attestation: nobody can prove who is at the keyboard.
    """

    people: Annotated[int, Field(ge=1, le=5)] = 1
    role: Literal["incident_commander", "operations", "communications"] | None = None
    others: bool = True
    expires: Deadline = 600.0


Section = Literal["contain", "verify", "reconcile", "follow_up"]
KINDS = ("manual", "command", "http", "wait", "choose", "ladder", "repeat", "escalate", "include")
ACTING = {"command", "http", "repeat"}
"""Kinds that have an effect of their own."""


class Step(Strict):
    """One step: exactly one of `manual`, `command`, `http`, `wait`, `choose`, `ladder`, `repeat`, `escalate`,
    `include`.

    `check` tells whether it took effect when nobody knows: exit code 0 yes, 1 no, anything else cannot tell.
    """

    id: Name
    title: Line
    manual: Text | None = None
    command: Command | None = None
    http: Request | None = None
    wait: Wait | None = None
    choose: Choose | None = None
    ladder: Ladder | None = None
    repeat: Repeat | None = None
    escalate: Escalate | None = None
    include: File | None = None
    section: Section | None = None
    role: Literal["incident_commander", "operations", "communications"] | None = None
    when: tuple[Condition, ...] | Condition = ()
    effect: Literal["read", "write", "destructive"] | None = None
    confirm: Literal["none", "key", "type"] | None = None
    approve: Approve | None = None
    idempotent: bool = False
    retries: Retries | None = None
    outputs: Outputs = {}
    check: Command | None = None
    verify: Verify | None = None
    rollback: Rollback | None = None
    irreversible: Line | None = None
    on_failure: Literal["hold", "continue", "undo"] = "hold"
    broadcast: Line | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Step:
        kinds = [kind for kind in KINDS if getattr(self, kind) is not None]
        if len(kinds) != 1:
            raise ValueError(f"a step is exactly one of {', '.join(KINDS)}")
        if kinds[0] not in ACTING:
            self._has_no_effect(kinds[0])
            return self
        changes = self.effect in {"write", "destructive"}
        if self.effect is None:
            raise ValueError(f"a {kinds[0]} needs effect: read, write or destructive")
        if changes and (self.rollback is None) == (self.irreversible is None):
            raise ValueError("a step that changes something needs either a rollback or irreversible: with the reason")
        if not changes and (self.rollback is not None or self.irreversible is not None):
            raise ValueError("a step that only reads has nothing to roll back: remove rollback, or mend effect")
        if changes and self.confirm == "none":
            raise ValueError("a step that changes something is confirmed: remove confirm: none")
        if self.effect == "destructive" and self.confirm == "key":
            raise ValueError("a destructive step is confirmed by typing its name: remove confirm: key")
        if changes and self.retries is not None and not self.idempotent:
            raise ValueError(
                "a step that changes something is not run again by itself: remove retries, or say idempotent: true "
                "if running it twice does what running it once does"
            )
        return self

    def _has_no_effect(self, kind: str) -> None:
        own = {"effect", "verify", "rollback", "irreversible", "retries", "outputs", "check", "idempotent"}
        if kind == "include":
            own |= {"confirm", "approve", "on_failure", "broadcast", "role"}
        if wrong := sorted(own & self.model_fields_set):
            raise ValueError(
                f"{', '.join(wrong)} cannot stand at a step that is {kind}: "
                "they belong to a command, http or repeat step; a ladder has them on its rungs"
            )

    @property
    def kind(self) -> str:
        """Which of the kinds it is."""
        return next(kind for kind in KINDS if getattr(self, kind) is not None)

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """What must be so for it to be needed; all of it."""
        return (self.when,) if isinstance(self.when, Condition) else self.when

    @property
    def ids(self) -> tuple[str, ...]:
        """The step's id, and for a ladder those of its rungs and their looks, as a run has them."""
        return (self.id, *(self.ladder.ids(self.id) if self.ladder is not None else ()))
