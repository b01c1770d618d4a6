"""Carries letters from the outbox to their destinations: in order, and each once as far as anybody can know."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace

from cockpit.broadcast import outbox
from cockpit.broadcast.sender import Absent, Ambiguous, Outgoing, Refused, Sender, Sent, Thread, Unsearchable, unpack
from cockpit.clock import Clock
from cockpit.engine.core import Core
from cockpit.incident.broadcasts import UpdateDelivered, UpdateUndelivered
from cockpit.incident.event import Body, Draft
from cockpit.journal.errors import JournalError
from cockpit.journal.store import StoredLetter

log = logging.getLogger(__name__)

OPEN = frozenset({"pending", "sending", "ambiguous"})
LONGEST_NAP = 1.0
"""Real seconds between two looks at the outbox when nothing else wakes it."""


class Poster:
    """Empties the outbox. `queue` are the letters that wait, for everybody to see."""

    def __init__(self, core: Core, senders: Mapping[str, Sender], clock: Clock) -> None:
        self._core = core
        self._senders = senders
        self._clock = clock
        self.queue: tuple[StoredLetter, ...] = ()

    async def run(self) -> None:
        """Carry letters for ever."""
        waker = self._core.waker()
        while True:
            waker.clear()
            await self._look()
            try:
                async with asyncio.timeout(LONGEST_NAP):
                    await waker.wait()
            except TimeoutError:
                pass

    async def _look(self) -> None:
        try:
            await self._carry_all()
        except JournalError as error:
            # The letter keeps its state, and the next look takes it up.
            log.warning("the outbox could not be read or written: %s", error.message)

    async def _carry_all(self) -> None:
        queue = await self._core.journal.letters(OPEN)
        needless = set(outbox.superseded(queue))
        for letter in queue:
            if letter.id in needless:
                await self._core.settle(letter, "superseded")
            elif letter.state == "sending":
                # Nobody is sending now: an engine that died was, or its outcome could not be recorded.
                await self._core.settle(letter, "ambiguous")
        # Counted before too: a destination that takes nothing may keep the first letter for long.
        self._keep([letter for letter in queue if letter.id not in needless])
        for letter in outbox.ready(queue, self._clock.now()):
            await self._carry(letter)
        self._keep(await self._core.journal.letters(OPEN))

    def _keep(self, waiting: Sequence[StoredLetter]) -> None:
        if self.queue != tuple(waiting):
            self.queue = tuple(waiting)
            self._core.wake()

    async def _carry(self, stored: StoredLetter) -> None:
        sender = self._senders.get(stored.letter.destination)
        outgoing = unpack(stored.letter.payload)
        if sender is None:
            await self._settle(stored, outgoing, Refused("no such destination in the config any more", final=True))
        elif stored.state == "ambiguous":
            await self._settle(stored, outgoing, await self._found(sender, outgoing))
        else:
            # On record before the first byte leaves: after a crash here, nobody takes it for unsent.
            await self._core.settle(stored, "sending")
            sending = replace(stored, state="sending", tries=stored.tries + 1)
            await self._settle(sending, outgoing, await sender.send(sender.wire(outgoing, Thread())))

    async def _found(self, sender: Sender, outgoing: Outgoing) -> Sent | Absent | Ambiguous:
        found = await sender.find(outgoing, sender.wire(outgoing, Thread()))
        return Ambiguous(found.why) if isinstance(found, Unsearchable) else found

    async def _settle(
        self, stored: StoredLetter, outgoing: Outgoing, result: Sent | Refused | Ambiguous | Absent
    ) -> None:
        now = self._clock.now()
        state = stored.state if stored.state in {"sending", "ambiguous"} else "sending"
        after, not_before = outbox.advance(state, result, stored.tries, now)
        bodies = self._news(stored, outgoing, result, now)
        await self._core.settle(
            stored, after, [Draft(body=body, actor="cockpit") for body in bodies], not_before=not_before
        )

    def _news(
        self, stored: StoredLetter, outgoing: Outgoing, result: Sent | Refused | Ambiguous | Absent, now: int
    ) -> tuple[Body, ...]:
        letter = stored.letter
        match result:
            case Sent() if letter.kind == "thread" or self._in_trouble(letter.destination):
                # A card is told of only after a refusal was: else it would be called waiting for ever.
                late = outbox.late_seconds(outgoing.at, now)
                return (UpdateDelivered(update=letter.update, destination=letter.destination, late_seconds=late),)
            case Refused(why=why, final=final) if final or stored.tries <= 1:
                return (UpdateUndelivered(update=letter.update, destination=letter.destination, why=why, final=final),)
        return ()

    def _in_trouble(self, destination: str) -> bool:
        """Whether the last word from there was a refusal."""
        last = self._core.shown.telling.deliveries.get(destination)
        return last is not None and last.state != "delivered"
