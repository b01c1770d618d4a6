"""What the debrief of a drill looks at. Pure."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

import msgspec

from cockpit.clock import SECOND
from cockpit.drills.score import Score
from cockpit.drills.state import Deed
from cockpit.incident.event import Event
from cockpit.incident.runs import AttemptIntended, RunStarted
from cockpit.review.model import Report


class Case(msgspec.Struct, frozen=True):
    """What is looked at: the events of the incident, the report made of them, the score and what the world knows.

    `t0` is in microseconds. The deeds are all commands that the world obeyed, whoever typed them. After `relief`
    minutes somebody else is thought of to lead.
    """

    events: tuple[Event, ...]
    report: Report
    score: Score
    deeds: tuple[Deed, ...]
    t0: int
    relief: float

    def minute(self, at: int) -> float:
        """Minutes after T0 of a moment in microseconds."""
        return round((at - self.t0) / (60 * SECOND), 1)

    @property
    def end(self) -> float:
        """The minute at which the drill was left: what was not due until then is nobody's habit."""
        return self.on(self.report.header.generated_at)

    def on(self, moment: datetime) -> float:
        """The same of a moment in the report."""
        return self.minute(int(moment.timestamp() * SECOND))

    def by_hand(self) -> tuple[Deed, ...]:
        """The commands that the world obeyed and no run had run: a run also looks, before and after what it does."""
        confirmed = Counter(event.body.command for event in self.events if isinstance(event.body, AttemptIntended))
        found = []
        for deed in self.deeds:
            command = " ".join(deed.command)
            if confirmed[command]:
                confirmed[command] -= 1
            else:
                found.append(deed)
        return tuple(found)

    def changing(self) -> dict[str, str]:
        """The step of each attempt that changes something and was confirmed by itself."""
        return {
            body.attempt: body.step
            for event in self.events
            if isinstance(body := event.body, AttemptIntended) and body.purpose == "act" and body.direction == "forward"
            and not body.under and (body.run, body.step) in self._written
        }  # fmt: skip

    @property
    def _written(self) -> set[tuple[str, str]]:
        return {
            (event.body.run, outline.id)
            for event in self.events
            if isinstance(event.body, RunStarted)
            for outline in event.body.steps
            if outline.effect != "read"
        }
