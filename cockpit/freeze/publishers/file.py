"""The freeze as a file, which readers find whole at any moment."""

from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path

from cockpit.freeze.publishers.publisher import Unpublished

MODE = 0o644
DEADLINE = 10.0
"""Real seconds: a network's disk may hang."""


class FilePublisher:
    """Replaces the file as a whole. Its directory must be there."""

    def __init__(self, path: Path, deadline: float = DEADLINE) -> None:
        self.name = f"file {path}"
        self._path = path
        self._deadline = deadline
        # Held in the thread: a write that hangs outlives its deadline, and must not meet the next one.
        self._turn = threading.Lock()

    async def publish(self, document: bytes) -> None:
        """Write it durably beside the file, then rename it."""
        try:
            async with asyncio.timeout(self._deadline):
                await asyncio.to_thread(self._replace, document)
        except TimeoutError:
            raise Unpublished(f"the disk did not answer within {self._deadline:g} s") from None
        except OSError as error:
            raise Unpublished(error.strerror or type(error).__name__) from None

    def _replace(self, document: bytes) -> None:
        if not self._turn.acquire(blocking=False):
            raise Unpublished("the last write still hangs")
        try:
            _replace(self._path, document)
        finally:
            self._turn.release()


def _replace(path: Path, document: bytes) -> None:
    beside = path.with_name(f".{path.name}.new")
    # What is there already is a leftover of ours; a link would lead elsewhere.
    fd = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, MODE)
    try:
        with open(fd, "wb") as file:
            os.fchmod(fd, MODE)
            file.write(document)
            file.flush()
            os.fsync(fd)
        os.replace(beside, path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    _sync(path.parent)


def _sync(directory: Path) -> None:
    fd = os.open(directory, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
