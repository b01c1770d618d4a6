"""What every intake can do, and what it finds."""

from __future__ import annotations

from typing import Literal, Protocol

import msgspec

from cockpit.incident.vocabulary import AlertEnded, AlertSeen
from cockpit.text import SafeText

Action = Literal["acknowledge", "escalate", "snooze"]
WORDS = 300
"""Characters kept of anything another system says."""
UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What decoding hostile bytes may raise: no answer may keep us from asking again."""


class Found(msgspec.Struct, frozen=True):
    """What one look, or one delivery, told.

    `whole` when `alerts` is all there is, so that what is missing has ended; `ended` is what was said to be over.
    `problems` says in words why nothing or not all was learnt, `pause` for how many seconds not to ask again.
    """

    alerts: tuple[AlertSeen, ...] = ()
    whole: bool = False
    problems: tuple[SafeText, ...] = ()
    ended: tuple[AlertEnded, ...] = ()
    pause: float = 0.0


class CannotAct(Exception):
    """The other system did not do what a person asked for; the text says why, and how to mend it."""


class Source(Protocol):
    """A system that is asked for its alarms."""

    @property
    def name(self) -> str:
        """What the config calls it; the alarms' ids begin with it."""

    @property
    def interval(self) -> float:
        """Incident seconds between two looks."""

    @property
    def actions(self) -> tuple[Action, ...]:
        """What can be asked of it about an alarm."""

    async def look(self) -> Found:
        """What it alarms about now; never raises."""

    async def act(self, alert: str, action: Action, minutes: float, actor: str) -> str:
        """Ask it to do that about the alarm of this id; what was done, in words. Raises CannotAct."""
