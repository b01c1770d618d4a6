"""Destinations that do as they are told, an outbox with letters in it, and an engine's worth of poster."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress

import msgspec

from cockpit.broadcast.message import Card, Post, Switch
from cockpit.broadcast.sender import Absent, Finding, Kind, Outcome, Outgoing, Sent, Thread
from cockpit.clock import SystemClock
from cockpit.engine.carrying import Pace
from cockpit.engine.core import Core
from cockpit.engine.posting import Poster
from cockpit.incident.event import WATCH, Body, Draft
from cockpit.incident.fold import State
from cockpit.incident.vocabulary import IncidentDeclared
from cockpit.journal.store import Answered, Journal, Letter

CHAT = "chat"
AT_ONCE = Pace(floor=0.0, late_arrival=0.0)


class Shown(msgspec.Struct, frozen=True):
    """A message as it stands in the chat; `root` is what it answers to."""

    key: str
    text: str
    root: str = ""
    plain: bool = False


class Wire(msgspec.Struct, frozen=True):
    shown: Shown
    edits: str = ""


Answer = Callable[["Chat", Wire], Outcome]


def arrives(chat: Chat, wire: Wire) -> Outcome:
    """As it should be."""
    address = wire.edits or f"{chat.name}/{len(chat.shown)}"
    chat.shown[address] = wire.shown
    chat.arrived.append(wire.shown)
    return Sent(address)


class Chat:
    """A threaded chat. `answers` are what it says to the next letters, then it takes everything."""

    def __init__(self, name: str = CHAT, *answers: Answer, threaded: bool = True) -> None:
        self.name = name
        self.takes: frozenset[Kind] = frozenset({"card", "thread", "switch", "direct"})
        self.threaded = threaded
        self.answers = deque(answers)
        self.shown: dict[str, Shown] = {}
        self.arrived: list[Shown] = []
        self.asked = 0
        self.findings: deque[Finding] = deque()

    def wire(self, letter: Outgoing, thread: Thread) -> bytes:
        return self._wire(letter, thread, plain=False)

    def minimal(self, letter: Outgoing, thread: Thread) -> bytes:
        return self._wire(letter, thread, plain=True)

    def _wire(self, letter: Outgoing, thread: Thread, plain: bool) -> bytes:
        if letter.edits:
            return msgspec.json.encode(Wire(Shown(letter.key, letter.text, plain=plain), letter.edits))
        root = thread.root if self.threaded and letter.kind == "thread" else ""
        edits = thread.root if letter.kind == "card" else thread.switch if letter.kind == "switch" else ""
        return msgspec.json.encode(Wire(Shown(letter.key, letter.text, root, plain), edits))

    async def send(self, wire: bytes) -> Outcome:
        self.asked += 1
        asked = msgspec.json.decode(wire, type=Wire)
        return (self.answers.popleft() if self.answers else arrives)(self, asked)

    async def find(self, letter: Outgoing, wire: bytes) -> Finding:
        if self.findings:
            return self.findings.popleft()
        return next((Sent(where) for where, shown in self.shown.items() if shown.key == letter.key), Absent())

    @property
    def texts(self) -> list[str]:
        return [shown.text for shown in self.arrived]


def letter(
    update: str, kind: Kind = "thread", place: str = CHAT, *, reason: str = "step", at: int = 0, text: str = ""
) -> Letter:
    """One letter whose text is the update's id."""
    told = text or update
    message = {
        "thread": Post(reason, told),
        "card": Card(f"card {told}", "", "", "", "", "", "", "", "", "", ""),
        "switch": Switch(1 << 60, f"switch {told}"),
        "direct": None,
    }[kind]
    said = "\n".join(message.lines) if message is not None else told
    outgoing = Outgoing(f"{update}:{place}:{kind}", kind, at or SystemClock().now(), "INC-1", said, message)
    return Letter(update, place, kind, outgoing.pack())


class Desk:
    """An incident, the letters that its next events cause, and what was told of them."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.letters: list[Letter] = []
        self.core = Core(
            journal, SystemClock(), self._follow, State(stream=WATCH), None,
            restate=lambda _: [letter("anew", "card"), letter("anew", "card", "elsewhere")],
        )  # fmt: skip
        self._numbers = iter(range(1, 1_000))

    def _follow(self, _: State, drafts: Sequence[Draft]) -> tuple[Sequence[Draft], Sequence[Letter]]:
        letters, self.letters = tuple(self.letters), []
        return drafts, letters

    async def declare(self, *letters: Letter) -> None:
        self.letters += letters
        said = IncidentDeclared(title="Logins fail", severity="SEV1")
        await self.core.declare(lambda _: ((Draft(body=said, actor="ada"),), Answered("declare", b"declared")))

    async def tell(self, *letters: Letter, body: Body | None = None) -> None:
        self.letters += letters
        said = [Draft(body=body, actor="ada")] if body is not None else []
        number = next(self._numbers)
        await self.core.act(lambda _: (said, Answered(f"c{number}", b"")))

    async def events(self, kind: type[Body], stream: str = "INC-1") -> list[Body]:
        return [event.body for event in await self.journal.read(stream) if isinstance(event.body, kind)]

    async def waiting(self) -> list[str]:
        return [each.letter.key for each in await self.journal.letters({"pending", "sending", "ambiguous"})]

    async def until(self, condition: Callable[[], bool]) -> None:
        waker = self.core.waker()
        try:
            while not condition():
                waker.clear()
                with suppress(TimeoutError):
                    async with asyncio.timeout(0.05):
                        await waker.wait()
        finally:
            self.core.forget(waker)

    async def until_empty(self) -> None:
        await self.until_true(self._nothing_waits)

    async def _nothing_waits(self) -> bool:
        return not await self.waiting()

    async def until_true(self, condition: Callable[[], Awaitable[bool]]) -> None:
        waker = self.core.waker()
        try:
            while not await condition():
                with suppress(TimeoutError):
                    async with asyncio.timeout(0.05):
                        await waker.wait()
                waker.clear()
        finally:
            self.core.forget(waker)

    @asynccontextmanager
    async def posting(
        self,
        *chats: Chat,
        pace: Pace = AT_ONCE,
        fallbacks: Mapping[str, Sequence[str]] | None = None,
        redact: Callable[[str], str] = str,
    ) -> AsyncIterator[Poster]:
        poster = Poster(self.core, {chat.name: chat for chat in chats}, SystemClock(), pace, fallbacks, redact)
        async with asyncio.timeout(15), asyncio.TaskGroup() as tasks:
            running = tasks.create_task(poster.run())
            yield poster
            running.cancel()


class Slow(Chat):
    """A chat that takes a letter only once it is let: `entered` is set as soon as one is there."""

    def __init__(self, name: str = CHAT) -> None:
        super().__init__(name)
        self.entered, self.release = asyncio.Event(), asyncio.Event()

    async def send(self, wire: bytes) -> Outcome:
        self.entered.set()
        await self.release.wait()
        return await super().send(wire)
