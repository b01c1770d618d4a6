"""How an attempt stands after every kind of accident, and who wins it."""

from __future__ import annotations

import fcntl
import os
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from cockpit.execution import processes, record, status
from cockpit.execution.attempt import AttemptDir, CommandSpec
from cockpit.execution.launch import Launcher, LaunchFailed
from cockpit.execution.status import Abandoned, Finished, Lost, Running, Status, Unclaimed

New = Callable[[], AttemptDir]
Start = Callable[..., Awaitable[AttemptDir]]
End = Callable[[AttemptDir], Awaitable[Status]]
Until = Callable[[Callable[[], object]], Awaitable[None]]
ENV = {"PATH": os.defpath}


def leader(attempt: AttemptDir) -> int:
    now = status.read(attempt)
    return now.pid if isinstance(now, Running) else 0


async def test_a_late_supervisor_is_fenced_out(
    new: New, launcher: Launcher, until: Until, supervisors: Callable[[AttemptDir], list[int]], tmp_path: Path
) -> None:
    attempt = new()
    attempt.create(CommandSpec(("touch", str(tmp_path / "ran")), 60.0))
    with (attempt.path / record.LOCK).open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        await launcher.launch(attempt, ENV)
        assert status.read(attempt) == Unclaimed()
        assert supervisors(attempt)
        assert status.abandon(attempt)
    await until(lambda: not supervisors(attempt))
    assert status.read(attempt) == Abandoned()
    assert not (tmp_path / "ran").exists()


async def test_what_was_claimed_cannot_be_abandoned(start: Start, end: End, until: Until) -> None:
    attempt = await start("sleep", "1000")
    await until(lambda: leader(attempt))
    assert not status.abandon(attempt)
    status.cancel(attempt)
    assert isinstance(await end(attempt), Finished)
    assert not status.abandon(attempt)


async def test_abandoning_twice_is_as_good_as_once(new: New) -> None:
    attempt = new()
    attempt.create(CommandSpec(("true",), 60.0))
    assert status.abandon(attempt)
    assert status.abandon(attempt)
    assert status.read(attempt) == Abandoned()


async def test_an_attempt_never_made_can_be_abandoned_for_ever(new: New, launcher: Launcher) -> None:
    attempt = new()
    assert status.read(attempt) == Unclaimed()
    assert status.abandon(attempt)
    assert status.read(attempt) == Abandoned()
    with pytest.raises(OSError, match="exists|not empty"):
        attempt.create(CommandSpec(("true",), 60.0))
    with pytest.raises(LaunchFailed):
        await launcher.launch(attempt, ENV)


async def test_a_killed_supervisor_leaves_the_attempt_lost_and_names_what_survives(
    start: Start, end: End, until: Until
) -> None:
    attempt = await start("sleep", "1000")
    await until(lambda: leader(attempt))
    pid = leader(attempt)
    os.kill(processes.processes()[pid].parent, signal.SIGKILL)
    lost = await end(attempt)
    assert isinstance(lost, Lost)
    assert lost.survivor == pid
    assert f"still running, pid {pid}" in lost.why
    os.kill(pid, signal.SIGKILL)
    await until(lambda: status.read(attempt) == Lost("its supervisor died before it could record the result"))


async def test_a_survivor_is_found_by_the_cookie_when_the_command_itself_is_gone(
    start: Start, end: End, until: Until, tmp_path: Path
) -> None:
    left = tmp_path / "pid"
    attempt = await start("sh", "-c", f"setsid sleep 1000 & echo $! > {left}; wait")
    await until(lambda: leader(attempt) and left.exists() and left.read_text().strip())
    pid = leader(attempt)
    os.kill(processes.processes()[pid].parent, signal.SIGKILL)
    os.kill(pid, signal.SIGKILL)
    await until(lambda: pid not in processes.processes())
    lost = await end(attempt)
    assert isinstance(lost, Lost)
    assert lost.survivor == int(left.read_text())


async def test_another_process_with_the_same_number_is_no_survivor(start: Start, until: Until) -> None:
    attempt = await start("sleep", "1000")
    await until(lambda: leader(attempt))
    pid = leader(attempt)
    os.kill(processes.processes()[pid].parent, signal.SIGKILL)
    os.kill(pid, signal.SIGKILL)
    mine = processes.processes()[os.getpid()]
    claim = record.seal({"by": "supervisor", "pid": os.getpid(), "started": mine.started + 1})
    (attempt.path / record.SUPERVISOR).write_bytes(claim)
    await until(lambda: isinstance(now := status.read(attempt), Lost) and not now.survivor)


async def test_after_a_reboot_the_same_number_and_start_are_no_survivor(start: Start, until: Until) -> None:
    attempt = await start("sleep", "1000")
    await until(lambda: leader(attempt))
    pid = leader(attempt)
    os.kill(processes.processes()[pid].parent, signal.SIGKILL)
    os.kill(pid, signal.SIGKILL)
    mine = processes.processes()[os.getpid()]
    claim = {"by": "supervisor", "pid": os.getpid(), "started": mine.started, "boot": "another"}
    (attempt.path / record.SUPERVISOR).write_bytes(record.seal(claim))
    await until(lambda: isinstance(now := status.read(attempt), Lost) and not now.survivor)
    (attempt.path / record.SUPERVISOR).write_bytes(record.seal(claim | {"boot": processes.boot()}))
    now = status.read(attempt)
    assert isinstance(now, Lost)
    assert now.survivor == os.getpid()


async def test_a_torn_result_is_no_result(start: Start, end: End, until: Until) -> None:
    attempt = await start("true")
    assert isinstance(await end(attempt), Finished)
    await until(lambda: not attempt.locked())
    place = attempt.path / record.RESULT
    whole = place.read_bytes()
    place.write_bytes(whole[:30] + b" " * (len(whole) - 30))
    assert status.read(attempt) == Lost("the record of its result is damaged")


async def test_a_supervisor_that_fails_says_why(new: New, launcher: Launcher, end: End) -> None:
    attempt = new()
    attempt.create(CommandSpec(("true",), 60.0))
    (attempt.path / record.SPEC).write_text("{")
    await launcher.launch(attempt, ENV)
    lost = await end(attempt)
    assert isinstance(lost, Lost)
    assert "JSONDecodeError" in lost.why
