"""A recorded responder: what it does next, given what it sees. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from cockpit.clock import SECOND
from cockpit.drills.model.plays import Move
from cockpit.drills.sight import Sight, missing
from cockpit.protocol.commands import AnyCommand, Approve, Command, Confirm, Settle, StartRun, StopAttempt
from cockpit.protocol.views import Offer

RESPONDER = "responder"
"""Who a recorded responder acts as, where a move does not say who makes it."""
MOMENTS = frozenset({"eta", "until", "occurred_at"})
"""What a play gives as minutes after T0, and a command wants as a moment."""


@dataclass(frozen=True)
class Waiting:
    """The move's condition does not hold yet."""

    want: str


@dataclass(frozen=True)
class Stuck:
    """The condition did not come within its time; `why` is a sentence for people."""

    why: str


@dataclass(frozen=True)
class ByHand:
    """The responder types this into their own shell."""

    argv: tuple[str, ...]


Next = AnyCommand | ByHand | Waiting | Stuck


def next_move(move: Move, since: float, sight: Sight, env: Mapping[str, str]) -> Next:
    """What the responder does now; `since` is the minute of the move before, `env` the responder's environment."""
    want = missing(move.when, sight)
    if not want:
        return ByHand(move.by_hand) if move.by_hand is not None else command(move, sight, env)
    # A condition on the minute is not waited for in vain: its own time counts from there.
    if sight.minute > max(since, move.when.minute) + move.within / 60:
        deed = move.do or " ".join(move.by_hand or ())
        waited = max(since, move.when.minute)
        return Stuck(f"stuck at T{sight.minute:.1f} before `{deed}`: waited since T{waited:.1f} for {want}")
    return Waiting(want)


def command(move: Move, sight: Sight, env: Mapping[str, str]) -> AnyCommand:
    """The move as a protocol command, completed with what is on the screen; `msgspec.ValidationError` if it is none."""
    fields: dict[str, Any] = {"do": move.do, **move.arguments}
    fields |= {name: _moment(fields[name], sight) for name in MOMENTS & fields.keys()}
    kind = _KINDS.get(move.do or "")
    if kind is not None and "run" in kind.__struct_fields__:
        fields.setdefault("run", sight.run.run)
    if kind is Confirm:
        fields |= _confirmed(str(fields.get("step", "")), bool(fields.get("undo")), sight, env)
    if kind is Approve:
        fields["digest"] = _offer(sight, "approve", str(fields.get("step", ""))).digest
    if kind in _ON_ATTEMPTS:
        fields["attempt"] = _offer(sight, _ON_ATTEMPTS[kind], str(fields.get("attempt", ""))).attempt
    if kind is StartRun:
        fields |= _trusted(str(fields.get("runbook", "")), sight)
    made: AnyCommand = msgspec.convert(fields, AnyCommand)
    return made


def _moment(minute: Any, sight: Sight) -> Any:
    # What is no number is left for the command to refuse.
    return sight.t0 + round(minute * 60 * SECOND) if isinstance(minute, int | float) else minute


def _confirmed(step: str, undo: bool, sight: Sight, env: Mapping[str, str]) -> dict[str, Any]:
    offer = _offer(sight, "undo" if undo else "run", step)
    names = {name: env[name] for name in offer.env if name in env}
    return {"digest": offer.digest, "typed": str(offer.typed), "env": names}


def _offer(sight: Sight, action: str, step: str) -> Offer:
    """What is offered of that kind for that step; nothing that could be taken up where it is not."""
    found = (one for one in sight.run.offers if (one.action, one.step) == (action, step))
    return next(found, Offer(action="skip"))


def _trusted(runbook: str, sight: Sight) -> dict[str, Any]:
    known = next((view for view in sight.runbooks if view.id == runbook), None)
    return {} if known is None or known.trusted else {"trust": known.digest}


_KINDS: dict[str, type[Command]] = {
    str(kind.__struct_config__.tag): kind for kind in AnyCommand.__args__ if issubclass(kind, Command)
}
_ON_ATTEMPTS: dict[type[Command] | None, str] = {Settle: "settle", StopAttempt: "stop"}
"""Commands on an attempt, which a play names by its step."""
