"""Empties the outbox: each destination by itself, so that a slow one keeps nobody else waiting."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from cockpit.broadcast.sender import Sender
from cockpit.clock import Clock
from cockpit.engine.carrying import LONGEST_NAP, OPEN, USUAL, Carrier, Pace
from cockpit.engine.core import Core
from cockpit.incident.broadcasts import UpdateUndelivered
from cockpit.incident.event import Draft
from cockpit.journal.errors import JournalError
from cockpit.journal.store import Fate, StoredLetter
from cockpit.tasks import TaskSet

log = logging.getLogger(__name__)

_WORDS = {"unreachable": "cannot be reached", "paused": "is paused until its config is mended", "refused": "is refused"}


class Poster:
    """Has letters carried. `queue` are those that wait, for everybody to see."""

    def __init__(
        self, core: Core, senders: Mapping[str, Sender], clock: Clock, pace: Pace = USUAL,
        fallbacks: Mapping[str, Sequence[str]] | None = None, redact: Callable[[str], str] = str,
    ) -> None:  # fmt: skip
        """`fallbacks` are the destinations that take over from each, in this order."""
        self._senders = senders
        self._core = core
        self._fallbacks = fallbacks or {}
        self._carriers = {
            name: Carrier(core, sender, clock, pace, partial(self._stand_in, name), redact)
            for name, sender in senders.items()
        }
        self._tasks = TaskSet(self._failed)
        self._faults: dict[str, str] = {}
        self.queue: tuple[StoredLetter, ...] = ()

    @property
    def alarms(self) -> tuple[str, ...]:
        """What is wrong with telling anybody, in words."""
        down = (self._alarm(name, each) for name, each in self._carriers.items() if each.reach.state != "ok")
        return (*down, *self._faults.values())

    async def run(self) -> None:
        """Have letters carried for ever."""
        for name, carrier in self._carriers.items():
            self._tasks.spawn(carrier.run(), name)
        waker = self._core.letterbox()
        try:
            while True:
                waker.clear()
                try:
                    await self._look()
                except JournalError as error:
                    log.warning("the outbox could not be read or written: %s", error.message)
                try:
                    async with asyncio.timeout(LONGEST_NAP):
                        await waker.wait()
                except TimeoutError:
                    pass
        finally:
            self._core.forget(waker)
            await self._tasks.close()

    async def _look(self) -> None:
        queue = await self._core.journal.letters(OPEN)
        for letter in queue:
            if letter.letter.destination not in self._carriers:
                lost = UpdateUndelivered(
                    update=letter.letter.update, destination=letter.letter.destination, final=True,
                    why="no such destination in the config any more",
                )  # fmt: skip
                fate = Fate(letter.id, letter.state, "dead")
                await self._core.settle(letter.stream, [fate], [Draft(body=lost, actor="cockpit")])
        waiting = tuple(letter for letter in queue if letter.letter.destination in self._carriers)
        if self.queue != waiting:
            self.queue = waiting
            self._core.wake()

    def _stand_in(self, name: str) -> Sender | None:
        fit = (other for other in self._others(name) if self._carriers[other].reach.state == "ok")
        return next((self._senders[other] for other in fit), None)

    def _others(self, name: str) -> Sequence[str]:
        """Those that take over from it, then those that take over from these."""
        found = [name]
        for each in found:
            known = (other for other in self._fallbacks.get(each, ()) if other in self._carriers)
            found += [other for other in known if other not in found]
        return found[1:]

    def _alarm(self, name: str, carrier: Carrier) -> str:
        instead = self._stand_in(name)
        where = f"updates go to {instead.name} instead" if instead else "NOBODY IS TOLD there: copy the text by hand"
        return f"{name} {_WORDS[carrier.reach.state]} ({carrier.reach.why}): {where}"

    def _failed(self, name: str, error: BaseException) -> None:
        log.error("the carrier of %s failed", name, exc_info=error)
        self._faults[name] = f"nothing is sent to {name} by a fault of the cockpit: {type(error).__name__}; see the log"
        self._core.wake()
