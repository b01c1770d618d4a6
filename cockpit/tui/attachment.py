"""The terminal's hold on the engine: attaches, attaches again, carries commands."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Protocol

from cockpit.clock import awake_and_boot, hhmm
from cockpit.protocol.client import NoEngine, Told, TurnedAway, Unanswered
from cockpit.protocol.commands import AnyCommand
from cockpit.protocol.launch import EngineFailed
from cockpit.protocol.messages import Answer, Fetch, FetchCard, Goodbye, Shutdown, Welcome, Wind
from cockpit.protocol.since import since
from cockpit.protocol.views import Pane
from cockpit.tasks import TaskSet
from cockpit.text import SafeText
from cockpit.tui.frame import Frame
from cockpit.tui.silence import LOOK_EVERY, Silence

RETRY_FIRST, RETRY_LAST = 0.2, 2.0
"""Real seconds between attempts to attach: they grow from the first to the last."""
RETRY_FAILED = 10.0
"""Real seconds until an engine that could not start is started again: what is wrong takes a person to mend."""
SIGN_OF_LIFE = FetchCard("")
"""What an engine of every version answers at once, without its journal, and whatever it watches."""
NAME = 24
"""Characters of a name beside which the keys still stand."""
OLDER = "This engine is older and does not know how: E restarts it, and running steps go on."


class Client(Protocol):
    """What is asked of a connection; `cockpit.protocol.client.Client` is one."""

    welcome: Welcome

    def messages(self) -> AsyncIterator[Told]: ...

    async def do(
        self, command: AnyCommand, decided_on: tuple[str, int] | None = None, command_id: str = ""
    ) -> Answer: ...

    async def send(self, message: Fetch | Wind | Shutdown) -> None: ...

    async def close(self) -> None: ...


Connect = Callable[[], Awaitable[Client]]
Restart = Callable[[], Awaitable[str]]
"""Puts an engine of this version in the place of the one that runs, and says what came of it."""


async def by_hand() -> str:
    """What to do where nothing else can restart the engine."""
    return "`cockpit restart` in a shell does it."


def asleep() -> float:
    """Seconds that this host has slept since it was started."""
    awake, boot = awake_and_boot()
    return boot - awake


class Attachment:
    """Keeps the frame filled for as long as `run` runs; commands raise ConnectionError while no engine is there.

    `attached` is called once for every connection, `changed` after every change of the frame, and `told` with what
    was fetched, which belongs to one pane or question each. An engine that is silent for too long is given up and
    attached to again; `sleep` is what lies between two looks for that. Where `connect` starts an engine, `find` does
    not: it is called in its place once somebody has stopped the engine.
    """

    def __init__(
        self,
        connect: Connect,
        frame: Frame,
        *,
        attached: Callable[[], None],
        changed: Callable[[], None],
        told: Callable[[Told], None],
        find: Connect | None = None,
        restart: Restart = by_hand,
        monotonic: Callable[[], float] = time.monotonic,
        asleep: Callable[[], float] = asleep,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.frame = frame
        self.monotonic = monotonic
        self.asleep = asleep
        self.restart = restart
        self._connect = connect
        self._find = find or connect
        self._wanted = asyncio.Event()
        self._attached = attached
        self._changed = changed
        self._told = told
        self._sleep = sleep
        self._client: Client | None = None
        self._tasks = TaskSet()
        self._silence = Silence()
        self._heard_at = 0
        self._unanswered = 0

    async def run(self) -> None:
        """Attach and listen, over and over."""
        delay = RETRY_FIRST
        while True:
            try:
                client = await (self._find if self.frame.stopped else self._connect)()
            except EngineFailed as failed:
                self._lose(str(failed))
                await self._rest(RETRY_FAILED)
            except OSError as error:
                self._missed(error)
                await self._rest(delay)
                delay = min(delay * 2, RETRY_LAST)
            else:
                delay = RETRY_FIRST
                self._lose(await self._listen(client))
                await self._rest(delay)

    async def _rest(self, seconds: float) -> None:
        """Wait so long, or until a person wants an engine."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._wanted.wait()
        self._wanted.clear()

    def _missed(self, error: OSError) -> None:
        self.frame.misfit = isinstance(error, TurnedAway) and error.why == "version"
        if self.frame.stopped and isinstance(error, NoEngine):
            # Who stopped it says more than that nobody answers.
            return
        self.frame.stopped = False
        self._lose(self._silent() if isinstance(error, Unanswered) and self._heard_at else str(error))

    def start(self) -> None:
        """Start the engine that somebody stopped."""
        self.frame.stopped = False
        self._lose("the engine is being started")
        self._wanted.set()

    async def _listen(self, client: Client) -> str:
        self._client = client
        self.frame.welcome = client.welcome
        self.frame.clock.set(client.welcome)
        self.frame.lost = ""
        self.frame.misfit = self.frame.stopped = False
        self._attached()
        self._changed()
        self._hear()
        why = "engine gone"
        watch = self._tasks.spawn(self._watch(client), "silence")
        try:
            async for message in client.messages():
                self._hear()
                if isinstance(message, Goodbye):
                    self.frame.stopped = bool(message.by)
                    why = self._parted(message)
                elif isinstance(message, Pane):
                    self.frame.take(message)
                    self._changed()
                else:
                    self._told(message)
        finally:
            self._client = None
            watch.cancel()
            await client.close()
        return self._silent() if self._silence.given_up else why

    def _hear(self) -> None:
        self._silence.heard()
        self._heard_at = self.frame.clock.now()

    async def _watch(self, client: Client) -> None:
        """Let go of an engine that takes no notice any more; what it was asked to do keeps its id."""
        while (found := self._silence.look(self._unanswered > 0)) != "give up":
            if found == "ask":
                with contextlib.suppress(ConnectionError, TimeoutError):
                    async with asyncio.timeout(LOOK_EVERY):
                        await client.send(SIGN_OF_LIFE)
            await self._sleep(LOOK_EVERY)
        await client.close()

    def _parted(self, message: Goodbye) -> str:
        if message.by:
            return f"the engine was stopped by {SafeText(message.by, NAME).line} at {hhmm(self.frame.clock.now())}"
        return message.text or f"the engine said goodbye: {message.why}"

    def _silent(self) -> str:
        return f"the engine does not answer since {hhmm(self._heard_at)}"

    def _lose(self, why: str) -> None:
        self.frame.lost = why or "engine gone"
        self._changed()

    async def do(self, command: AnyCommand, decided_on: tuple[str, int] | None, command_id: str = "") -> Answer:
        """Ask for a change; ConnectionError when no engine can answer.

        What this terminal may not ask, or an older engine would not understand, is refused here and never sent.
        """
        if why := self.frame.only_looks:
            return Answer(command_id, False, SafeText(why), "invalid")
        if since(command) > self.frame.spoken:
            return Answer(command_id, False, SafeText(OLDER), "invalid")
        if self._client is None:
            raise ConnectionError("the engine is gone")
        self._unanswered += 1
        try:
            return await self._client.do(command, decided_on, command_id)
        finally:
            self._unanswered -= 1

    async def send(self, message: Fetch | Wind) -> None:
        """Ask for rows and the like, or wind a replay.

        When the engine is gone nobody answers, and whoever needs them asks again.
        """
        if self._client is None:
            return
        try:
            await self._client.send(message)
        except ConnectionError:
            return

    async def close(self) -> None:
        """Let go of the engine; it goes on."""
        if self._client is not None:
            await self._client.close()
