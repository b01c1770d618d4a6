"""One turn at a time: decide on what is so, record it, fold it in, wake whoever looks at it."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from functools import wraps
from typing import Any, Concatenate, ParamSpec

import msgspec

from cockpit.clock import Clock
from cockpit.engine.recalling import earlier, latest_incident
from cockpit.incident.event import WATCH, Draft, Erased, Event, kind_of
from cockpit.incident.fold import State, fold
from cockpit.incident.vocabulary import EventRedacted
from cockpit.incident.watching import Watching, merge, reduce
from cockpit.journal.errors import StorageFault
from cockpit.journal.store import Answered, Diversion, Fate, Journal, Letter, LetterKind
from cockpit.tasks import TaskSet

log = logging.getLogger(__name__)
P = ParamSpec("P")

Decide = Callable[[State], Sequence[Draft]]
"""From what is so to what happened: called within the turn, so that nothing can change in between."""
Act = Callable[[State], tuple[Sequence[Draft], Answered]]
"""The same for a person's command, with the answer that a resend of it gets."""
Follow = Callable[[State, Sequence[Draft]], tuple[Sequence[Draft], Sequence[Letter]]]
"""What else follows from these events, and what is to be told: recorded in the same transaction."""

Restate = Callable[[State], Sequence[Letter]]
"""What is to be told anew when something was erased that readers may have been told."""

RECENT = 1_000
"""Events kept at hand, to tell what has happened since a person looked."""


def _untold(_: State) -> Sequence[Letter]:
    return ()


def turn(
    work: Callable[Concatenate[Core, P], Coroutine[Any, Any, None]],
) -> Callable[Concatenate[Core, P], Coroutine[Any, Any, None]]:
    """One change at a time, taken to its end even if whoever asked leaves: what is stored must be folded in too."""

    @wraps(work)
    async def whole(core: Core, /, *args: P.args, **kwargs: P.kwargs) -> None:
        async def alone() -> None:
            async with core.turn:
                await core.catch_up()
                try:
                    await work(core, *args, **kwargs)
                except StorageFault:
                    core.behind = True
                    raise

        await asyncio.shield(core.turns.spawn(alone(), work.__name__))

    return whole


def _told_to_whoever_asked(name: str, error: BaseException) -> None:
    log.debug("%s came to nothing: %r", name, error)


class Core:
    """The state everybody shares, and the only way to change it."""

    def __init__(
        self, journal: Journal, clock: Clock, follow: Follow, watch: State, latest: State | None,
        before: Watching | None = None, restate: Restate = _untold,
    ) -> None:  # fmt: skip
        """`before` is what the incidents before the latest have told, as `earlier` has it."""
        self._restate = restate
        self.journal = journal
        self.clock = clock
        self._follow = follow
        self._watch = watch
        self._latest = latest
        self._before = before or Watching()
        self._quiet = latest is None or not latest.lifecycle.open
        self.watching = self._seen()
        self.turn = asyncio.Lock()
        self.turns = TaskSet(_told_to_whoever_asked)
        self._wakers: set[asyncio.Event] = set()
        self._letterboxes: set[asyncio.Event] = set()
        self.recent: deque[Event] = deque(maxlen=RECENT)
        self.wakes = 0
        self.behind = False
        self._doubtful: Decide | None = None
        self._kept: set[Decide] = set()

    @property
    def shown(self) -> State:
        """What is on the screens: the latest incident, until it is over and the quiet watch has news; else that."""
        return self._watch if self._quiet or self._latest is None else self._latest

    @property
    def latest(self) -> State | None:
        """The latest incident, also one that is over; None before the first."""
        return self._latest

    @property
    def watch_head(self) -> int:
        """The number of the last event of the quiet watch."""
        return self._watch.seq

    @property
    def incident_open(self) -> bool:
        """Whether an incident is declared and not resolved."""
        return self.shown.lifecycle.open

    def waker(self) -> asyncio.Event:
        """An event that is set after every change of state, until `forget`."""
        event = asyncio.Event()
        self._wakers.add(event)
        return event

    def letterbox(self) -> asyncio.Event:
        """An event that is set whenever letters were queued, settled or let go, until `forget`.

        Whoever carries letters reads the outbox each time: not every measurement is worth that.
        """
        event = asyncio.Event()
        self._letterboxes.add(event)
        return event

    def forget(self, waker: asyncio.Event) -> None:
        """Stop setting that event."""
        self._wakers.discard(waker)
        self._letterboxes.discard(waker)

    def wake(self) -> None:
        """Have everybody look again; `wakes` counts it."""
        self.wakes += 1
        for waker in self._wakers:
            waker.set()

    def _post(self) -> None:
        for letterbox in self._letterboxes:
            letterbox.set()
        self.wake()

    @turn
    async def record(self, decide: Decide) -> None:
        """Record what the world did, in the open incident or else in the watch. JournalError when it can't be.

        What a fault of the disk left in doubt may be tried again: it is not recorded twice.
        """
        if decide in self._kept:
            self._kept.remove(decide)
            return
        state = self.shown if self.incident_open else self._watch
        try:
            await self._append(state, decide(state), None)
        except StorageFault:
            self._doubtful = decide
            raise

    @turn
    async def act(self, decide: Act) -> None:
        """Record what a person did to the incident shown. What `decide` raises goes to the caller."""
        drafts, answer = decide(self.shown)
        await self._append(self.shown, drafts, answer)

    @turn
    async def declare(self, decide: Act) -> None:
        """Open a new stream for an incident, which is shown from now on."""
        drafts, answer = decide(self.shown)
        name = await self.journal.reserve("INC")
        fresh = State(stream=name)
        drafts, letters = self._follow(fresh, drafts)
        events = await self.journal.append(name, drafts, letters=letters, answer=answer, before=fresh)
        self._before = self._of_earlier()
        self._latest, self._quiet = self._take(events, fresh), False
        self._post()

    @turn
    async def settle(
        self, stream: str, fates: Sequence[Fate], drafts: Sequence[Draft] = (), *,
        diversion: Diversion | None = None, uproot: tuple[str, LetterKind] | None = None,
    ) -> None:  # fmt: skip
        """Give letters of that stream their new states, with the events that tell of it, as the journal has it."""
        latest = self._latest if self._latest is not None and stream == self._latest.stream else None
        events = await self.journal.settle(stream, fates, drafts, diversion=diversion, uproot=uproot, before=latest)
        if self._latest is not None and stream == self._latest.stream:
            self._latest = self._take(events, self._latest)
        self._post()

    @turn
    async def redact(self, stream: str, seq: int, reason: str, actor: str, answer: Answered) -> None:
        """Erase the body of an event; the state is folded anew, without it."""
        await self.journal.redact(stream, seq, reason, actor, answer=answer)
        self._forget(stream, seq)
        state = await self.journal.load(stream)
        if stream == self._watch.stream:
            self._watch = state
        elif self._latest is not None and stream == self._latest.stream:
            self._latest = state
        else:
            self._before = await earlier(self.journal, self._latest)
        await self._tell_anew(state)
        self.watching = self._seen()
        self._post()

    async def _tell_anew(self, state: State) -> None:
        """Queue the card as it is now wherever the one that readers have was emptied."""
        waiting = await self.journal.letters({"pending"})
        emptied = {
            each.letter.destination for each in waiting if (each.stream, each.letter.kind) == (state.stream, "card")
        }
        letters = [letter for letter in self._restate(state) if letter.destination in emptied] if emptied else ()
        await self.journal.append(state.stream, (), letters=letters)

    def _forget(self, stream: str, seq: int) -> None:
        for place, event in enumerate(self.recent):
            if (event.stream, event.seq) == (stream, seq):
                self.recent[place] = msgspec.structs.replace(event, body=Erased(kind_of(event.body)))

    async def _append(self, state: State, drafts: Sequence[Draft], answer: Answered | None) -> None:
        if not drafts and answer is None:
            return
        drafts, letters = self._follow(state, drafts)
        events = await self.journal.append(state.stream, drafts, letters=letters, answer=answer, before=state)
        after = self._take(events, state)
        if after.stream == self._watch.stream:
            self._watch, self._quiet = after, True
        else:
            self._latest = after
        if letters or answer is not None:
            self._post()
        else:
            self.wake()

    def _take(self, events: Sequence[Event], state: State) -> State:
        self.recent.extend(events)
        for event in events:
            # In the order of the streams, whatever the clock says: it may have been set back.
            self.watching = reduce(self.watching, event)
        return fold(events, state)

    async def catch_up(self) -> None:
        """Read back what is so after a fault of the disk: what could not be stored may have been kept all the same."""
        if not self.behind:
            return
        watch, latest = await self.journal.load(WATCH), await latest_incident(self.journal)
        missed = await self._missed(watch, self._watch)
        # A watch that went on is shown; so is an incident that was declared.
        self._quiet = (latest is None or not latest.lifecycle.open) and (self._quiet or bool(missed))
        if latest is not None:
            if self._latest is not None and latest.stream != self._latest.stream:
                self._before = await earlier(self.journal, latest)
            missed += await self._missed(latest, self._latest)
        self._watch, self._latest = watch, latest
        for event in missed:
            self.recent.append(event)
            if isinstance(event.body, EventRedacted):
                self._forget(event.stream, event.body.seq)
        if missed and self._doubtful is not None:
            self._kept.add(self._doubtful)
        self.watching = self._seen()
        self.behind, self._doubtful = False, None
        self._post()

    async def _missed(self, now: State, known: State | None) -> tuple[Event, ...]:
        after = known.seq if known is not None and known.stream == now.stream else 0
        return await self.journal.read(now.stream, after=after)

    def _seen(self) -> Watching:
        """What was seen: during an incident it went into that one's stream alone."""
        return merge(self._watch.watching, self._of_earlier())

    def _of_earlier(self) -> Watching:
        """What was seen during incidents, up to the latest."""
        return self._before if self._latest is None else merge(self._before, self._latest.watching)

    @turn
    async def checkpoint(self) -> None:
        """Keep the folds, so that the next start need not fold everything again."""
        await self.journal.checkpoint(self._watch)
        if self._latest is not None:
            await self.journal.checkpoint(self._latest)
