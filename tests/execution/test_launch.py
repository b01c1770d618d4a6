"""Starting a supervisor: what can go wrong is said, and nothing is left behind."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from cockpit.execution import processes, status, supervisor
from cockpit.execution.attempt import AttemptDir, CommandSpec
from cockpit.execution.launch import Launcher, LaunchFailed
from cockpit.execution.status import Finished, Status, Unclaimed

CODE = Path(supervisor.__file__).read_bytes()
End = Callable[[AttemptDir], Awaitable[Status]]


async def test_an_attempt_without_a_directory_cannot_be_launched(
    new: Callable[[], AttemptDir], launcher: Launcher
) -> None:
    with pytest.raises(LaunchFailed, match="No such file"):
        await launcher.launch(new(), {})


@pytest.mark.parametrize("env", [{"A": "x\0y"}, {"A=B": "x"}, {"": "x"}])
async def test_an_impossible_environment_is_refused(
    new: Callable[[], AttemptDir], launcher: Launcher, env: dict[str, str]
) -> None:
    attempt = new()
    attempt.create(CommandSpec(("true",), 1.0))
    with pytest.raises(LaunchFailed, match="environment"):
        await launcher.launch(attempt, env)
    assert status.read(attempt) == Unclaimed()


async def test_a_missing_interpreter_is_said(
    new: Callable[[], AttemptDir], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("sys._base_executable", str(tmp_path / "python"))
    attempt = new()
    attempt.create(CommandSpec(("true",), 1.0))
    with pytest.raises(LaunchFailed, match="No such file"):
        await Launcher().launch(attempt, {})


async def test_an_upgrade_on_disk_changes_nothing(
    new: Callable[[], AttemptDir], end: End, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    source = tmp_path / "supervisor.py"
    source.write_bytes(CODE)
    monkeypatch.setattr(supervisor, "__file__", str(source))
    launcher = Launcher()
    source.write_text("raise SystemExit('half an upgrade')")
    attempt = new()
    attempt.create(CommandSpec(("true",), 60.0))
    await launcher.launch(attempt, {"PATH": os.defpath})
    ended = await end(attempt)
    assert isinstance(ended, Finished)
    assert ended.result.exit_code == 0


async def test_supervisors_leave_no_zombie(new: Callable[[], AttemptDir], launcher: Launcher, end: End) -> None:
    def zombies() -> set[int]:
        return {pid for pid, one in processes.processes().items() if one.parent == os.getpid() and one.zombie}

    before = zombies()
    attempts = [new() for _ in range(5)]
    for attempt in attempts:
        attempt.create(CommandSpec(("true",), 60.0))
    await asyncio.gather(*(launcher.launch(attempt, {"PATH": os.defpath}) for attempt in attempts))
    for attempt in attempts:
        assert isinstance(await end(attempt), Finished)
    assert zombies() <= before


async def test_two_supervisors_run_the_command_once(
    new: Callable[[], AttemptDir], launcher: Launcher, end: End, tmp_path: Path
) -> None:
    lines = tmp_path / "lines"
    attempt = new()
    attempt.create(CommandSpec(("sh", "-c", f"echo ran >> {lines}"), 60.0))
    await asyncio.gather(*(launcher.launch(attempt, {"PATH": os.defpath}) for _ in range(4)))
    assert isinstance(await end(attempt), Finished)
    assert lines.read_text() == "ran\n"
