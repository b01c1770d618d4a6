"""What an engine shows of a run, as far as it has come, and waiting for more of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from cockpit.protocol.client import Client
from cockpit.protocol.messages import Goodbye, Runbooks
from cockpit.protocol.views import HeaderView, OutputView, RunView

QUIET = 0.05
"""Real seconds without a word after which everything that belongs together has come."""
LONGEST = 1.0
"""Real seconds after which it is acted on even if the engine never pauses."""


class Sight:
    """The latest views of one connection. Every wait ends with ConnectionError when the engine is gone."""

    def __init__(self, changed: Callable[[], None]) -> None:
        """`changed` is called when another run view has come, or the engine has gone."""
        self.output: OutputView | None = None
        self.books: Runbooks | None = None
        self.why = "the engine went away"
        self._header: HeaderView | None = None
        self._run: RunView | None = None
        self._lost = False
        self._news = asyncio.Event()
        self._changed = changed

    async def listen(self, client: Client) -> None:
        """Take in what the engine tells, until it is gone."""
        try:
            async for message in client.messages():
                match message:
                    case HeaderView():
                        self._header = message
                    case RunView():
                        self._run = message
                        self._changed()
                    case OutputView():
                        self.output = message
                    case Runbooks():
                        self.books = message
                    case Goodbye():
                        self.why = message.text or self.why
                    case _:
                        continue
                self._news.set()
        finally:
            self._lost = True
            self._news.set()
            self._changed()

    @property
    def header(self) -> HeaderView:
        """The header; only after `ready`."""
        assert self._header is not None, "nothing has come yet"
        return self._header

    @property
    def run(self) -> RunView:
        """The run in hand; only after `ready`."""
        assert self._run is not None, "nothing has come yet"
        return self._run

    @property
    def lost(self) -> bool:
        """Whether the engine is gone."""
        return self._lost

    async def ready(self) -> None:
        """Wait for the first panes."""
        await self.until(lambda: self._header is not None and self._run is not None)

    async def until(self, so: Callable[[], bool]) -> None:
        """Wait until something is so."""
        while not so():
            await self.change()

    async def change(self) -> None:
        """Wait for the next word of the engine."""
        self._news.clear()
        if not self._lost:
            await self._news.wait()
        if self._lost:
            raise ConnectionError(self.why)

    async def rest(self) -> None:
        """Wait until all that belongs together has come: a header comes before the run it was drawn with."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LONGEST):
                while True:
                    try:
                        async with asyncio.timeout(QUIET):
                            await self.change()
                    except TimeoutError:
                        return
