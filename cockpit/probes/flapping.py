"""Whether a probe keeps changing its mind: pure.

The measure is the one Nagios and Icinga 2 have used for long: the share of changes between the last 21 results, a
newer change counting for more (about 0.8 for the oldest, 1.2 for the newest), high to begin and low to end.
"""

from __future__ import annotations

import msgspec

from cockpit.probes.sample import Outcome

COMPARED = 20
"""Distinct samples looked at, each compared with the one before it."""
BEGINS = 0.30
ENDS = 0.25
"""Weighted shares of changes: between the two it stays as it was."""
_OLDEST, _NEWEST = 0.81, 1.19
_STEP = (_NEWEST - _OLDEST) / (COMPARED - 1)
_LETTERS: dict[Outcome, str] = {"good": "g", "slow": "s", "bad": "b"}


class Window(msgspec.Struct, frozen=True):
    """The last outcomes, one letter each, the newest last."""

    outcomes: str = ""
    flapping: bool = False

    @property
    def changes(self) -> int:
        """How many samples differed from the one before."""
        return sum(one != other for one, other in zip(self.outcomes, self.outcomes[1:], strict=False))

    @property
    def share(self) -> float:
        """The weighted share of changes, from 0 to 1; samples not taken yet count as unchanged."""
        pairs = zip(reversed(self.outcomes), reversed(self.outcomes[:-1]), strict=False)
        weights = (_NEWEST - age * _STEP for age, (new, old) in enumerate(pairs) if new != old)
        return min(1.0, sum(weights) / COMPARED)

    @property
    def words(self) -> str:
        """What was seen, for people."""
        return f"flapping: {self.changes} changes in {max(0, len(self.outcomes) - 1)} samples"

    def after(self, outcome: Outcome) -> Window:
        """The window one sample later; an indeterminate one is none."""
        if (letter := _LETTERS.get(outcome)) is None:
            return self
        if self.outcomes == letter * (COMPARED + 1):
            return self
        moved = Window((self.outcomes + letter)[-COMPARED - 1 :], self.flapping)
        share = moved.share
        return Window(moved.outcomes, share >= ENDS if self.flapping else share >= BEGINS)
