"""A played drill waits for a busy host, and leaves the clock to the facilitator otherwise."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from cockpit.clock import SECOND
from cockpit.drills import pacing
from cockpit.drills.hidden import Hidden
from cockpit.drills.pacing import LATE, LOOK, pace
from cockpit.drills.seat import Seat
from cockpit.drills.sight import Sight
from cockpit.drills.stage import Stage
from cockpit.platform.drillclock import SharedClock, begin, turn
from cockpit.platform.places import Places
from cockpit.protocol.client import Client
from cockpit.protocol.messages import Answer
from cockpit.protocol.views import EMPTY, HeaderView
from cockpit.tasks import TaskSet
from cockpit.text import SafeText

SEAT = cast(Seat, SimpleNamespace(sight=Sight()))


@dataclass(frozen=True)
class Busy(Stage):
    """A stage whose simulator always answers too late; `speeds` are those of the clock at each answer."""

    speeds: list[float] = field(default_factory=list)
    answered: asyncio.Event = field(default_factory=asyncio.Event)

    async def hidden(self) -> Hidden:
        await asyncio.sleep(LOOK + LATE + 0.05)
        self.speeds.append(self.clock.speed)
        self.answered.set()
        return Hidden(0, {}, harm=True)


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Busy:
    monkeypatch.setattr(pacing, "HELD", 0.0)
    places = Places(tmp_path)
    places.make()
    begin(places.drill_clock, 60.0, 1_800_000_000 * SECOND)
    nothing = {name: cast(object, None) for name in ("scenario", "profile", "config", "url", "env")}
    return Busy(clock=SharedClock(places.drill_clock), places=places, t0=0, **nothing)  # type: ignore[arg-type]


async def _paced(stage: Busy, until: Callable[[list[float]], bool]) -> None:
    """Let it be held and let go until that is so of the speeds seen."""
    tasks = TaskSet()
    try:
        tasks.spawn(pace(stage, SEAT), "pace")
        async with asyncio.timeout(20):
            while not until(stage.speeds):
                await stage.answered.wait()
                stage.answered.clear()
    finally:
        await tasks.close()


async def test_a_busy_host_holds_it_and_it_goes_on_as_fast_as_before(stage: Busy) -> None:
    turn(stage.places.drill_clock, 12.0)
    await _paced(stage, lambda speeds: speeds[-3:] == [12.0, 0.0, 12.0])


async def test_what_the_facilitator_has_paused_stays_paused(stage: Busy) -> None:
    turn(stage.places.drill_clock, 0.0)
    await _paced(stage, lambda speeds: len(speeds) >= 5)
    assert set(stage.speeds) == {0.0} and stage.clock.speed == 0


async def test_it_stands_still_while_a_move_is_made_and_leaves_it_paused_where_it_was(stage: Busy) -> None:
    with stage.still():
        assert stage.clock.speed == 0
        with stage.still():
            assert stage.clock.speed == 0
        assert stage.clock.speed == 0
    assert stage.clock.speed == 60
    turn(stage.places.drill_clock, 0.0)
    with stage.still():
        pass
    assert stage.clock.speed == 0


async def test_a_pause_that_is_pressed_while_a_move_holds_the_clock_is_not_lost(stage: Busy) -> None:
    with stage.still():
        turn(stage.places.drill_clock, 0.0)
    assert stage.clock.speed == 0


async def test_a_pause_that_is_pressed_while_the_host_is_late_is_not_lost(
    stage: Busy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pacing, "HELD", 0.5)

    def held_then_paused(speeds: list[float]) -> bool:
        if 0.0 in speeds:
            turn(stage.places.drill_clock, 0.0)
        return len(speeds) >= 6

    await _paced(stage, held_then_paused)
    assert stage.clock.speed == 0


async def test_a_move_is_made_when_what_came_of_it_is_seen(stage: Busy) -> None:
    told = asyncio.Queue[HeaderView]()
    seat = Seat(cast(Client, SimpleNamespace(messages=lambda: _each(told))), stage, lambda row: None)
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        watching = tasks.create_task(seat.watch())
        seen = tasks.create_task(seat.shown(Answer("1", True, SafeText(""), stream="INC-1", seq=3)))
        for stream, head in (("watch", 9), ("INC-1", 2)):
            told.put_nowait(HeaderView(stream, head, True, EMPTY))
            await told.join()
            assert not seen.done()
        told.put_nowait(HeaderView("INC-1", 3, True, EMPTY))
        await seen
        watching.cancel()


async def _each(told: asyncio.Queue[HeaderView]) -> AsyncIterator[HeaderView]:
    while True:
        yield await told.get()
        told.task_done()
