"""The clock that a drill's processes share: it never goes back, whoever turns it, and sleepers wake in time."""

from __future__ import annotations

import asyncio
import mmap
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cockpit.clock import LONGEST_NAP, SECOND, passed
from cockpit.platform import drillclock
from cockpit.platform.drillclock import ClockBroken, SharedClock, begin, hold, let_go, resume, turn

AT = 1_700_046_960 * SECOND
SPEEDS = st.sampled_from([0.0, 0.5, 1.0, 6.0, 60.0, 600.0])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    begin(tmp_path / "clock", 60.0, AT)
    return tmp_path / "clock"


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(SPEEDS, st.booleans()), max_size=30))
def test_it_never_goes_back_and_all_agree(turns: list[tuple[float, bool]]) -> None:
    with TemporaryDirectory() as home:
        path = Path(home) / "clock"
        begin(path, 6.0, AT)
        clocks = SharedClock(path), SharedClock(path)
        seen = [AT]
        for speed, paused_first in turns:
            if paused_first:
                turn(path, 0.0)
                assert clocks[0].now() == clocks[0].now()
                assert abs(clocks[0].now() - clocks[1].now()) < SECOND // 10
            seen.append(clocks[0].now())
            line = turn(path, speed)
            seen.append(clocks[0].now())
            assert clocks[0].line == clocks[1].line == line and clocks[1].speed == speed
            assert line.at <= clocks[1].now()
        assert seen == sorted(seen)


def test_a_new_line_continues_the_one_before_exactly(path: Path) -> None:
    clock = SharedClock(path)
    for speed in (1.0, 0.0, 6.0, 0.5):
        before = clock.line
        after = turn(path, speed)
        assert after.at == before.shown(after.real) and after.speed == speed


def test_turning_it_to_what_it_is_changes_nothing(path: Path) -> None:
    clock = SharedClock(path)
    before = clock.line
    assert turn(path, 60.0) == before == clock.line


def test_it_goes_on_as_fast_as_before_the_pause(path: Path) -> None:
    turn(path, 12.0)
    turn(path, 0.0)
    assert resume(path).speed == 12.0
    before = SharedClock(path).line
    assert resume(path) == before


def test_what_is_asked_of_it_while_it_is_held_holds_when_it_is_let_go(path: Path) -> None:
    clock = SharedClock(path)
    for asked in (0.0, 12.0, 60.0):
        hold(path)
        hold(path)
        turn(path, asked)
        assert clock.speed == 0 and clock.asked == asked
        let_go(path)
        assert clock.speed == 0 and clock.now() == clock.now()
        let_go(path)
        assert clock.speed == clock.asked == asked
    turn(path, 0.0)
    hold(path)
    assert resume(path).speed == 0 and clock.asked == 60.0
    let_go(path)
    assert clock.speed == 60.0


def test_what_passed_counts_each_stretch_at_its_own_speed(path: Path) -> None:
    clock = SharedClock(path)
    first = clock.line
    turn(path, 0.0)
    held = clock.now()
    assert passed(clock, 0.0) == 0.0
    # Since before the clock began: as fast as it began.
    assert passed(clock, 3600.0) == pytest.approx(60.0 * 3600.0, rel=0.01)
    assert clock.now() == held >= first.at


async def test_a_sleeper_wakes_early_enough_when_the_clock_is_sped_up(path: Path) -> None:
    turn(path, 0.5)
    clock = SharedClock(path)
    until = clock.now() + 300 * SECOND
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        tasks.create_task(clock.sleep(300))
        await asyncio.sleep(0)
        turn(path, 600.0)
    assert clock.now() >= until


async def test_a_sleeper_sleeps_through_a_pause(path: Path) -> None:
    clock = SharedClock(path)
    turn(path, 0.0)
    until = clock.now() + 30 * SECOND
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        sleeping = tasks.create_task(clock.sleep(30))
        await asyncio.sleep(2 * LONGEST_NAP)
        assert not sleeping.done() and clock.now() == until - 30 * SECOND
        resume(path)
    assert clock.now() >= until


def test_another_process_turns_it_too(path: Path) -> None:
    clock = SharedClock(path)
    code = (
        "import sys; from pathlib import Path; from cockpit.platform.drillclock import turn; turn(Path(sys.argv[1]), 0)"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], check=True)
    assert clock.speed == 0 and clock.now() == clock.now()


def test_two_who_turn_it_at_once_both_count(path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from cockpit.platform.drillclock import turn\n"
        "for speed in range(1, 201): turn(Path(sys.argv[1]), speed + float(sys.argv[2]))"
    )
    both = [subprocess.Popen([sys.executable, "-c", code, str(path), offset]) for offset in ("0", "0.5")]
    assert [each.wait() for each in both] == [0, 0]
    with drillclock._mapped(path, mmap.ACCESS_READ) as file:
        lines = [drillclock._line(file, number) for number in range(drillclock._count(file))]
    assert len(lines) == 401
    assert all(after.at == before.shown(after.real) for before, after in zip(lines, lines[1:], strict=False))


def test_what_is_no_clock_is_said(tmp_path: Path, path: Path) -> None:
    with pytest.raises(ClockBroken, match="cannot be read"):
        SharedClock(tmp_path / "none")
    (tmp_path / "short").write_bytes(b"short")
    with pytest.raises(ClockBroken, match="cannot be read"):
        SharedClock(tmp_path / "short")
    (tmp_path / "other").write_bytes(bytes(path.stat().st_size))
    with pytest.raises(ClockBroken, match="no clock of a drill"):
        turn(tmp_path / "other", 1.0)


def test_a_clock_that_is_full_is_said_and_goes_on(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drillclock, "_MOST", 2)
    turn(path, 6.0)
    with pytest.raises(ClockBroken, match="turned 2 times"):
        turn(path, 1.0)
    assert SharedClock(path).speed == 6.0
