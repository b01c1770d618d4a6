"""Names of a config as a drill can have them, and moments as it counts them. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cockpit.clock import SECOND


@dataclass(frozen=True)
class Clockface:
    """Counts from T0, which is in microseconds since the epoch."""

    t0: int

    def at(self, moment: int) -> float:
        """Seconds after T0."""
        return (moment - self.t0) / SECOND

    def minute(self, moment: int) -> float:
        """Minutes after T0, to two digits."""
        return round(self.at(moment) / 60, 2)


def name(text: str) -> str:
    """The text as a name: what a name does not take becomes a dash."""
    return re.sub(r"[^a-z0-9._-]+", "-", text.lower()).strip("._-")[:60] or "x"


def shortened(text: str, limit: int) -> str:
    """At most so many characters, cut between two words: half a name or an address would not be known for one."""
    if len(text) <= limit:
        return text
    kept, space, _ = text[:limit].rpartition(" ")
    return f"{kept if space else text[: limit - 1]}…"


def word(text: str) -> str:
    """The name as part of a key, which has no dots and begins with a letter."""
    made = name(text).replace(".", "-")
    return made if made[0].isalpha() else f"n{made}"
