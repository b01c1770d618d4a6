"""The grid, on a clock that moves only when told."""

from __future__ import annotations

import asyncio
import heapq
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.clock import SECOND
from cockpit.probes.sample import Sample
from cockpit.probes.schedule import Pause, Schedule, grid, place
from cockpit.text import SafeText

if TYPE_CHECKING:
    from tests.probes.conftest import ManualClock


class Enough(Exception):
    """Ends a schedule that would go on for ever."""


class Taking:
    """A probe whose samples take the seconds given, one after the other; notes when it was asked."""

    def __init__(self, clock: ManualClock, seconds: Iterable[float]) -> None:
        self.asked: list[float] = []
        self.skipped: list[int] = []
        self._clock = clock
        self._seconds = iter(seconds)

    async def sample(self) -> Sample:
        self.asked.append(self._clock.monotonic())
        took = next(self._seconds, None)
        if took is None:
            raise Enough
        self._clock.advance(took)
        return Sample(self._clock.now(), "good", SafeText())

    async def run(self, name: str = "api", interval: float = 10.0) -> None:
        with pytest.raises(Enough):
            await Schedule(
                self, name=name, interval=interval, clock=self._clock,
                on_sample=self._as_usual, on_skip=self.skipped.append,
            ).run()  # fmt: skip

    async def _as_usual(self, sample: Sample) -> Pause:
        return Pause(10.0)


async def test_the_grid_does_not_drift(manual_clock: ManualClock) -> None:
    probe = Taking(manual_clock, [0.5, 3.0, 0.1, 9.9, 1.0])
    await probe.run()
    first, point = grid("api", 10.0)
    assert probe.asked == pytest.approx([first, *(point + 10 * n for n in range(5))])
    assert probe.skipped == []


async def test_an_overrun_skips_and_counts(manual_clock: ManualClock) -> None:
    probe = Taking(manual_clock, [0.0, 25.0, 0.0, 10.5, 0.0])
    await probe.run()
    first, point = grid("api", 10.0)
    assert probe.asked == pytest.approx([first, point, point + 30, point + 40, point + 60, point + 70])
    assert probe.skipped == [2, 1]


class HeldClock:
    """Moves on only by `pass_on`, from one sleeper's end to the next."""

    speed = 1.0

    def __init__(self) -> None:
        self.passed = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Event]] = []

    def now(self) -> int:
        return int(self.passed * SECOND)

    def monotonic(self) -> float:
        return self.passed

    async def sleep(self, seconds: float) -> None:
        over = asyncio.Event()
        heapq.heappush(self._sleepers, (self.passed + seconds, id(over), over))
        await over.wait()

    async def pass_on(self, seconds: float) -> None:
        end = self.passed + seconds
        await settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            self.passed, _, over = heapq.heappop(self._sleepers)
            over.set()
            await settle()
        self.passed = end


async def settle() -> None:
    """Let everybody go on who can."""
    for _ in range(10):
        await asyncio.sleep(0)


class Probe:
    """Notes when it was asked; takes `takes` seconds, and `pause` is what its samples call for."""

    def __init__(self, clock: HeldClock, name: str = "api") -> None:
        self.clock = clock
        self.asked: list[float] = []
        self.at_once = 0
        self.most_at_once = 0
        self.takes = 0.0
        self.pause = Pause(10.0)
        self.may_ask = True
        self.skipped: list[int] = []
        self.schedule = Schedule(
            self, name=name, interval=10.0, clock=clock, on_sample=self._sampled, on_skip=self.skipped.append,
            may_ask=lambda: self.may_ask,
        )  # fmt: skip

    async def sample(self) -> Sample:
        self.asked.append(self.clock.monotonic())
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        if self.takes:
            await self.clock.sleep(self.takes)
        self.at_once -= 1
        return Sample(self.clock.now(), "good", SafeText())

    async def _sampled(self, sample: Sample) -> Pause:
        return self.pause


@asynccontextmanager
async def scheduled(name: str = "api") -> AsyncIterator[Probe]:
    probe = Probe(HeldClock(), name)
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(probe.schedule.run())
        yield probe
        running.cancel()


FIRST, POINT = grid("api", 10.0)


async def test_a_lane_that_backs_off_is_asked_on_its_own_grid_and_skips_nothing() -> None:
    async with scheduled() as probe:
        probe.pause = Pause(40.0)
        await probe.clock.pass_on(POINT + 85)
        probe.pause = Pause(10.0)
        await probe.clock.pass_on(50)
    points = [(asked - POINT) / 10 for asked in probe.asked[1:]]
    assert probe.asked[0] == pytest.approx(FIRST)
    assert points == pytest.approx([round(point) for point in points])
    assert [round(later - sooner) for sooner, later in zip(points, points[1:], strict=False)] == [4, 4, 1, 1]
    assert probe.skipped == []


async def test_a_rest_that_was_asked_for_is_kept_to_its_end() -> None:
    async with scheduled() as probe:
        await probe.clock.pass_on(POINT + 1)
        probe.asked.clear()
        probe.pause, probe.takes = Pause(10.0, rest=35.0), 2.0
        await probe.clock.pass_on(60)
    assert probe.asked == pytest.approx([POINT + 10, POINT + 50]), "not before 10 + 2 + 35 s"
    assert probe.skipped == []


async def test_probe_now_ignores_the_backoff_and_keeps_the_grid() -> None:
    async with scheduled() as probe:
        probe.pause = Pause(60.0)
        await probe.clock.pass_on(POINT + 3)
        probe.asked.clear()
        probe.schedule.now()
        await settle()
        assert probe.asked == pytest.approx([POINT + 3])
        probe.pause = Pause(10.0)
        probe.schedule.now()
        await probe.clock.pass_on(20)
    assert probe.asked == pytest.approx([POINT + 3, POINT + 3, POINT + 10, POINT + 20])
    assert probe.skipped == []


async def test_probe_now_never_asks_twice_at_once() -> None:
    async with scheduled() as probe:
        probe.takes = 4.0
        await probe.clock.pass_on(POINT + 1)
        for _ in range(5):
            probe.schedule.now()
        await probe.clock.pass_on(20)
    assert probe.most_at_once == 1
    assert probe.asked[1:3] == pytest.approx([POINT, POINT + 4]), "five wishes under way are one"
    assert len(probe.asked) == 5


async def test_what_is_paused_is_not_asked_at_all_not_even_now() -> None:
    async with scheduled() as probe:
        probe.may_ask = False
        await probe.clock.pass_on(POINT + 25)
        probe.schedule.now()
        await settle()
        assert probe.asked == [] and probe.skipped == []
        probe.may_ask = True
        await probe.clock.pass_on(10)
    assert probe.asked == pytest.approx([POINT + 30])


async def test_after_a_suspend_lanes_are_spread_again() -> None:
    clock = HeldClock()
    probes = [Probe(clock, f"probe-{number}") for number in range(50)]
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(probe.schedule.run()) for probe in probes]
        await clock.pass_on(31.0)
        for probe in probes:
            probe.asked.clear()
            probe.schedule.restagger()
        await clock.pass_on(40.0)
        for task in running:
            task.cancel()
    for number, probe in enumerate(probes):
        first, point = grid(f"probe-{number}", 10.0)
        assert probe.asked[:2] == pytest.approx([31 + first, 31 + point])
    assert len({round(probe.asked[0], 3) for probe in probes}) > 45


async def test_a_wake_while_it_wakes_is_no_fault() -> None:
    async with scheduled() as probe:
        await settle()
        wakes: list[Callable[[], None]] = [probe.schedule.now, probe.schedule.restagger, probe.schedule.now]
        for wake in wakes:
            wake()
            await asyncio.sleep(0)
        await probe.clock.pass_on(40)
        assert probe.most_at_once == 1 and len(probe.asked) >= 3


def test_a_place_is_the_same_in_every_process() -> None:
    code = "from cockpit.probes.schedule import place; print(place('login-synthetic'))"
    told = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            check=True, capture_output=True, text=True,
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert told == {f"{place('login-synthetic')}\n"}


def test_places_are_spread_over_the_interval() -> None:
    tenths = [int(place(f"probe-{number}") * 10) for number in range(1_000)]
    assert all(60 < tenths.count(tenth) < 140 for tenth in range(10))


@given(st.text(), st.floats(0.1, 3600))
def test_the_first_sample_comes_early(name: str, interval: float) -> None:
    first, point = grid(name, interval)
    assert 0 <= first <= min(interval, 2.0)
    assert 0.49 * interval <= point - first <= 1.51 * interval
