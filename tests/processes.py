"""Whether a process that a test knows by its number has come to its end."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path


def alive(pid: int) -> bool:
    """Whether it still runs; one that has ended does not, whether or not anybody has taken note of it yet."""
    with suppress(FileNotFoundError, ProcessLookupError):
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
    return False


async def until_dead(pid: int) -> None:
    """Wait until it has ended: a signal is sent at once and takes effect when the host comes to it."""
    for _ in range(5000):
        if not alive(pid):
            return
        await asyncio.sleep(0.002)
    raise AssertionError(f"process {pid} was left behind")
