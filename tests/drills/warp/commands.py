"""The commands of a drill without processes: claimed, followed and recorded in the same files as by a supervisor."""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cockpit.drills import tools
from cockpit.drills.performing import Say
from cockpit.execution import record
from cockpit.execution.attempt import AttemptDir
from cockpit.execution.ring import Spool
from cockpit.tasks import TaskSet
from cockpit.text import SafeText
from tests.drills.warp.wires import Wires

START = 0.1
"""Real seconds that a supervisor and the command's own interpreter need at least before anything is asked."""
LOOK = 0.1
"""Real seconds between two looks whether it is to be stopped."""
Print = Callable[[str], object]


class Commands:
    """Has each command ask the simulator, as the drill's own tools do."""

    def __init__(self, wires: Wires) -> None:
        self._wires = wires
        self._tasks = TaskSet()

    async def launch(self, attempt: AttemptDir, env: Mapping[str, str]) -> None:
        """Take the place of a supervisor."""
        self._tasks.spawn(self._supervise(attempt), f"supervisor of {attempt.id}")

    async def type_by_hand(self, argv: tuple[str, ...], env: Mapping[str, str], say: Say) -> None:
        """What the responder types into their own shell."""
        say(f"by hand   $ {' '.join(argv)}")
        await asyncio.sleep(START)
        code = await self._act(argv, lambda line: say(f"by hand   {SafeText(line).line}"))
        say(f"by hand   exit {code}")

    async def close(self) -> None:
        """Stop whatever still runs."""
        await self._tasks.close()

    async def _supervise(self, attempt: AttemptDir) -> None:
        with _held(attempt.path / record.LOCK):
            os.link(attempt.path / record.SUPERVISOR, attempt.path / record.CLAIM)
            (attempt.path / record.CLAIM).write_bytes(record.seal({"by": record.SUPERVISOR, "pid": os.getpid()}))
            result = await self._run(attempt)
            record.overwrite(str(attempt.path / record.RESULT), result)

    async def _run(self, attempt: AttemptDir) -> dict[str, Any]:
        loop, spec = asyncio.get_running_loop(), attempt.spec()
        began, spool = loop.time(), Spool(str(attempt.path / record.OUTPUT))
        codes: list[int] = []

        async def act() -> None:
            await asyncio.sleep(START)
            codes.append(await self._act(spec.argv, lambda line: spool.take(f"{line}\n".encode())))

        acting = self._tasks.spawn(act(), " ".join(spec.argv))
        ended_by = ""
        while not acting.done() and not ended_by:
            await asyncio.wait([acting], timeout=LOOK)
            ended_by = _stopped_by(attempt.path, loop.time() - began >= spec.timeout)
        if not codes:
            acting.cancel()
            spool.take(b"no longer waiting; what was started goes on at the server\n")
            codes.append(128 + signal.SIGTERM)
        return {
            "ended_by": ended_by or "itself", "exit_code": codes[0], "seconds": round(loop.time() - began, 3),
            "output_bytes": spool.total, "dropped_bytes": spool.dropped,
        }  # fmt: skip

    async def _act(self, argv: tuple[str, ...], say: Print) -> int:
        async for said in self._wires.frames(argv):
            if "exit" in said:
                return int(said["exit"])
            say(said["line"])
        return tools.UNAVAILABLE


@contextmanager
def _held(path: Path) -> Iterator[None]:
    """A supervisor lives for as long as its lock is held."""
    with path.open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _stopped_by(directory: Path, late: bool) -> str:
    if (directory / record.CANCEL).exists():
        return "person"
    return "timeout" if late else ""
