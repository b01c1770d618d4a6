"""Letters on their way: a real journal, a destination that does as it is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from cockpit.broadcast.sender import Absent, Finding, Kind, Outcome, Outgoing, Refused, Sent, Thread, unpack
from cockpit.clock import SECOND, SystemClock
from cockpit.engine.carrying import Pace
from cockpit.engine.core import Core
from cockpit.engine.posting import Poster
from cockpit.incident.broadcasts import UpdateDelivered
from cockpit.incident.event import WATCH, Draft
from cockpit.incident.fold import State
from cockpit.incident.vocabulary import IncidentDeclared
from cockpit.journal.errors import StorageFull
from cockpit.journal.outbox import LetterKind
from cockpit.journal.store import Answered, Fate, Journal, Letter

CHAT = "chat"


class Destination:
    """Takes letters; `refusals` is how many of the next it turns away."""

    name = CHAT

    def __init__(self) -> None:
        self.arrived: list[str] = []
        self.refusals = 0
        self.on_arrival: Callable[[], None] = lambda: None

    takes: frozenset[Kind] = frozenset({"card", "thread"})
    threaded = False

    def wire(self, letter: Outgoing, thread: Thread) -> bytes:
        return letter.pack()

    minimal = wire

    async def send(self, wire: bytes) -> Outcome:
        letter = unpack(wire)
        if self.refusals:
            self.refusals -= 1
            return Refused("the disk is full")
        self.arrived.append(letter.key)
        self.on_arrival()
        return Sent()

    async def find(self, letter: Outgoing, wire: bytes) -> Finding:
        return Sent() if letter.key in self.arrived else Absent()


def _letter(update: str, kind: LetterKind) -> Letter:
    key = f"{update}:{CHAT}:{kind}"
    return Letter(update, CHAT, kind, Outgoing(key, kind, 0, "INC-1", "logins fail").pack())


def _queue(letters: Sequence[Letter]) -> Callable[[State, Sequence[Draft]], tuple[Sequence[Draft], Sequence[Letter]]]:
    return lambda state, drafts: (drafts, letters)


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    opened = await Journal.open(tmp_path / "journal.sqlite", clock=SystemClock(), host="here")
    yield opened
    await opened.close()


async def _declared(journal: Journal, letters: Sequence[Letter]) -> Core:
    core = Core(journal, SystemClock(), _queue(letters), State(stream=WATCH), None)
    said = IncidentDeclared(title="Logins fail", severity="SEV1")
    await core.declare(lambda _: ((Draft(body=said, actor="ada"),), Answered("declare", b"declared")))
    return core


@asynccontextmanager
async def _posting(core: Core, destination: Destination) -> AsyncIterator[Poster]:
    poster = Poster(core, {CHAT: destination}, SystemClock(), Pace(floor=0.0, late_arrival=0.0))
    async with asyncio.timeout(10), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(poster.run())
        yield poster
        running.cancel()


async def _until(core: Core, condition: Callable[[], bool]) -> None:
    waker = core.waker()
    while not condition():
        waker.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(0.1):
                await waker.wait()


async def test_a_letter_whose_arrival_could_not_be_recorded_does_not_hold_back_those_behind_it(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    core = await _declared(journal, [_letter("u1", "thread"), _letter("u2", "thread")])
    destination = Destination()
    settle = journal.settle

    def break_once() -> None:
        async def full(*_: object, **__: object) -> None:
            monkeypatch.setattr(journal, "settle", settle)
            raise StorageFull("there is no room left")

        destination.on_arrival = lambda: None
        monkeypatch.setattr(journal, "settle", full)

    destination.on_arrival = break_once
    async with _posting(core, destination):
        await _until(core, lambda: len(destination.arrived) == 2)
    assert destination.arrived == ["u1:chat:thread", "u2:chat:thread"]


async def test_a_card_that_arrives_at_last_is_no_longer_called_waiting(journal: Journal) -> None:
    core = await _declared(journal, [_letter("u1", "thread"), _letter("u1", "card")])
    destination = Destination()

    def refuse_the_card() -> None:
        destination.refusals, destination.on_arrival = 1, lambda: None

    destination.on_arrival = refuse_the_card
    async with _posting(core, destination):
        await _until(core, lambda: core.shown.telling.deliveries.get(CHAT) is not None)
        await _until(core, lambda: core.shown.telling.deliveries[CHAT].state == "retrying")
        await _until(core, lambda: len(destination.arrived) == 2)
        await _until(core, lambda: core.shown.telling.deliveries[CHAT].state == "delivered")
    assert await journal.letters({"pending", "sending", "ambiguous"}) == ()


async def test_a_clock_set_back_does_not_put_a_letter_off(journal: Journal) -> None:
    core = await _declared(journal, [_letter("u1", "thread")])
    (letter,) = await journal.letters({"pending"})
    put_off = Fate(letter.id, "pending", "pending", not_before=SystemClock().now() + 3600 * SECOND)
    await core.settle("INC-1", [put_off])
    destination = Destination()
    async with _posting(core, destination):
        await _until(core, lambda: destination.arrived == ["u1:chat:thread"])


async def test_a_card_sent_again_after_a_crash_is_not_told_of_beside_its_update(journal: Journal) -> None:
    core = await _declared(journal, [_letter("u1", "thread"), _letter("u1", "card")])
    _, card = await journal.letters({"pending"})
    # As an engine leaves it that died between this record and the first byte.
    await core.settle("INC-1", [Fate(card.id, "pending", "sending")])
    destination = Destination()
    async with _posting(core, destination):
        await _until(core, lambda: len(destination.arrived) == 2)
    events = await journal.read("INC-1")
    assert [event.body.update for event in events if isinstance(event.body, UpdateDelivered)] == ["u1"]
