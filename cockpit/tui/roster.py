"""How people and their looks read on the screen. Pure."""

from __future__ import annotations

from cockpit.clock import SECOND, hhmm
from cockpit.protocol.views import PersonView, TimerView
from cockpit.tui.words import DUE_SOON, Said, ago, countdown, seconds_since

OLD = 1800
"""Seconds after which what somebody said of themselves fades."""
OVER = ", over"
"""What is said behind an end that has passed."""


def standing(person: PersonView) -> Said:
    """What it means for them; whoever is neither needed nor offers anything may leave, or has."""
    if person.needed:
        return "needed", "act"
    if person.offered:
        return "offers", "act"
    return ("not needed" if person.presence in {"away", "following"} else "may leave"), "muted"


def task(person: PersonView) -> str:
    """What somebody is there for: the roles they hold, or else what they were asked for."""
    return ", ".join(role.line for role in person.roles) or person.reason.line


def over(person: PersonView, now: int) -> bool:
    """Whether they were needed until a moment that has passed: they are asked, never let go by themselves."""
    return person.needed and 0 < person.until <= now


def until(person: PersonView, now: int) -> Said:
    """Until when they are needed; nothing while that is open."""
    if not (person.needed and person.until):
        return "", "plain"
    late = over(person, now)
    return f"until {hhmm(person.until)}{OVER if late else ''}", "warn" if late else "plain"


def presence(person: PersonView, now: int) -> Said:
    """Where they said they are, and how long ago that was; unknown until they say so, whatever else is known."""
    if not person.presence:
        return "unknown", "muted"
    young = seconds_since(person.presence_at, now) < OLD
    return f"{person.presence.line} {ago(person.presence_at, now).removesuffix(' ago')}", "plain" if young else "muted"


def left(timer: TimerView, now: int) -> Said:
    """What is left of a look."""
    seconds = (timer.until - now) / SECOND
    if seconds < 0:
        return "over", "warn"
    return f"{countdown(seconds)} left", "warn" if seconds < DUE_SOON else "plain"
