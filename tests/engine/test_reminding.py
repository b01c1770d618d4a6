"""What people forget, on a real journal and a clock that does as it is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from cockpit.clock import SECOND
from cockpit.config.broadcasting import Cadence
from cockpit.config.load import parse
from cockpit.config.model import Config
from cockpit.engine.board import Board
from cockpit.engine.core import Core
from cockpit.engine.reminding import Reminder
from cockpit.incident.attendance import TimerEnded, TimerSet
from cockpit.incident.broadcasts import UpdatePosted
from cockpit.incident.event import WATCH, Draft
from cockpit.incident.fold import State
from cockpit.incident.telling import OVERDUE
from cockpit.incident.vocabulary import IncidentDeclared, IncidentResolved
from cockpit.incident.watching import Watching
from cockpit.journal.store import Answered, Journal, Letter

NOW = 1_700_000_000 * SECOND
CADENCE = Cadence()


class HurryingClock:
    """An hour passes in no time; `later` is set when two have."""

    speed = 1.0

    def __init__(self) -> None:
        self.wall = NOW
        self.later = asyncio.Event()

    def now(self) -> int:
        return self.wall

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        self.wall += int(seconds * SECOND)
        if self.wall > NOW + 7200 * SECOND:
            self.later.set()
        await asyncio.sleep(0)


def _alone(state: State, drafts: Sequence[Draft]) -> tuple[Sequence[Draft], Sequence[Letter]]:
    return drafts, ()


@pytest.fixture
def clock() -> HurryingClock:
    return HurryingClock()


@pytest.fixture
async def core(tmp_path: Path, clock: HurryingClock) -> AsyncIterator[Core]:
    """An incident whose first word is promised in five minutes."""
    journal = await Journal.open(tmp_path / "journal.sqlite", clock=clock, host="here")
    core = Core(journal, clock, _alone, State(stream=WATCH), None)
    declared = IncidentDeclared(title="Logins fail", severity="SEV1")
    opened = UpdatePosted(update="u", reason="opened", headline="h", automatic=True, next_due=NOW + 300 * SECOND)
    said = [Draft(body=body, actor="ada") for body in (declared, opened)]
    await core.declare(lambda _: (said, Answered("declare", b"declared")))
    yield core
    await journal.close()


@asynccontextmanager
async def _reminding(core: Core, clock: HurryingClock) -> AsyncIterator[None]:
    board = Board(parse("version: 1\n", "config.yaml", Config), Watching())
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(Reminder(core, board, clock, CADENCE).run())
        yield
        running.cancel()


async def test_a_word_that_nobody_wrote_is_told_when_it_is_due_and_promises_the_next(
    core: Core, clock: HurryingClock
) -> None:
    waker = core.waker()
    async with _reminding(core, clock):
        while core.shown.telling.unanswered < 2:
            waker.clear()
            await waker.wait()
    told = [event for event in await core.journal.read("INC-1") if isinstance(event.body, UpdatePosted)][1:]
    assert [event.body.reason for event in told if isinstance(event.body, UpdatePosted)] == [OVERDUE, OVERDUE]
    first, second = (event.recorded_at for event in told)
    assert 0 <= first - (NOW + 300 * SECOND) < 5 * SECOND
    assert 0 <= second - (first + 1200 * SECOND) < 5 * SECOND


async def test_nothing_is_told_once_it_is_over(core: Core, clock: HurryingClock) -> None:
    over = (Draft(body=IncidentResolved(), actor="ada"),)
    await core.act(lambda _: (over, Answered("resolve", b"resolved")))
    head = core.shown.seq
    async with _reminding(core, clock):
        await clock.later.wait()
    assert core.shown.seq == head


async def test_a_look_whose_time_is_over_ends_by_itself_once(core: Core, clock: HurryingClock) -> None:
    look = TimerSet(timer="t", what="database latency", who="bo", until=NOW + 600 * SECOND)
    await core.act(lambda _: ((Draft(body=look, actor="bo"),), Answered("look", b"set")))
    async with _reminding(core, clock):
        await clock.later.wait()
    ended = [event for event in await core.journal.read("INC-1") if isinstance(event.body, TimerEnded)]
    assert [event.body for event in ended] == [TimerEnded(timer="t", what="database latency", who="bo", expired=True)]
    assert 0 <= ended[0].recorded_at - look.until < 5 * SECOND
