from __future__ import annotations

import asyncio
import os
import signal
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pytest

from cockpit.execution import processes, record
from cockpit.execution.attempt import KEPT, AttemptDir, CommandSpec
from cockpit.execution.follow import follow
from cockpit.execution.launch import Launcher
from cockpit.execution.status import Abandoned, Finished, Lost
from cockpit.platform.process import carrying

ENV = {"PATH": os.defpath, "LANG": "C"}


@pytest.fixture(scope="session")
def launcher() -> Launcher:
    return Launcher()


@pytest.fixture
async def new(tmp_path: Path) -> AsyncIterator[Callable[[], AttemptDir]]:
    """Makes attempts with nothing in them; ends whatever they left running."""
    made: list[AttemptDir] = []

    def attempt() -> AttemptDir:
        name = uuid.uuid4().hex
        made.append(AttemptDir(tmp_path / "attempts" / name, name))
        return made[-1]

    yield attempt
    for one in made:
        for pid in carrying(record.COOKIE, one.id):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


@pytest.fixture
def start(new: Callable[[], AttemptDir], launcher: Launcher) -> Callable[..., Awaitable[AttemptDir]]:
    """Creates and launches an attempt at a command."""

    async def started(
        *argv: str,
        limit: float = 60.0,
        kill_grace: float = 10.0,
        workdir: str | None = None,
        kept: int = KEPT,
        env: dict[str, str] | None = None,
        pty: bool = False,
    ) -> AttemptDir:
        attempt = new()
        attempt.create(CommandSpec(argv, limit, kill_grace, workdir=workdir, env=env or {}, pty=pty), kept)
        await launcher.launch(attempt, ENV)
        return attempt

    return started


@pytest.fixture
def until() -> Callable[[Callable[[], object]], Awaitable[None]]:
    """Waits for a condition; the test's own time limit ends a vain wait."""

    def wait(condition: Callable[[], object]) -> None:
        while not condition():
            time.sleep(0.01)

    async def waited(condition: Callable[[], object]) -> None:
        await asyncio.to_thread(wait, condition)

    return waited


@pytest.fixture
def supervisors() -> Callable[[AttemptDir], list[int]]:
    """Finds the supervisors that have or want an attempt, even before their claim."""

    def found(attempt: AttemptDir) -> list[int]:
        wanted = {b"-I", os.fsencode(attempt.path)}
        return [pid for pid in processes.processes() if wanted <= words(pid)]

    def words(pid: int) -> set[bytes]:
        try:
            return set(Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0"))
        except OSError:
            return set()

    return found


@pytest.fixture
def end() -> Callable[[AttemptDir], Awaitable[Finished | Lost | Abandoned]]:
    """Follows an attempt to its end."""

    async def ended(attempt: AttemptDir) -> Finished | Lost | Abandoned:
        last = [step async for step in follow(attempt, poll=0.01)][-1]
        assert isinstance(last, Finished | Lost | Abandoned)
        return last

    return ended
