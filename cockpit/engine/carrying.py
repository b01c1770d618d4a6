"""Carries the letters of one destination there: in order, and each once as far as anybody can know."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import msgspec

from cockpit.broadcast import outbox
from cockpit.broadcast.lateness import as_of, late_seconds
from cockpit.broadcast.merging import headlines, merge, titled
from cockpit.broadcast.outbox import Parcel, Place, Verdict
from cockpit.broadcast.reach import Reach, left
from cockpit.broadcast.sender import (
    Ambiguous,
    Finding,
    Kind,
    Outcome,
    Outgoing,
    Refused,
    Sender,
    Unsearchable,
    unpack,
)
from cockpit.clock import SECOND, Clock
from cockpit.engine.core import Core
from cockpit.incident.broadcasts import DestinationTurned, UpdateDelivered, UpdateUndelivered
from cockpit.incident.event import Body, Draft
from cockpit.incident.telling import Telling
from cockpit.journal.errors import JournalError
from cockpit.journal.store import Diversion, Fate, StoredLetter

log = logging.getLogger(__name__)
R = TypeVar("R", Outcome, Finding)

OPEN = frozenset({"pending", "sending", "ambiguous"})
LONGEST_NAP = 1.0
"""Real seconds between two looks at the outbox when nothing else wakes it."""
DEADLINE = 90.0
"""Real seconds for one attempt: a sender has shorter deadlines of its own."""


@dataclass(frozen=True)
class Pace:
    """`floor` is the least pause between two posts that are not urgent, in seconds of the incident; a letter in doubt
    may still arrive for `late_arrival` real seconds."""

    floor: float = 60.0
    late_arrival: float = 30.0


USUAL = Pace()


class Carrier:
    """One destination's part of the outbox. Durations are on a clock that nobody sets, `delivered_at` on the wall's."""

    def __init__(
        self,
        core: Core,
        sender: Sender,
        clock: Clock,
        pace: Pace,
        stand_in: Callable[[], Sender | None],
        redact: Callable[[str], str],
    ) -> None:
        """`stand_in` is the destination that takes over now, None for nobody."""
        self._core = core
        self._sender = sender
        self._clock = clock
        self._pace = pace
        self._stand_in = stand_in
        self._redact = redact
        # Of one that is over nobody says any more what was mended since.
        latest = core.latest if core.incident_open else None
        known = latest.telling.standings.get(sender.name) if latest is not None else None
        self.reach = left(known.state, known.why) if known is not None else Reach()
        self._tried_at: dict[int, float] = {}
        self._posted_at: dict[str, float] = {}

    async def run(self) -> None:
        """Carry letters for ever."""
        waker = self._core.letterbox()
        while True:
            waker.clear()
            try:
                while await self._step():
                    pass
                await self._rise()
            except JournalError as error:
                # The letters keep their states, and the next look takes them up.
                log.warning("the outbox could not be read or written: %s", error.message)
            except Exception as error:
                log.exception("letters for %s could not be carried", self._sender.name)
                await self._fall(error)
            try:
                async with asyncio.timeout(LONGEST_NAP):
                    await waker.wait()
            except TimeoutError:
                pass

    async def _fall(self, error: Exception) -> None:
        """Nobody may take what fails by a fault of ours for well: it is said, stood in for, and tried again."""
        self.reach = self.reach.fallen(f"a fault of the cockpit: {type(error).__name__}; see its log")
        try:
            await self._turn(set())
        except Exception:
            log.exception("that %s is not told cannot be recorded", self._sender.name)

    async def _rise(self) -> None:
        risen = self.reach.risen()
        if risen is not self.reach:
            self.reach = risen
            await self._turn(set())

    async def _step(self) -> bool:
        """Do what is to be done next; False when there is nothing."""
        stored = await self._core.journal.letters(OPEN, self._sender.name)
        if await self._tidy(stored):
            return True
        parcels = [_parcel(letter, unpack(letter.letter.payload)) for letter in stored]
        if await self._turn({parcel.stream for parcel in parcels}):
            return True
        if not parcels or not self.reach.allows(asyncio.get_running_loop().time()):
            return False
        places = {stream: await self._place(stream) for stream in {parcel.stream for parcel in parcels}}
        for run in outbox.ready(parcels, places, self._clock.now()):
            place = places[run[0].stream]
            if run[0].state == "ambiguous":
                wire = next(letter.wire for letter in stored if letter.id == run[0].id)
                await self._look_for(run[0], wire, place)
            else:
                await self._send(run, place)
            return True
        return False

    async def _tidy(self, stored: Sequence[StoredLetter]) -> bool:
        """Settle what needs no attempt: nobody is sending now, what is needless, and what nobody can read."""
        readable = [(letter, outgoing) for letter in stored if (outgoing := _read(letter)) is not None]
        needless = set(outbox.superseded([_parcel(*each) for each in readable]))
        known = {letter.id for letter, _ in readable}
        for letter in stored:
            if letter.id not in known:
                lost = UpdateUndelivered(
                    update=letter.letter.update, destination=self._sender.name, why="it cannot be read", final=True
                )
                await self._core.settle(letter.stream, [Fate(letter.id, letter.state, "dead")], [_draft(lost)])
            elif letter.id in needless:
                await self._core.settle(letter.stream, [Fate(letter.id, letter.state, "superseded")])
            elif letter.state == "sending":
                # An engine that died was sending it, or its outcome could not be recorded.
                await self._core.settle(letter.stream, [Fate(letter.id, "sending", "ambiguous", absences=0)])
            else:
                continue
            return True
        return False

    async def _turn(self, waiting: set[str]) -> bool:
        """Record how the destination stands where that is not what the latest incident knows."""
        latest = self._core.latest
        if latest is None:
            return False
        known = latest.telling.standings.get(self._sender.name)
        standing = self.reach
        other = None if standing.state == "ok" else self._stand_in()
        instead = other.name if other is not None else ""
        was = ("ok", "") if known is None else (known.state, known.instead)
        if was == (standing.state, instead):
            return False
        if standing.state != "ok" and not latest.lifecycle.open and latest.stream not in waiting:
            return False
        turned = DestinationTurned(
            destination=self._sender.name, state=standing.state, why=standing.why, instead=instead
        )
        kinds = other.takes & {"card", "thread"} if other is not None else frozenset[Kind]()
        diversion = Diversion(self._sender.name, instead, kinds) if instead else None
        await self._core.settle(latest.stream, (), [_draft(turned)], diversion=diversion)
        return True

    async def _place(self, stream: str) -> Place:
        thread = await self._core.journal.thread(stream, self._sender.name)
        place = Place(self._sender.threaded, thread, floor_end=self._floor_end(stream))
        latest = self._core.latest
        if latest is None or latest.stream != stream:
            return place
        held = latest.telling.held_until if latest.lifecycle.open else 0
        return replace(place, held_until=held, released_at=latest.telling.released_at)

    def _floor_end(self, stream: str) -> int:
        posted = self._posted_at.get(stream)
        if posted is None:
            return 0
        left = self._pace.floor - (self._clock.monotonic() - posted)
        return self._clock.now() + int(left * SECOND) if left > 0 else 0

    async def _send(self, run: Sequence[Parcel], place: Place) -> None:
        whole = merge([parcel.outgoing for parcel in run])
        parcel = replace(run[-1], outgoing=whole)
        others = [Fate(each.id, each.state, "superseded") for each in run[:-1]]
        try:
            wire = self._wire(parcel, place)
        except Exception as error:
            log.exception("a letter for %s could not be composed", self._sender.name)
            refused = Refused(f"it could not be composed: {type(error).__name__}", fault="payload")
            await self._settle(parcel, outbox.after_sending(parcel, refused, place, self._clock.now()), refused)
            return
        # On record before the first byte leaves: after a crash here, nobody takes it for unsent.
        payload = whole.pack() if others else None
        sending = Fate(parcel.id, "pending", "sending", wire=wire, payload=payload, absences=0)
        await self._core.settle(parcel.stream, [sending, *others])
        outcome = await self._attempt(self._sender.send(wire))
        parcel = replace(parcel, state="sending", tries=parcel.tries + 1)
        self._tried_at[parcel.id] = asyncio.get_running_loop().time()
        self._note(outcome)
        await self._settle(parcel, outbox.after_sending(parcel, outcome, place, self._clock.now()), outcome)

    def _wire(self, parcel: Parcel, place: Place) -> bytes:
        telling = self._telling(parcel.stream)
        due = telling.next_due if telling is not None else 0
        said = as_of(titled(parcel.outgoing, self._silent_for(parcel)), self._clock.now(), due)
        compose = self._sender.minimal if said.plain else self._sender.wire
        return compose(said, place.thread)

    def _silent_for(self, parcel: Parcel) -> str:
        """The destination's name when it could not be reached while these updates were written; else empty."""
        telling = self._telling(parcel.stream)
        known = telling.standings.get(self._sender.name) if telling is not None else None
        away = self.reach.state != "ok" or (known is not None and known.at >= parcel.outgoing.since)
        return self._sender.name[:1].upper() + self._sender.name[1:] if away else ""

    def _telling(self, stream: str) -> Telling | None:
        latest = self._core.latest
        return latest.telling if latest is not None and latest.stream == stream else None

    async def _look_for(self, parcel: Parcel, wire: bytes, place: Place) -> None:
        now, window = asyncio.get_running_loop().time(), self._pace.late_arrival
        # Of one that another engine sent nobody knows when: the window starts anew.
        left = self._tried_at.setdefault(parcel.id, now) + window - now
        if outbox.sent_anew(parcel, place):
            await self._settle(parcel, outbox.late_arrival(parcel, self._clock.now(), left))
            return
        finding = await self._attempt(self._find(parcel, wire, place))
        self._note(finding)
        verdict = outbox.after_looking(parcel, finding, self._clock.now(), left, window)
        await self._settle(parcel, verdict, finding)

    async def _find(self, parcel: Parcel, wire: bytes, place: Place) -> Finding:
        # What was erased since is looked for by its key alone.
        return await self._sender.find(parcel.outgoing, wire or self._wire(parcel, place))

    async def _attempt(self, attempt: Awaitable[R]) -> R | Ambiguous:
        try:
            async with asyncio.timeout(DEADLINE):
                return self._clean(await attempt)
        except TimeoutError:
            return Ambiguous(f"no answer within {DEADLINE:.0f} s")
        except Exception as error:
            log.exception("the sender for %s failed", self._sender.name)
            return Ambiguous(f"a fault of the cockpit: {type(error).__name__}")

    def _clean(self, outcome: R) -> R:
        """Without the secrets that an address or an answer may hold: its words go into the journal."""
        if isinstance(outcome, Refused | Ambiguous | Unsearchable):
            return msgspec.structs.replace(outcome, why=self._redact(outcome.why))
        return outcome

    def _note(self, outcome: Outcome | Finding) -> None:
        """What an attempt tells of the destination itself."""
        self.reach = self.reach.after(outcome, asyncio.get_running_loop().time())

    async def _settle(self, parcel: Parcel, verdict: Verdict, outcome: Outcome | Finding | None = None) -> None:
        fate = Fate(
            parcel.id, parcel.state, verdict.state, verdict.not_before, absences=verdict.absences,
            address=verdict.where if verdict.state == "sent" else None,
            payload=verdict.outgoing.pack() if verdict.outgoing is not None else None,
        )  # fmt: skip
        uproot = (self._sender.name, verdict.uproot) if verdict.uproot is not None else None
        drafts = [_draft(body) for body in self._news(parcel, verdict, outcome)]
        await self._core.settle(parcel.stream, [fate], drafts, uproot=uproot)
        if verdict.state not in OPEN:
            self._tried_at.pop(parcel.id, None)
        if verdict.state == "sent" and parcel.kind == "thread":
            self._posted_at[parcel.stream] = self._clock.monotonic()

    def _news(self, parcel: Parcel, verdict: Verdict, outcome: Outcome | Finding | None) -> tuple[Body, ...]:
        name = self._sender.name
        if verdict.state == "dead":
            # What it took the place of is lost with it, and nobody may think that it was told.
            return tuple(
                UpdateUndelivered(update=update, destination=name, why=verdict.why, final=True)
                for update in (*parcel.outgoing.merged, parcel.update)
            )
        if verdict.state == "sent":
            told = parcel.kind == "thread" and not parcel.outgoing.edits
            # A card is told of only after a refusal was: else it would be called waiting for ever.
            if not told and not self._in_trouble(parcel.stream):
                return ()
            return (
                UpdateDelivered(
                    update=parcel.update, destination=name, where=verdict.where, repeated=parcel.outgoing.repeated,
                    late_seconds=late_seconds(parcel.outgoing.at, self._clock.now()),
                    merged=max(0, len(headlines(parcel.outgoing)) - 1),
                ),
            )  # fmt: skip
        match outcome:
            case Refused(why=why, fault="transport" | "configuration" | "channel") if parcel.tries <= 1:
                return (UpdateUndelivered(update=parcel.update, destination=name, why=why),)
        return ()

    def _in_trouble(self, stream: str) -> bool:
        """Whether the last word from there was a refusal."""
        telling = self._telling(stream)
        last = telling.deliveries.get(self._sender.name) if telling is not None else None
        return last is not None and last.state != "delivered"


def _read(letter: StoredLetter) -> Outgoing | None:
    try:
        return unpack(letter.letter.payload)
    except msgspec.MsgspecError:
        return None


def _parcel(letter: StoredLetter, outgoing: Outgoing) -> Parcel:
    return Parcel(
        letter.id, letter.stream, letter.letter.update, letter.letter.kind, letter.state, outgoing, letter.not_before,
        letter.tries, letter.absences,
    )  # fmt: skip


def _draft(body: Body) -> Draft:
    return Draft(body=body, actor="cockpit")
