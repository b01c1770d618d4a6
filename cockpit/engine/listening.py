"""Takes in what people press, pin and ask in the channel: as events like those of other sources, never as commands."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from cockpit.broadcast.compose import card_text
from cockpit.broadcast.measured import Live
from cockpit.broadcast.slack import pressing
from cockpit.broadcast.slack.ears import Ear
from cockpit.broadcast.slack.listening import NAME, Commanded, Pinned, Pressed, moment_of, plain, read
from cockpit.broadcast.slack.mrkdwn import escape
from cockpit.clock import Clock
from cockpit.config.templates import PLAIN, Templates
from cockpit.engine.core import Core
from cockpit.engine.recording import Recorder
from cockpit.incident.event import Draft
from cockpit.incident.fold import State
from cockpit.incident.vocabulary import NoteAdded
from cockpit.journal.errors import JournalError
from cockpit.tasks import TaskSet
from cockpit.text import Redactor, SafeText

if TYPE_CHECKING:
    from cockpit.broadcast.slack.room import Room
    from cockpit.broadcast.slack.socket_mode import Envelope

log = logging.getLogger(__name__)
T = TypeVar("T")

KNOWN = 1_000
"""Envelopes remembered, to know one that comes again."""
AT_ONCE = 200
"""Presses, and pushpins, that wait to be taken in; what comes on top of them is left out, and logged."""
PATIENCE = (1.0, 4.0, 15.0)
"""Real seconds between the attempts to read a message that was pinned."""

NOT_YET = "The cockpit heard you, but cannot write it down now. If it is urgent, tell whoever leads."
ELSEWHERE = "This is answered in the incident's own channel alone."
NONE_OPEN = "No incident is open."
USAGE = "There is one word for this: `/cockpit status`. Everything else is done at the cockpit itself."


class Listening:
    """One line an app. What comes twice is taken in once, and who spoke is told what became of it."""

    def __init__(
        self, core: Core, recorder: Recorder, ears: Sequence[Ear], people: Mapping[str, str],
        figures: Callable[[int], Live], clock: Clock, redact: Redactor, templates: Templates = PLAIN,
        *, patience: Sequence[float] = PATIENCE,
    ) -> None:  # fmt: skip
        """`people` are ids by name, as in the config; `figures` are those of the probes at a moment, `templates` a
        team's own words.
        """
        self._core = core
        self._recorder = recorder
        self._ears = ears
        self._people = {user: name for name, user in people.items()}
        self._figures = figures
        self._clock = clock
        self._redact = redact
        self._templates = templates
        self._patience = patience
        self._heard: OrderedDict[str, None] = OrderedDict()
        self._pressed: asyncio.Queue[tuple[Room, Pressed]] = asyncio.Queue(AT_ONCE)
        self._pinned: asyncio.Queue[tuple[Room, Pinned]] = asyncio.Queue(AT_ONCE)
        self._noted: tuple[str, set[str]] = ("", set())
        self._unreadable = ""
        self._tasks: TaskSet | None = None

    @property
    def alarms(self) -> tuple[str, ...]:
        """What is wrong with the listening, one line each."""
        deaf = (f"{each.line.name}: buttons and pushpins are not heard: {each.line.problem}"
                for each in self._ears if each.line.problem)  # fmt: skip
        unread = (f"pinned messages cannot be read: {self._unreadable}",) if self._unreadable else ()
        return (*deaf, *unread)

    def start(self, tasks: TaskSet) -> None:
        """Begin listening, where the config asks for it."""
        if not self._ears:
            return
        self._tasks = tasks
        for ear in self._ears:
            tasks.spawn(ear.line.run(partial(self._hear, ear), self._core.wake), f"listening {ear.line.name}")
        tasks.spawn(_each(self._pressed, self._take), "presses")
        tasks.spawn(_each(self._pinned, self._note), "pushpins")

    def _hear(self, ear: Ear, envelope: Envelope) -> str:
        asked = read(envelope.type, envelope.payload)
        if isinstance(asked, Commanded):
            return self._told(ear, asked)
        if asked is None or envelope.envelope_id in self._heard:
            return ""
        room = ear.rooms.get(asked.channel)
        if room is None:
            # Nobody is answered there: a channel that is not ours is none of our business.
            log.info("something was asked for in the channel %s, which is not in the config", asked.channel)
            return ""
        try:
            if isinstance(asked, Pressed):
                self._pressed.put_nowait((room, asked))
            else:
                self._pinned.put_nowait((room, asked))
        except asyncio.QueueFull:
            log.warning("too much at once from the channel %s: not taken in", asked.channel)
            return ""
        self._heard[envelope.envelope_id] = None
        if len(self._heard) > KNOWN:
            self._heard.popitem(last=False)
        return ""

    def _told(self, ear: Ear, asked: Commanded) -> str:
        if asked.channel not in ear.rooms:
            return ELSEWHERE
        return escape(self._redact(self._status())) if asked.words.casefold() in {"", "status"} else USAGE

    def _status(self) -> str:
        state, now = self._core.shown, self._clock.now()
        if not state.lifecycle.declared:
            return NONE_OPEN
        return card_text(state, now, self._figures(now), self._templates)

    async def _take(self, room: Room, pressed: Pressed) -> None:
        told = ""

        def decide(state: State) -> Sequence[Draft]:
            nonlocal told
            taken = pressing.spoken_for(state.roster, pressed.user)
            person = pressing.called(pressed.user, pressed.name, self._people, taken)
            latest = self._core.latest
            over = (latest.stream,) if latest is not None and not latest.lifecycle.open else ()
            answer = pressing.answer(pressed, person, state, over)
            told = answer.words
            at = min(pressed.at, self._clock.now())
            return [] if answer.body is None else [Draft(body=answer.body, actor=person, occurred_at=at)]

        try:
            await self._core.record(decide)
        except JournalError:
            self._recorder.post_decided(decide)
            told = NOT_YET
        if self._tasks is not None:
            # Nobody else waits while Slack takes its time.
            self._tasks.spawn(self._whisper(room, pressed, self._redact(told)), "whisper")

    async def _whisper(self, room: Room, pressed: Pressed, words: str) -> None:
        from cockpit.broadcast.slack.room import Unanswered

        try:
            await room.whisper(pressed.channel, pressed.user, words)
        except Unanswered as why:
            # It is on the timeline all the same; a second answer would be one too many.
            log.info("somebody who pressed a button was not answered: %s", why)

    async def _note(self, room: Room, pinned: Pinned) -> None:
        """Put a message on the timeline of the open incident, once, whoever pins it how often."""
        if not self._core.incident_open:
            return
        stream = self._core.shown.stream
        if pinned.place in await self._places(stream):
            return
        note, actor = await self._written(room, pinned)
        at = min(moment_of(pinned.ts), self._clock.now())

        def decide(state: State) -> Sequence[Draft]:
            return [Draft(body=note, actor=actor, occurred_at=at)] if state.stream == stream else []

        self._noted[1].add(pinned.place)
        self._recorder.post_decided(decide)

    async def _places(self, stream: str) -> set[str]:
        """The addresses of the messages that are on this incident's timeline, also from before a restart."""
        if self._noted[0] != stream:
            found: set[str] = set()
            after, pause = 0, 1.0
            while True:
                try:
                    page = await self._core.journal.read(stream, after=after)
                except JournalError:
                    await asyncio.sleep(pause)
                    pause = min(30.0, 2 * pause)
                    continue
                if not page:
                    break
                found.update(event.body.place for event in page if isinstance(event.body, NoteAdded))
                after = page[-1].seq
            self._noted = (stream, found - {""})
        return self._noted[1]

    async def _written(self, room: Room, pinned: Pinned) -> tuple[NoteAdded, str]:
        """The note, with its author and a link, as far as Slack tells; and who pinned it."""
        said, unread = await self._asked(lambda: room.message(pinned.channel, pinned.ts))
        self._unreadable = unread
        link, _ = await self._asked(lambda: room.link(pinned.channel, pinned.ts))
        author = pinned.author or (said.author if said else "")
        name = await self._name(room, author) if author else (said.signed if said else "")
        text = plain(said.text, self._people) if said else f"a message that could not be read: {unread}"
        source = ", ".join(
            part for part in (SafeText(name, NAME).line or "somebody", SafeText(link or "", 300).line) if part
        )
        note = NoteAdded(text=SafeText(text) or "a message without text", source=source, place=pinned.place)
        return note, await self._name(room, pinned.user)

    async def _name(self, room: Room, user: str) -> str:
        if user in self._people:
            return self._people[user]
        found, _ = await self._asked(lambda: room.name(user))
        taken = pressing.spoken_for(self._core.shown.roster, user)
        return pressing.called(user, SafeText(found or "", NAME).line, self._people, taken)

    async def _asked(self, ask: Callable[[], Awaitable[T]]) -> tuple[T | None, str]:
        """What Slack tells, or why it does not: it is asked again while that may help."""
        from cockpit.broadcast.slack.room import Unanswered

        for pause in (*self._patience, None):
            try:
                return await ask(), ""
            except Unanswered as why:
                problem = SafeText(str(why), 200).line
                if why.lasting or pause is None:
                    break
                await asyncio.sleep(pause)
        return None, problem


async def _each(queue: asyncio.Queue[tuple[Room, T]], take: Callable[[Room, T], Awaitable[None]]) -> None:
    while True:
        await take(*await queue.get())
