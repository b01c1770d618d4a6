"""One attempt of a step, and what became of it. Pure."""

from __future__ import annotations

import msgspec

from cockpit.incident.runs import AttemptFinished, Direction, Purpose


class Attempt(msgspec.Struct, frozen=True):
    """One start of one command; times in microseconds. `order` counts the attempts of the run from 1."""

    id: str
    step: str
    direction: Direction
    command: str
    digest: str
    actor: str
    intended_at: int
    started_at: int = 0
    finished: AttemptFinished | None = None
    abandoned: str = ""
    unknown: str = ""
    settled: str = ""
    pid: int = 0
    purpose: Purpose = "act"
    under: str = ""
    visit: int = 1
    order: int = 0
    stop_asked: str = ""
    recalled: bool = False

    @property
    def root(self) -> str:
        """The attempt that a person confirmed: this one, or the one that it followed from by itself."""
        return self.under or self.id

    @property
    def acted(self) -> bool:
        """Whether the command may have had an effect: all but those that never ran, or of which a person said so."""
        if self.purpose != "act" or (self.finished is not None and self.finished.ended_by == "not_found"):
            return False
        never_ran = bool(self.abandoned) and not self.started_at
        return not never_ran and self.settled != "no_effect"

    @property
    def open(self) -> bool:
        """Whether its fate is not recorded yet."""
        return self.finished is None and not self.abandoned and not self.unknown

    @property
    def succeeded(self) -> bool:
        """Whether it ended as it should."""
        return self.finished is not None and self.finished.ok

    @property
    def undid(self) -> bool:
        """Whether it undid its visit, or a person said that nothing is left of that to do."""
        return self.direction == "rollback" and (
            (self.purpose == "act" and self.succeeded) or self.settled in {"took_effect", "by_hand", "skipped"}
        )  # fmt: skip

    @property
    def to_settle(self) -> bool:
        """Whether a person may still say what became of it: it is unknown, or a rollback that did not succeed.

        Also a rollback that its own check held back: what it would restore is not there.
        """
        if self.purpose != "act":
            held_back = self.finished is not None and not self.finished.ok
            return self.direction == "rollback" and held_back and not self.settled
        if self.direction == "forward":
            return bool(self.unknown) and not self.settled
        return not self.open and not self.succeeded and self.settled in {"", "no_effect"}
