"""Watches the clock for what people forget: a promised word that did not come, a look whose time is over."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Sequence

from cockpit.broadcast.due import next_due, overdue
from cockpit.clock import Clock
from cockpit.config.broadcasting import Cadence
from cockpit.engine.board import Board
from cockpit.engine.core import Core
from cockpit.engine.gathering import expired
from cockpit.engine.judging import SHORTEST_TICK
from cockpit.incident.broadcasts import UpdatePosted
from cockpit.incident.event import Body, Draft
from cockpit.incident.fold import State
from cockpit.journal.errors import JournalError

log = logging.getLogger(__name__)


class Reminder:
    """Once an incident second, records what has become due."""

    def __init__(self, core: Core, board: Board, clock: Clock, cadence: Cadence) -> None:
        self._core = core
        self._board = board
        self._clock = clock
        self._cadence = cadence

    async def run(self) -> None:
        """Remind for ever."""
        while True:
            await self._clock.sleep(max(1.0, SHORTEST_TICK * self._clock.speed))
            if not self._due(self._core.shown):
                continue
            try:
                # Decided anew within the turn: somebody may have written meanwhile.
                await self._core.record(self._due)
            except JournalError as error:
                log.warning("what is due waits for the journal: %s", error.message)

    def _due(self, state: State) -> Sequence[Draft]:
        now = self._clock.now()
        bodies: list[Body] = [*expired(state, now)]
        if (news := overdue(state, now, self._board.figures(now))) is not None:
            bodies.append(
                UpdatePosted(
                    update=uuid.uuid4().hex[:12],
                    reason=news.reason,
                    headline=news.headline,
                    know=news.know,
                    doing=news.doing,
                    unknown=news.unknown,
                    automatic=True,
                    next_due=next_due(state, now, self._cadence),
                )  # fmt: skip
            )
        return tuple(Draft(body=body, actor="cockpit") for body in bodies)
