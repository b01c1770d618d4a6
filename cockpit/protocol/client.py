"""A terminal's end of the socket."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec

from cockpit.protocol.commands import AnyCommand
from cockpit.protocol.messages import (
    FRAME_LIMIT,
    SPOKEN,
    Answer,
    Do,
    Fetch,
    FromClient,
    Goodbye,
    Hello,
    Rows,
    Runbooks,
    Shutdown,
    Welcome,
    Wind,
    pack,
    unpack_from_engine,
)
from cockpit.protocol.older import unsendable
from cockpit.protocol.views import CardView, ChangesView, FreezeView, Pane, PreviewView
from cockpit.tasks import TaskSet
from cockpit.text import SafeText

Told = Pane | Rows | Runbooks | CardView | ChangesView | FreezeView | PreviewView | Goodbye
"""What an engine says without being asked, and its answers to fetches."""

GREETING_DEADLINE = 10.0
"""Real seconds in which an engine must answer the greeting."""


class NoEngine(ConnectionError):
    """Nothing answers at the socket."""


class Unanswered(NoEngine):
    """Something takes connections at the socket, and says nothing."""


class TurnedAway(ConnectionError):
    """The engine would not talk to this client: `why` is `version` when it runs another version of the program."""

    def __init__(self, goodbye: Goodbye) -> None:
        super().__init__(goodbye.text or f"the engine said goodbye: {goodbye.why}")
        self.why = goodbye.why
        self.config = goodbye.config


class Client:
    """One connection to an engine. A connection lost shows as the end of `messages` and as ConnectionError."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, welcome: Welcome, *, read_only: bool
    ) -> None:
        self.welcome = welcome
        self._read_only = read_only
        self._reader = reader
        self._writer = writer
        self._answers: dict[str, asyncio.Future[Answer]] = {}
        self._told: asyncio.Queue[Told | None] = asyncio.Queue()
        self._pump = TaskSet().spawn(self._read(), "client")

    @classmethod
    async def connect(
        cls, socket: Path, *, actor: str, panes: bool = True, after: int = -1, data: bool = False,
        read_only: bool = False,
    ) -> Client:  # fmt: skip
        """Greet the engine at that socket; NoEngine or TurnedAway when there is no talking to it.

        With `read_only` every command is refused.
        """
        try:
            reader, writer = await asyncio.open_unix_connection(os.fspath(socket), limit=FRAME_LIMIT)
        except OSError as error:
            raise NoEngine(f"no engine answers at {socket}: {error.strerror or error}") from error
        try:
            writer.write(pack(Hello(SPOKEN, actor, panes, after, data, read_only)))
            async with asyncio.timeout(GREETING_DEADLINE):
                first = unpack_from_engine(await reader.readuntil())
        except TimeoutError as error:
            writer.close()
            raise Unanswered(f"the engine at {socket} did not answer the greeting") from error
        except (OSError, asyncio.IncompleteReadError, msgspec.MsgspecError) as error:
            writer.close()
            raise NoEngine(f"the engine at {socket} did not answer the greeting") from error
        if isinstance(first, Goodbye):
            writer.close()
            if first.why == "stopping":
                raise NoEngine(f"the engine at {socket} is stopping")
            raise TurnedAway(first)
        if not isinstance(first, Welcome):
            writer.close()
            raise NoEngine(f"what answers at {socket} is no engine")
        return cls(reader, writer, first, read_only=read_only)

    async def _read(self) -> None:
        try:
            while True:
                message = unpack_from_engine(await self._reader.readuntil())
                if isinstance(message, Answer):
                    waiting = self._answers.pop(message.id, None)
                    if waiting is not None and not waiting.done():
                        waiting.set_result(message)
                elif not isinstance(message, Welcome):
                    self._told.put_nowait(message)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, msgspec.MsgspecError):
            pass
        finally:
            self._told.put_nowait(None)
            for waiting in self._answers.values():
                if not waiting.done():
                    waiting.set_exception(ConnectionError("the engine went away before it answered"))
            self._answers.clear()
            self._writer.close()

    async def messages(self) -> AsyncIterator[Told]:
        """What the engine tells, until the connection is gone."""
        while (message := await self._told.get()) is not None:
            yield message

    def hang_up(self) -> None:
        """End `messages` at once."""
        self._told.put_nowait(None)

    async def do(self, command: AnyCommand, decided_on: tuple[str, int] | None = None, command_id: str = "") -> Answer:
        """Ask for a change and wait for the answer. The same `command_id` sent again gets the same answer.

        What the engine's version does not know is refused here.
        """
        if self._pump.done():
            raise ConnectionError("the engine is gone")
        stream, seq = decided_on or ("", 0)
        do = Do(command_id or uuid.uuid4().hex, stream, seq, command)
        if why := unsendable(command, self.welcome.version, self._read_only):
            return Answer(do.id, False, SafeText(why), "invalid", stream=stream, seq=seq)
        waiting: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._answers[do.id] = waiting
        await self._send(do)
        return await waiting

    async def send(self, message: Fetch | Wind | Shutdown) -> None:
        """Ask for something that comes back through `messages`."""
        await self._send(message)

    async def _send(self, message: FromClient) -> None:
        self._writer.write(pack(message))
        try:
            await self._writer.drain()
        except ConnectionError as error:
            raise ConnectionError("the engine is gone") from error

    async def close(self) -> None:
        """Leave; the engine goes on."""
        self._pump.cancel()
        await asyncio.gather(self._pump, return_exceptions=True)
        self._writer.close()
