"""Kills at random moments: a command never runs twice, and what is said about it is true."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

import pytest

from cockpit.execution import status
from cockpit.execution.attempt import AttemptDir
from cockpit.execution.status import Abandoned, Finished, Lost, Status

End = Callable[[AttemptDir], Awaitable[Status]]

ENGINE = """
import asyncio, pathlib, sys
from cockpit.execution.attempt import AttemptDir, CommandSpec
from cockpit.execution.launch import Launcher

async def main():
    attempt = AttemptDir(pathlib.Path(sys.argv[1]), sys.argv[2])
    attempt.create(CommandSpec(("sh", "-c", f"echo ran >> {sys.argv[3]}; sleep 0.05"), 60.0))
    print("made", flush=True)
    await Launcher().launch(attempt, {"PATH": "/usr/bin:/bin"})
    await asyncio.sleep(1000)

asyncio.run(main())
"""


@pytest.mark.parametrize("seed", range(20))
async def test_never_twice(
    seed: int,
    new: Callable[[], AttemptDir],
    end: End,
    until: Callable[[Callable[[], object]], Awaitable[None]],
    supervisors: Callable[[AttemptDir], list[int]],
    tmp_path: Path,
) -> None:
    chance = random.Random(seed)
    attempt, lines = new(), tmp_path / "lines"
    lines.touch()
    engine = await asyncio.create_subprocess_exec(
        sys.executable, "-c", ENGINE, str(attempt.path), attempt.id, str(lines), stdout=asyncio.subprocess.PIPE
    )
    assert engine.stdout is not None
    assert await engine.stdout.readline() == b"made\n"
    await asyncio.sleep(chance.uniform(0, 0.2))
    for victim in [engine.pid] if chance.random() < 0.5 else supervisors(attempt):
        with suppress(ProcessLookupError):
            os.kill(victim, signal.SIGKILL)
    if engine.returncode is None:
        engine.kill()
    await engine.wait()
    # What the engine does when it comes back.
    never_ran = status.abandon(attempt)
    ended = await end(attempt)
    await until(lambda: not supervisors(attempt) and not surviving(attempt))
    ran = lines.read_text().count("ran")
    assert never_ran == isinstance(ended, Abandoned)
    match ended:
        case Finished(result):
            assert (ran, result.exit_code) == (1, 0)
        case Abandoned():
            assert ran == 0
        case _:
            assert ran <= 1


def surviving(attempt: AttemptDir) -> int:
    now = status.read(attempt)
    return now.survivor if isinstance(now, Lost) else 0
