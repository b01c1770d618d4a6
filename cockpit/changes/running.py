"""Runs a command to its end and keeps what it prints."""

from __future__ import annotations

import asyncio
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from cockpit.changes.source import Unanswered

CHUNK = 64 * 1024
SAID = 4 * 1024
"""Bytes of its complaints that are kept."""


async def output(argv: Sequence[str], *, env: Mapping[str, str], cwd: Path, within: float, limit: int) -> bytes:
    """What the command prints; Unanswered when it fails, prints more than `limit` bytes or takes too long.

    It has no terminal to ask anything on, and neither it nor what it started outlives this.
    """
    name = Path(argv[0]).name
    try:
        process = await asyncio.create_subprocess_exec(
            *argv, env=env, cwd=cwd, stdin=DEVNULL, stdout=PIPE, stderr=PIPE, start_new_session=True
        )
    except FileNotFoundError as error:
        missing = error.filename if error.filename is not None else argv[0]
        raise Unanswered(f"{missing}: not found") from None
    except (OSError, ValueError) as error:
        raise Unanswered(f"{name} cannot be started: {error}") from None
    try:
        async with asyncio.timeout(within):
            printed, said = await asyncio.gather(
                _read(process.stdout, limit, lambda: _kill(process)), _read(process.stderr, SAID, lambda: None)
            )
            code = await process.wait()
    except TimeoutError:
        raise Unanswered(f"{name} took longer than {within:.1f} s and was stopped") from None
    finally:
        _kill(process)
        await process.wait()
    if len(printed) > limit:
        raise Unanswered(f"{name} printed more than {limit // 1024} KiB and was stopped")
    if code != 0:
        raise Unanswered(f"{name} ended with {code}{_complaint(said)}")
    return printed


async def _read(stream: asyncio.StreamReader | None, limit: int, too_much: Callable[[], None]) -> bytes:
    assert stream is not None, "both are pipes"
    kept = bytearray()
    while chunk := await stream.read(CHUNK):
        if len(kept) <= limit:
            kept += chunk
            if len(kept) > limit:
                too_much()
    return bytes(kept[: limit + 1])


def _complaint(said: bytes) -> str:
    lines = said[:SAID].decode(errors="replace").strip().splitlines()
    return f": {lines[-1].strip()}" if lines else ""


def _kill(process: Process) -> None:
    try:
        # It leads a group of its own: what it left behind goes too.
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass
