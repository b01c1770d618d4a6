"""A seat at the cockpit of a drill: what is seen from it, and a way to act."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

from cockpit.clock import wait
from cockpit.drills.sight import Sight, see
from cockpit.drills.stage import DrillFailed, Stage
from cockpit.protocol.client import Client
from cockpit.protocol.commands import AnyCommand
from cockpit.protocol.messages import Answer, FetchRunbooks, Goodbye, Rows
from cockpit.protocol.views import Row
from cockpit.tasks import TaskSet

LOOK_AGAIN = 5.0
"""Incident seconds after which a condition on the minute is looked at again although nothing was told."""
SHOWN = 2.0
"""Real seconds within which what a command led to is seen."""


class Seat:
    """One client of the engine, with everything it was told kept as one sight."""

    def __init__(self, client: Client, stage: Stage, on_row: Callable[[Row], None]) -> None:
        self._client = client
        self._stage = stage
        self._on_row = on_row
        self._sight = Sight()
        self._told = asyncio.Event()
        self._lost = ""

    @property
    def sight(self) -> Sight:
        """What is seen at this moment."""
        return replace(self._sight, minute=self._stage.minute, t0=self._stage.t0)

    @property
    def lost(self) -> str:
        """Why nothing is told here any more; empty while the engine is there."""
        return self._lost

    async def watch(self) -> None:
        """Take in what the engine tells, until it goes."""
        async for told in self._client.messages():
            if isinstance(told, Rows):
                for row in told.rows:
                    self._on_row(row)
            elif isinstance(told, Goodbye):
                self._lost = told.text or told.why
            self._sight = see(self._sight, told)
            self._told.set()
        self._lost = self._lost or "the engine went away"
        self._told.set()

    async def browse(self) -> None:
        """Ask which runbooks there are."""
        await self._client.send(FetchRunbooks())

    async def pause(self, minute: float = 0.0) -> None:
        """Wait until something is told, that minute comes or some time has passed; DrillFailed without an engine."""
        if self._lost:
            raise DrillFailed(f"the drill ended early: {self._lost}")
        self._told.clear()
        ahead = (minute - self._stage.minute) * 60
        await wait(self._told, self._stage.clock, min(ahead, LOOK_AGAIN) if ahead > 0 else LOOK_AGAIN)

    async def shown(self, answer: Answer) -> None:
        """Wait until what the command led to is seen, but not for ever: somebody may look at another incident."""
        with suppress(TimeoutError):
            async with asyncio.timeout(SHOWN):
                while not self._lost and self._behind(answer):
                    self._told.clear()
                    await self._told.wait()

    def _behind(self, answer: Answer) -> bool:
        header = self._sight.header
        return header is None or header.stream != answer.stream or header.head < answer.seq

    async def do(self, command: AnyCommand, command_id: str = "") -> Answer:
        """Ask for it, on what is seen now; the same `command_id` is done once."""
        header = self._sight.header
        return await self._client.do(command, (header.stream, header.head) if header is not None else None, command_id)


@asynccontextmanager
async def seated(
    stage: Stage, actor: str, on_row: Callable[[Row], None] = lambda row: None, after: int = -1
) -> AsyncIterator[Seat]:
    """A seat for as long as it is needed; `after` asks for every row after that number."""
    client = await Client.connect(stage.places.socket, actor=actor, panes=True, after=after)
    tasks = TaskSet()
    seat = Seat(client, stage, on_row)
    tasks.spawn(seat.watch(), f"seat of {actor}")
    try:
        yield seat
    finally:
        await tasks.close()
        await client.close()
