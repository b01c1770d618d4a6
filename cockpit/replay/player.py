"""Plays a tape to any terminal that attaches, as an engine would; nothing can be done to it but to wind it."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable

from cockpit import __version__
from cockpit.clock import SECOND
from cockpit.engine.rows import Rows
from cockpit.engine.session import Show
from cockpit.protocol.commands import Update
from cockpit.protocol.messages import Answer, Do, Runbooks, Welcome, Wind
from cockpit.protocol.older import REPLAY
from cockpit.protocol.views import ClockView, Pane, PreviewView
from cockpit.replay.drawing import Drawing
from cockpit.replay.position import Position, advance, wind
from cockpit.replay.tape import Tape
from cockpit.text import SafeText

GLANCE = 0.5
"""Real seconds at most between two looks at a tape that plays."""


class Player:
    """The tape at its position. `monotonic` tells real seconds."""

    def __init__(
        self, tape: Tape, drawing: Drawing, rows: Rows, position: Position, *,
        profile: str, monotonic: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._tape = tape
        self._drawing = drawing
        self._rows = rows
        self._profile = profile
        self._monotonic = monotonic
        self._anchor, self._since = position, monotonic()
        self._wakers: set[asyncio.Event] = set()
        self._wound = asyncio.Event()

    @property
    def position(self) -> Position:
        """Where it is now."""
        return advance(self._anchor, self._monotonic() - self._since, self._tape)

    def go(self, position: Position) -> None:
        """Be there from now on."""
        self._anchor, self._since = position, self._monotonic()
        self._wound.set()
        self.wake()

    def wind(self, said: Wind) -> None:
        """Do as the key says."""
        self.go(wind(self.position, said, self._tape))

    def wake(self) -> None:
        """Have everybody look again."""
        for waker in self._wakers:
            waker.set()

    async def run(self) -> None:
        """Show each event in its turn, for ever."""
        while True:
            self._wound.clear()
            pause = self._until_next()
            try:
                async with asyncio.timeout(pause):
                    await self._wound.wait()
            except TimeoutError:
                self.wake()

    def _until_next(self) -> float | None:
        position = self.position
        if not position.playing:
            return None
        ahead = self._tape.moments[position.seq] if position.seq < self._tape.last else self._tape.end
        return min(GLANCE, max(0.01, (ahead - position.at) / SECOND / position.speed))

    def show(self) -> Show:
        """What a session needs of an engine: all there is to see, and no door to change it."""
        return Show(
            welcome=self._welcome,
            clock=self._clock,
            panes=self._panes,
            rows=self._rows.between,
            # As if all had been told: a terminal asks for the rows up to the head that it is shown.
            head=lambda: (self._tape.stream, self._tape.last),
            watch_head=lambda: 0,
            runbooks=_no_runbooks,
            card=lambda probe: self._drawing.card(probe, self.position),
            changes=lambda: self._drawing.changes(self.position),
            freeze=lambda: self._drawing.freeze(self.position),
            preview=self._preview,
            perform=self._perform,
            waker=self._waker,
            forget=self._wakers.discard,
            shutdown=_go_on,
            wind=self.wind,
        )

    def _waker(self) -> asyncio.Event:
        event = asyncio.Event()
        self._wakers.add(event)
        return event

    def _clock(self) -> ClockView:
        position = self.position
        return ClockView(position.at, position.speed if position.playing else 0.0)

    def _panes(self) -> tuple[Pane, ...]:
        return self._drawing.panes(self.position)

    async def _preview(self, update: Update | None, actor: str) -> PreviewView:
        return self._drawing.preview(self.position)

    async def _perform(self, said: Do, actor: str) -> Answer:
        return Answer(said.id, False, SafeText(REPLAY), "invalid", stream=self._tape.stream, seq=self.position.seq)

    def _welcome(self, version: int) -> Welcome:
        clock = self._clock()
        return Welcome(
            version=version, program=__version__, pid=os.getpid(), profile=self._profile, config="",
            stream=self._tape.stream, head=self._tape.last, now=clock.now, speed=clock.speed, replay=True,
        )  # fmt: skip


async def _no_runbooks() -> Runbooks:
    return Runbooks(())


def _go_on(by: str) -> None:
    """A replay ends with the command that began it."""
