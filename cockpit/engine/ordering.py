"""What people ask of the watching itself: pauses and the freeze, incident or not. Pure."""

from __future__ import annotations

from collections.abc import Container

from cockpit.clock import SECOND
from cockpit.incident.event import Body
from cockpit.incident.freezing import Freeze
from cockpit.incident.vocabulary import (
    FreezeLifted,
    FreezeOverridden,
    FreezeSet,
    ProbePaused,
    ProbeResumed,
)
from cockpit.moments import hhmm
from cockpit.protocol import commands

LONGEST_PAUSE = 24 * 60.0
"""Minutes: what is off for longer belongs into the config, where others see it."""

Order = commands.PauseProbe | commands.ResumeProbe | commands.SetFreeze | commands.LiftFreeze | commands.OverrideFreeze
ORDERS = (
    commands.PauseProbe, commands.ResumeProbe, commands.SetFreeze, commands.LiftFreeze, commands.OverrideFreeze,
)  # fmt: skip


class Impossible(Exception):
    """The order means nothing now; the text says why and what would."""


def order(command: Order, freeze: Freeze, lanes: Container[str], now: int) -> tuple[Body, str]:
    """What happened, and the answer in words; raises Impossible."""
    match command:
        case commands.PauseProbe(probe=probe, minutes=minutes, reason=reason):
            _known(probe, lanes)
            if not 0 < minutes <= LONGEST_PAUSE:
                raise Impossible("a pause lasts up to 24 hours; for longer, use a maintenance window in the config")
            until = now + int(minutes * 60 * SECOND)
            body = ProbePaused(probe=probe, until=until, reason=_said(reason, "a pause"))
            return body, f"{probe} is paused until {hhmm(until)}Z"
        case commands.ResumeProbe(probe=probe):
            _known(probe, lanes)
            return ProbeResumed(probe=probe), f"{probe} is asked again"
        case commands.SetFreeze(scope=scope, reason=reason, until=until):
            wanted = tuple(dict.fromkeys(word.strip() for word in scope if word.strip()))
            if not wanted:
                raise Impossible("a freeze needs a scope: ci, terraform, flags, config, or a word of yours")
            if until and until <= now:
                raise Impossible("until has passed already: give a moment to come")
            frozen = FreezeSet(scope=wanted, reason=_said(reason, "a freeze"), until=until)
            return frozen, f"frozen: {', '.join(wanted)}"
        case commands.LiftFreeze(reason=reason):
            _frozen(freeze, now)
            return FreezeLifted(reason=reason.strip()), "the freeze is lifted"
        case commands.OverrideFreeze(what=what, reason=reason):
            _frozen(freeze, now)
            said, why = _said(what, "an override"), _said(reason, "an override")
            return FreezeOverridden(what=said, reason=why), f"let through, and on record: {said}"


def _known(probe: str, lanes: Container[str]) -> None:
    if probe not in lanes:
        raise Impossible(f"there is no probe {probe}")


def _frozen(freeze: Freeze, now: int) -> None:
    if not freeze.holds(now):
        raise Impossible("nothing is frozen")


def _said(text: str, what: str) -> str:
    if not text.strip():
        raise Impossible(f"{what} needs a reason")
    return text.strip()
