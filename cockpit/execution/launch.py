"""Starts supervisors, from code that was read when the engine started."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from cockpit.execution import outlet, processes, record, ring, supervisor
from cockpit.execution.attempt import AttemptDir

_BOOTSTRAP = "import sys; i = sys.stdin.buffer; n = int(i.readline()); c = i.read(n); len(c) == n and exec(c)"
PARTS = (record, processes, ring, outlet, supervisor)
"""What a supervisor is made of, each after those it imports."""
_PATIENCE = 30.0
"""Seconds for a supervisor to start. One that comes later is fenced out once the attempt is abandoned."""


class LaunchFailed(Exception):
    """No supervisor could be started; the message says why."""


class Launcher:
    """Holds the supervisor's code, so that an upgrade on disk changes nothing for an engine that runs.

    It runs on the interpreter below a virtual environment, which such an upgrade leaves alone.
    """

    def __init__(self) -> None:
        self._code = _bundle()
        self._python = interpreter()

    async def launch(self, attempt: AttemptDir, env: Mapping[str, str]) -> None:
        """Start the attempt's supervisor and give it the command's environment; LaunchFailed when it did not start.

        Returns before the claim: what becomes of the attempt is read from its directory.
        """
        payload = b"%d\n" % len(self._code) + self._code + _packed(env)
        try:
            async with asyncio.timeout(_PATIENCE):
                code, words = await self._start(attempt, payload)
        except (OSError, TimeoutError) as error:
            raise LaunchFailed(f"no supervisor could be started: {error or 'it took too long'}") from error
        if code:
            last = words.decode(errors="replace").strip().rpartition("\n")[2]
            raise LaunchFailed(f"no supervisor could be started: {last or f'it ended with {code}'}")

    async def _start(self, attempt: AttemptDir, payload: bytes) -> tuple[int, bytes]:
        process = await asyncio.create_subprocess_exec(
            self._python, "-I", "-S", "-c", _BOOTSTRAP, str(attempt.path.absolute()),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
            env={}, cwd="/", start_new_session=True,
        )  # fmt: skip
        try:
            _, words = await process.communicate(payload)
        finally:
            if process.returncode is None:
                # Still before its fork, so it has run nothing.
                process.kill()
                await process.wait()
        return process.returncode or 0, words


def interpreter() -> str:
    """The Python below a virtual environment, else this one."""
    return getattr(sys, "_base_executable", "") or sys.executable


def _bundle() -> bytes:
    """The supervisor as one text that needs no file: its parts become modules in memory, under their own names."""
    parts = [(part.__name__, Path(str(part.__file__)).read_text(encoding="utf-8")) for part in PARTS]
    lines = (
        "import sys, types",
        f"for name, text in {parts!r}:",
        "    module = sys.modules[name] = types.ModuleType(name)",
        "    exec(compile(text, name, 'exec'), module.__dict__)",
        "module.main()",
    )
    return "\n".join(lines).encode()


def _packed(env: Mapping[str, str]) -> bytes:
    """The environment as the supervisor reads it; LaunchFailed for one that no process can have."""
    for name, value in env.items():
        if not name or "=" in name or "\0" in name + value:
            raise LaunchFailed(f"the environment cannot hold {name!r}")
    parts = b"".join(os.fsencode(f"{name}={value}") + b"\0" for name, value in env.items())
    return b"%d\n" % len(parts) + parts
