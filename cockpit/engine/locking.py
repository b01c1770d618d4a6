"""Who works on what: a run holds the lock of its runbook, in sight of every profile of this user on this host."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

from cockpit.clock import Clock
from cockpit.engine.circumstances import Offered, Refusal
from cockpit.engine.core import Core
from cockpit.engine.holders import needed, over, said
from cockpit.execution import locks
from cockpit.execution.locks import Holder
from cockpit.incident.event import Body, Draft
from cockpit.incident.fold import State
from cockpit.incident.run import Run
from cockpit.incident.runs import LockLost, LockTaken
from cockpit.journal.errors import JournalError
from cockpit.protocol import commands
from cockpit.tasks import TaskSet
from cockpit.text import SafeText

log = logging.getLogger(__name__)

LOOK_EVERY = 1.0
PAUSE = 0.1
"""Real seconds between two looks at the locks of the runs in hand, at most, and at least when much goes on."""


class Locks:
    """The lock files, and what the runs of this profile make of them.

    Level-triggered: what is held and what should be are compared again and again, so that an engine that died between
    two steps of it is put right by the next one. A run is known by its profile and its id.
    """

    def __init__(self, core: Core, clock: Clock, directory: Path, *, profile: str, host: str) -> None:
        self._core = core
        self._clock = clock
        self._directory = directory
        self._profile = profile
        self._host = host
        self._turn = asyncio.Lock()
        self._tasks = TaskSet(_told_to_whoever_asked)

    def holder(self, lock: str) -> SafeText:
        """Who works on it, in words; empty when nobody does."""
        return said(locks.holder(self._directory, lock)) if lock else SafeText("")

    async def run(self) -> None:
        """Compare for ever."""
        waker = self._core.waker()
        try:
            while True:
                waker.clear()
                async with self._turn:
                    await self._compare()
                await asyncio.sleep(PAUSE)
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_EVERY):
                        await waker.wait()
        finally:
            self._core.forget(waker)
            await self._tasks.close()

    async def start(
        self, command: commands.StartRun, offered: Offered, run: str, person: str,
        record: Callable[[Offered], Awaitable[None]],
    ) -> None:  # fmt: skip
        """Take the lock of the runbook, then record its run; Refusal while somebody else works on it.

        The lock is given back when the run cannot be recorded.
        """
        if not offered.plan.lock:
            await record(offered)
            return

        async def started() -> None:
            async with self._turn:
                # What has ended by now gives its lock back first.
                await self._compare()
                before = over(await self._holder(offered.plan.lock), command.take_over, command.holder)
                why = command.take_over if before is not None else ""
                mine = self._mine(run, offered.title, person, why)
                took = f"taken over from {before.person} ({before.runbook}): {why}" if before is not None else ""
                await self._exchange(offered.plan.lock, before, mine, lambda: record(replace(offered, took_over=took)))

        # To its end even if whoever asked leaves: a lock that is taken belongs to a run that is on record.
        await asyncio.shield(self._tasks.spawn(started(), "start of a run"))

    async def take_over(
        self, command: commands.TakeOver, run: Run, person: str, record: Callable[[Body], Awaitable[None]]
    ) -> None:
        """Take the lock of a run back, then record it; Refusal unless its holder is named, with a reason."""
        if not run.lock or not command.reason.strip():
            raise Refusal("invalid", "say why it is taken over" if run.lock else f"{run.title} needs no lock")

        async def taken() -> None:
            async with self._turn:
                present = await self._holder(run.lock)
                if present is not None and self._is_of(present, run):
                    raise Refusal("invalid", f"{run.title} holds the lock of {run.lock} itself")
                before = over(present, command.reason, command.holder)
                mine = self._mine(run.id, run.title, person, command.reason)
                words = f"from {before.person}: {command.reason}" if before is not None else command.reason
                body = LockTaken(run=run.id, lock=run.lock, words=words)
                await self._exchange(run.lock, before, mine, lambda: record(body))

        await asyncio.shield(self._tasks.spawn(taken(), "taking over a lock"))

    @asynccontextmanager
    async def held(self, run: Run) -> AsyncIterator[None]:
        """Hold the lock while something of the run is confirmed, also taken anew to undo what has ended.

        Refusal when somebody else has it, which is on record then.
        """
        if not run.lock or run.lost:
            # Nothing but taking it over is offered.
            yield
            return
        async with self._turn:
            try:
                other = await self._taken_by(run)
            except OSError as error:
                raise Refusal("storage", f"the lock of {run.lock} cannot be had: {error.strerror or error}") from error
            if other is not None:
                await self._lost(run, other)
                raise Refusal("invalid", f"not run: {run.lock} was taken over; {said(other)}")
            yield

    async def _compare(self) -> None:
        latest = self._core.latest
        if latest is None:
            return
        for run in latest.runs.values():
            try:
                if run.lock:
                    await self._compare_one(run, latest.lifecycle.open)
            except (OSError, JournalError) as error:
                log.warning("the lock of %s is looked at again: %s", run.lock, error)

    async def _compare_one(self, run: Run, incident_open: bool) -> None:
        if not needed(run, incident_open):
            present = await self._holder(run.lock)
            if present is not None and self._is_of(present, run):
                await asyncio.to_thread(locks.release, self._directory, run.lock, present)
            return
        if run.lost and await self._holder(run.lock) is None:
            # Whoever took it is done: a person takes it back, and looks first at what was done meanwhile.
            return
        other = await self._taken_by(run)
        if other is not None:
            await self._lost(run, other)
        elif run.lost:
            await self._record(run, LockTaken(run=run.id, lock=run.lock, words="it names this run again"))

    async def _taken_by(self, run: Run) -> Holder | None:
        """Who else holds the lock of the run; None when the run does, or does from now on because it was free."""
        present = await self._holder(run.lock)
        if present is None:
            mine = self._mine(run.id, run.title, run.started_by, "")
            try:
                await asyncio.to_thread(locks.take, self._directory, run.lock, mine)
            except locks.LockTaken as taken:
                return taken.holder
            return None
        return None if self._is_of(present, run) else present

    async def _lost(self, run: Run, other: Holder) -> None:
        words = said(other)
        if run.lost != words:
            await self._record(run, LockLost(run=run.id, lock=run.lock, words=words))

    async def _record(self, run: Run, body: LockLost | LockTaken) -> None:
        def decide(state: State) -> tuple[Draft, ...]:
            known = state.runs.get(run.id)
            settled = known is None or (known.lost == body.words if isinstance(body, LockLost) else not known.lost)
            return () if settled else (Draft(body=body, actor="cockpit"),)

        await self._core.record(decide)

    async def _exchange(
        self, lock: str, before: Holder | None, mine: Holder, record: Callable[[], Awaitable[None]]
    ) -> None:
        """Make this the holder, in the place of the one before, for as long as it can be recorded."""
        try:
            await asyncio.to_thread(locks.take, self._directory, lock, mine, over=before)
        except locks.LockTaken as taken:
            raise Refusal("stale", f"somebody else holds it by now: look again; {said(taken.holder)}") from taken
        except OSError as error:
            raise Refusal("storage", f"the lock of {lock} cannot be taken: {error.strerror or error}") from error
        try:
            await record()
        except Exception:
            await asyncio.to_thread(self._give_back, lock, before, mine)
            raise

    def _give_back(self, lock: str, before: Holder | None, mine: Holder) -> None:
        try:
            if before is None:
                locks.release(self._directory, lock, mine)
            else:
                locks.take(self._directory, lock, before, over=mine)
        except (OSError, locks.LockTaken) as error:
            log.warning("the lock of %s could not be given back: %s", lock, error)

    async def _holder(self, lock: str) -> Holder | None:
        return await asyncio.to_thread(locks.holder, self._directory, lock)

    def _mine(self, run: str, runbook: str, person: str, reason: str) -> Holder:
        return Holder(person, self._host, self._profile, run, runbook, self._clock.now(), os.getpid(), reason.strip())

    def _is_of(self, holder: Holder, run: Run) -> bool:
        return (holder.profile, holder.run) == (self._profile, run.id)


def _told_to_whoever_asked(name: str, error: BaseException) -> None:
    log.debug("%s came to nothing: %r", name, error)
