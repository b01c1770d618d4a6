"""Following an attempt: one way for a fresh one and for one that outlived the engine."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from cockpit.execution import spool, status
from cockpit.execution.attempt import AttemptDir, CommandSpec
from cockpit.execution.follow import Grown, follow
from cockpit.execution.status import Abandoned, Finished, Lost, Running

Start = Callable[..., Awaitable[AttemptDir]]
Until = Callable[[Callable[[], object]], Awaitable[None]]

ENGINE = """
import asyncio, pathlib, sys
from cockpit.execution.attempt import AttemptDir, CommandSpec
from cockpit.execution.launch import Launcher

async def main():
    attempt = AttemptDir(pathlib.Path(sys.argv[1]), sys.argv[2])
    attempt.create(CommandSpec(("sh", "-c", sys.argv[3]), 60.0))
    await Launcher().launch(attempt, {"PATH": "/usr/bin:/bin"})
    print("launched", flush=True)
    await asyncio.sleep(1000)

asyncio.run(main())
"""


async def test_it_says_running_then_growth_then_the_end(start: Start) -> None:
    attempt = await start("sh", "-c", "echo one; sleep 0.3; echo two")
    first, *middle, last = [step async for step in follow(attempt)]
    assert isinstance(first, Running)
    assert first.pid > 0
    assert middle
    assert middle[-1] == Grown(8)
    totals = [step.total for step in middle if isinstance(step, Grown)]
    assert totals == sorted(set(totals))
    assert isinstance(last, Finished)


async def test_one_that_ended_long_ago_is_told_whole(start: Start, until: Until) -> None:
    attempt = await start("echo", "done")
    await until(lambda: isinstance(status.read(attempt), Finished))
    first, second, third = [step async for step in follow(attempt)]
    assert isinstance(first, Running)
    assert second == Grown(5)
    assert isinstance(third, Finished)


async def test_what_never_starts_is_abandoned_when_patience_ends(new: Callable[[], AttemptDir]) -> None:
    attempt = new()
    attempt.create(CommandSpec(("true",), 1.0))
    assert [step async for step in follow(attempt, poll=0.01, patience=0.05)] == [Abandoned()]


async def test_files_that_vanish_under_a_running_command_leave_it_unknown(start: Start, until: Until) -> None:
    attempt = await start("sleep", "1000")
    await until(lambda: isinstance(status.read(attempt), Running))
    steps = []
    async for step in follow(attempt, poll=0.01):
        steps.append(step)
        if isinstance(step, Running):
            attempt.path.rename(attempt.path.with_name("elsewhere"))
    assert isinstance(steps[0], Running)
    assert steps[1:] == [Lost("its files are gone")]


async def test_files_that_cannot_be_read_for_a_while_end_nothing(
    start: Start, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = await start("true")
    await until(lambda: isinstance(status.read(attempt), Finished))
    faults = iter([OSError("Too many open files")] * 3)

    def read(attempt: AttemptDir) -> status.Status:
        for fault in faults:
            raise fault
        return whole(attempt)

    whole = status.read
    monkeypatch.setattr(status, "read", read)
    assert isinstance([step async for step in follow(attempt, poll=0.01)][-1], Finished)
    monkeypatch.setattr(AttemptDir, "claim", lambda _: open("/nowhere/claim"))
    with pytest.raises(FileNotFoundError):
        [step async for step in follow(attempt, poll=0.01, patience=0.05)]


async def test_a_command_outlives_the_engine_and_is_read_afterwards(
    new: Callable[[], AttemptDir], tmp_path: Path
) -> None:
    attempt, go = new(), tmp_path / "go"
    script = f"echo before; while ! [ -e {go} ]; do sleep 0.02; done; echo after; exit 3"
    engine = await asyncio.create_subprocess_exec(
        sys.executable, "-c", ENGINE, str(attempt.path), attempt.id, script, stdout=asyncio.subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip
    assert engine.stdout is not None
    assert await engine.stdout.readline() == b"launched\n"
    os.killpg(engine.pid, signal.SIGKILL)
    await engine.wait()
    go.touch()
    last = [step async for step in follow(attempt)][-1]
    assert isinstance(last, Finished)
    assert last.result.exit_code == 3
    assert spool.tail(attempt, 100) == (13, b"before\nafter\n")
