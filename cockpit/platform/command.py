"""A command run to its end or to its deadline, with nothing of it left behind."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

import msgspec

GRACE = 0.3
"""Real seconds between asking a command to end and ending it."""
REST = 0.2
"""Real seconds for the rest of the output once the command has ended: something it left behind may hold the pipe."""
TAIL = 4096
"""Bytes kept of the end of standard error."""
FLOOD = 64 * 1024 * 1024
"""Bytes on one pipe that end a command: reading on to its deadline would take the processor from everything else."""


class Ran(msgspec.Struct, frozen=True):
    """What came of a command. `code` is None when it had to be killed at its deadline, negative for a signal.

    `out` is the beginning of standard output, `cut` when there was more; `err` is the end of standard error. A flood on
    either ends it by SIGKILL.
    """

    code: int | None
    seconds: float
    out: bytes
    cut: bool
    err: bytes


class _Kept(asyncio.Protocol):
    """One pipe, read to its end whatever is kept of it: the first `first` bytes, or else the last few."""

    def __init__(self, flooded: Callable[[], None], first: int = 0) -> None:
        self._flooded = flooded
        self._first = first
        self._read = 0
        self.data = bytearray()
        self.more = False
        self.ended = asyncio.Event()

    def data_received(self, data: bytes) -> None:
        self._read += len(data)
        if self._read > FLOOD:
            self._flooded()
        if self._first:
            self.more = self.more or len(self.data) + len(data) > self._first
            self.data += data[: self._first - len(self.data)]
        else:
            self.data = (self.data + data)[-TAIL:]

    def connection_lost(self, exc: Exception | None) -> None:
        self.ended.set()


async def run(
    argv: Sequence[str], env: Mapping[str, str], cwd: Path, within: float, limit: int, said: bytes = b""
) -> Ran:
    """Run a command in a session of its own, with `said` to read; raises OSError or ValueError when it cannot start.

    `within` are real seconds; then, and when this is cancelled, all of its process group is killed and it is reaped.
    `limit` are the bytes kept of standard output.
    """
    process: asyncio.subprocess.Process | None = None

    def end() -> None:
        if process is not None and process.returncode is None:
            _kill(process, signal.SIGKILL)

    out, err = _Kept(end, limit), _Kept(end)
    async with contextlib.AsyncExitStack() as stack:
        given = _given(said, stack)
        out_end, err_end = await _pipe(out, stack), await _pipe(err, stack)
        start = time.monotonic()
        try:
            process = await asyncio.create_subprocess_exec(
                *argv, stdin=given, stdout=out_end, stderr=err_end, env=dict(env), cwd=cwd,
                start_new_session=True,
            )  # fmt: skip
        finally:
            # Only the command may hold these: the end of its output could not be seen.
            os.close(out_end)
            os.close(err_end)
        code: int | None = None
        try:
            async with asyncio.timeout(within):
                code = await process.wait()
        except TimeoutError:
            _kill(process, signal.SIGTERM)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(GRACE):
                    await process.wait()
        finally:
            _kill(process, signal.SIGKILL)
            await process.wait()
        seconds = time.monotonic() - start
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(REST):
                await out.ended.wait()
                await err.ended.wait()
    return Ran(code, seconds, bytes(out.data), out.more, bytes(err.data))


def _given(said: bytes, stack: contextlib.AsyncExitStack) -> int | IO[bytes]:
    """What to read from. A file, as a pipe could be held open unread by what the command leaves behind."""
    if not said:
        return asyncio.subprocess.DEVNULL
    file = stack.enter_context(tempfile.TemporaryFile())
    file.write(said)
    file.seek(0)
    return file


async def _pipe(kept: _Kept, stack: contextlib.AsyncExitStack) -> int:
    """The end to write to, the caller's to close; the other is read until the stack ends."""
    read, write = os.pipe()
    file = os.fdopen(read, "rb", buffering=0)
    try:
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: kept, file)
    except BaseException:
        file.close()
        os.close(write)
        raise
    stack.callback(transport.close)
    return write


def _kill(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    """The command and all it started that is still in its group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)
