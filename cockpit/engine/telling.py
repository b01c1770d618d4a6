"""What a person asks of the telling: an update, a hold, an end of the waiting, another pace. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from cockpit.broadcast.due import next_due, silence
from cockpit.broadcast.message import LOUD
from cockpit.clock import SECOND, hhmm, span
from cockpit.engine.circumstances import Circumstances, Refusal
from cockpit.incident.broadcasts import BroadcastHeld, BroadcastReleased, CadenceSet, UpdatePosted
from cockpit.incident.event import Body
from cockpit.incident.fold import State
from cockpit.incident.vocabulary import StatusChanged
from cockpit.protocol import commands

OfTelling = commands.Update | commands.Hold | commands.SendNow | commands.SetCadence

HOLD = (1, 60)
"""Minutes that what waits may be held for: somebody who held it may fall asleep."""
CADENCE = (1, 240)
"""Minutes from one update to the next."""
SETTLED = 2 * 3600 * SECOND
"""How long an incident lasts before readers take a slower pace without being told why, in microseconds."""


def of_telling(state: State, command: OfTelling, around: Circumstances) -> tuple[Sequence[Body], str]:
    """What it means for an open incident, and the answer in words; Refusal when it means nothing there."""
    match command:
        case commands.Hold():
            return _hold(command, around)
        case commands.SendNow():
            return send_now(state, around)
        case commands.SetCadence():
            return _set_cadence(state, command, around)
        case commands.Update():
            return _update(state, command, around)


def send_now(state: State, around: Circumstances) -> tuple[Sequence[Body], str]:
    """What waits is let go. Also after the end of an incident, whose last word may be what is held."""
    held = state.telling.held_until > around.now
    if not held and not around.waiting:
        late = "what a destination has not taken yet is tried again by itself"
        raise Refusal("invalid", f"nothing waits and nothing is held; {late}")
    waits = f"{len(around.waiting)} waiting" if around.waiting else "nothing waited"
    return (BroadcastReleased(),), f"no longer held; {waits}" if held else f"going out now: {waits}"


def _hold(command: commands.Hold, around: Circumstances) -> tuple[Sequence[Body], str]:
    least, most = HOLD
    if not least <= command.minutes <= most:
        raise Refusal("invalid", f"a hold is for {least} to {most} minutes: readers must not be forgotten")
    until = around.now + int(command.minutes * 60 * SECOND)
    return (BroadcastHeld(until=until, reason=command.reason.strip()),), f"held until {hhmm(until)} UTC at most"


def _set_cadence(state: State, command: commands.SetCadence, around: Circumstances) -> tuple[Sequence[Body], str]:
    least, most = CADENCE
    if not least <= command.minutes <= most:
        raise Refusal("invalid", f"updates come every {least} to {most} minutes")
    seconds, why = command.minutes * 60, command.why.strip()
    usual = silence(state.lifecycle.severity, around.cadence)
    if seconds > usual and not why and around.now - _began(state) < SETTLED:
        usually = f"{state.lifecycle.severity} is told every {span(usual)}"
        raise Refusal("invalid", f"{usually}; before two hours have passed, slower needs a reason to tell readers")
    return (CadenceSet(seconds=seconds, why=why),), f"an update every {span(seconds)} from now on; readers are told"


def _began(state: State) -> int:
    return state.lifecycle.began or state.lifecycle.declared


def _update(state: State, command: commands.Update, around: Circumstances) -> tuple[Sequence[Body], str]:
    know, doing, unknown = command.know.strip(), command.doing.strip(), command.unknown.strip()
    if not (headline := know or doing or unknown):
        raise Refusal("invalid", "an update needs some words")
    if command.replaces and command.replaces not in around.waiting:
        raise Refusal("invalid", "what this replaces is told already: sent again, it goes out beside it")
    if command.eta and command.eta <= around.now:
        raise Refusal("invalid", f"an estimate lies ahead: {hhmm(command.eta)} UTC is over")
    bodies: list[Body] = []
    if command.status is not None and command.status != state.lifecycle.status:
        bodies.append(StatusChanged(status=command.status))
    status = f"status {command.status or state.lifecycle.status}: "
    # Of a status that changes with it, this update is all that the thread gets.
    if bodies or _mends(state, command, status):
        headline = f"{status}{headline}"
    bodies.append(
        UpdatePosted(
            update=around.new_id,
            reason=_reason(state, command),
            headline=headline,
            know=know,
            doing=doing,
            unknown=unknown,
            next_due=next_due(state, around.now, around.cadence),
            replaces=command.replaces,
            eta=command.eta,
            eta_by=_estimates(state, command, around.actor),
        )
    )
    held = state.telling.held_until
    return bodies, f"the update waits: held until {hhmm(held)} UTC" if held > around.now else "update on its way"


def _mends(state: State, command: commands.Update, opening: str) -> bool:
    """Whether this takes the place of an update that opens with the same words."""
    latest = state.telling.latest
    return latest is not None and latest.update == command.replaces and latest.headline.startswith(opening)


def _reason(state: State, command: commands.Update) -> str:
    """Whoever mends the words of something urgent does not make it less so."""
    latest = state.telling.latest
    urgent = latest is not None and latest.update == command.replaces and latest.reason in LOUD
    return latest.reason if latest is not None and urgent else "update"


def _estimates(state: State, command: commands.Update, actor: str) -> str:
    """Whose estimate it is: who only changes the words of one that waits does not make it theirs."""
    latest = state.telling.latest
    if latest is not None and latest.update == command.replaces and latest.eta == command.eta:
        return latest.eta_by
    return actor if command.eta else ""
