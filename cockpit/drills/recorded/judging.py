"""When a drill from a record is over, and how the recorded play ended. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cockpit.clock import SECOND
from cockpit.drills.model.parts import Criteria
from cockpit.drills.model.plays import Ending, Mark, Move, Play
from cockpit.drills.model.values import Axis
from cockpit.drills.recorded.books import Books
from cockpit.drills.recorded.naming import Clockface
from cockpit.drills.recorded.probing import Probes
from cockpit.drills.score import axes
from cockpit.incident.event import Event
from cockpit.incident.intervals import marks

QUIET = 900.0
"""Seconds that a recovery is to be watched where no runbook says."""


def criteria(probes: Probes, books: Books) -> Criteria:
    """What was down serves again, for as long as the first runbook wants it watched."""
    return Criteria(mitigated=(probes.well(),), verified=probes.red()[0].probe, quiet=quiet(books))


def quiet(books: Books) -> float:
    """Seconds that a recovery is to be watched."""
    return next((plan.recovery.hold for plan in books.plans.values()), QUIET)


def play(events: Sequence[Event], moves: Sequence[Move], probes: Probes, books: Books, clock: Clockface) -> Play:
    """The moves, the minutes at which they passed the axes, and what came of them."""
    passed = marks(events)
    over, well, down = passed.resolved, passed.mitigated, probes.down_at_last()
    watched = over is not None and well is not None and over - well >= (quiet(books) - 60) * SECOND
    stated: Mapping[Axis, int | None] = axes(passed)
    return Play(
        title="What was done then, at the same minutes",
        kind="original",
        marks={
            axis: Mark(minute=clock.minute(at), fact="original")
            for axis, at in stated.items()
            if at is not None and at >= clock.t0
        },
        ending=Ending(
            text="As it ended then",
            mitigated=not down,
            resolved="never" if over is None else "truly" if watched and not down else "falsely",
        ),
        moves=tuple(moves),
        until=clock.minute(events[-1].occurred_at),
    )
