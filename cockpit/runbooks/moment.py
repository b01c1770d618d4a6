"""What a run may look at beside itself when something is to follow."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from cockpit.incident.vocabulary import Figures


@dataclass(frozen=True, slots=True)
class Moment:
    """The moment in microseconds; by probe the latest figures, and since when those that are up have been so.

    `held` are the attempts whose confirmation still stands: the engine has the environment of the person who gave it.
    """

    now: int
    figures: Mapping[str, Figures] = field(default_factory=dict)
    steady: Mapping[str, int] = field(default_factory=dict)
    held: Collection[str] = ()
