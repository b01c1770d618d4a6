"""A laptop that sleeps, a clock that is set."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from cockpit.clock import SystemClock
from cockpit.engine.core import Core
from cockpit.engine.recording import Recorder
from cockpit.engine.waking import Clocks, Waking, clocks, gaps
from cockpit.incident.event import WATCH, Body, Draft
from cockpit.incident.fold import State
from cockpit.incident.vocabulary import ClockStepped, EngineWoke
from cockpit.journal.store import Journal, Letter

BEFORE = Clocks(awake=100.0, boot=1_000.0, wall=1_700_000_000.0)


def later(awake: float, slept: float = 0.0, stepped: float = 0.0) -> Clocks:
    return Clocks(BEFORE.awake + awake, BEFORE.boot + awake + slept, BEFORE.wall + awake + slept + stepped)


@pytest.mark.parametrize(
    ("after", "found"),
    [
        (later(5), ()),
        (later(60), ()),
        (later(5, slept=9.5), ()),
        (later(5, stepped=1.5), ()),
        (later(5, stepped=-1.5), ()),
        (later(5, slept=3600), (EngineWoke(seconds=3600),)),
        (later(5, stepped=7200), (ClockStepped(seconds=7200),)),
        (later(5, stepped=-90), (ClockStepped(seconds=-90),)),
        (later(5, slept=3600, stepped=-30), (EngineWoke(seconds=3600), ClockStepped(seconds=-30))),
    ],
)
def test_a_sleep_and_a_step_are_told_apart(after: Clocks, found: tuple[Body, ...]) -> None:
    assert gaps(BEFORE, after) == found


def test_two_looks_at_this_hosts_clocks_have_no_gap_between_them() -> None:
    assert gaps(clocks(), clocks()) == ()


def _alone(state: State, drafts: Sequence[Draft]) -> tuple[Sequence[Draft], Sequence[Letter]]:
    return drafts, ()


async def test_laptop_sleep_is_recorded_and_nothing_from_before_is_believed(tmp_path: Path) -> None:
    looks = [BEFORE, later(5), later(10, slept=3600), later(15, slept=3600)]
    journal = await Journal.open(tmp_path / "journal.sqlite", clock=SystemClock(), host="here")
    core = Core(journal, SystemClock(), _alone, State(stream=WATCH), None)
    recorder, hooked = Recorder(core), list[str]()
    waking = Waking(recorder, lambda: hooked.append("gap"), iter(looks).__next__)
    called = []
    for _ in looks[1:]:
        waking.look()
        called.append(len(hooked))
    assert called == [0, 1, 1]
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        recording, waker = tasks.create_task(recorder.run()), core.waker()
        await waker.wait()
        recording.cancel()
    (event,) = await journal.read(WATCH, after=0)
    assert event.body == EngineWoke(seconds=3600)
    await journal.close()
