"""The grid, on a clock that moves only when told."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.probes.sample import Sample
from cockpit.probes.schedule import grid, keep_probing, place
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
            await keep_probing(
                self, name=name, interval=interval, clock=self._clock,
                on_sample=lambda _: None, on_skip=self.skipped.append,
            )  # fmt: skip


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
