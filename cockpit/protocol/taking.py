"""What a person says to an offer, and the command it turns into. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

import msgspec

from cockpit.protocol.commands import (
    Accept,
    AnyCommand,
    Approve,
    Choose,
    Confirm,
    EndRun,
    FinishStep,
    Object,
    Settle,
    Skip,
    StopAttempt,
    TakeOver,
)
from cockpit.protocol.views import Offer, RunView

Settled = Literal["took_effect", "no_effect", "by_hand", "skipped"]
SETTLED: tuple[str, ...] = get_args(Settled)
FORWARD = frozenset({"run", "done", "choose", "settle", "approve", "accept", "take_over"})
"""Actions that take a run on."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What was said to an offer: the word typed, the option, the reason, the secrets; whatever it asks for."""

    offer: Offer
    typed: str = ""
    option: str = ""
    reason: str = ""
    secrets: Mapping[str, str] = field(default_factory=dict)


def due(run: RunView) -> Offer | None:
    """The first offer, if the run waits for a person; None while it goes on by itself."""
    if run.outcome or not run.offers or run.offers[0].action in {"stop", "object"}:
        return None
    # A decision is shown as going on too, for its timebox; it waits for a person all the same.
    goes_on = any(step.tone == "act" for step in run.steps) and not any(each.action == "choose" for each in run.offers)
    return None if goes_on and run.offers[0].action not in FORWARD else run.offers[0]


def command_of(reply: Reply, run: str, environ: Mapping[str, str]) -> AnyCommand:
    """The command; of the environment it takes along only what is offered to be taken."""
    offer = reply.offer
    match offer.action:
        case "run" | "undo":
            return Confirm(
                run=run, step=offer.step, digest=offer.digest, undo=offer.action == "undo", typed=reply.typed,
                env={name: environ[name] for name in offer.env if name in environ}, secrets=dict(reply.secrets),
            )  # fmt: skip
        case "done":
            return FinishStep(run=run, step=offer.step, note=reply.reason)
        case "choose":
            return Choose(run=run, step=offer.step, option=reply.option, why=reply.reason)
        case "skip":
            return Skip(run=run, step=offer.step, reason=reply.reason)
        case "settle":
            verdict = msgspec.convert(reply.option, Settled)
            return Settle(run=run, attempt=offer.attempt, verdict=verdict, reason=reply.reason)
        case "stop":
            return StopAttempt(run=run, attempt=offer.attempt)
        case "approve":
            return Approve(run=run, step=offer.step, digest=offer.digest, reason=reply.reason)
        case "object":
            return Object(run=run, step=offer.step, reason=reply.reason)
        case "accept":
            return Accept(run=run, step=offer.step, reason=reply.reason)
        case "take_over":
            return TakeOver(run=run, reason=reply.reason, holder=offer.holder)
        case "end":
            return EndRun(run=run, note=reply.reason)
