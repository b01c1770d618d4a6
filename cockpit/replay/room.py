"""The private directory of a replay's socket: held while it is played, cleared away by whoever comes next."""

from __future__ import annotations

import fcntl
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = "cockpit-replay-"
SOCKET = "replay.sock"
TEMPORARY_LIMIT = 60
"""Bytes of the path of a directory below which a socket still has room: kernels allow about a hundred for it."""


@contextmanager
def room() -> Iterator[Path]:
    """The place for a socket in a directory of its own; those that killed replays left behind are cleared away."""
    usual = tempfile.gettempdir()
    below = Path(usual if len(os.fsencode(usual)) <= TEMPORARY_LIMIT else "/tmp")
    clear(below)
    home, held = _held(below)
    try:
        yield home / SOCKET
    finally:
        _remove(home, held)
        os.close(held)


def clear(below: Path) -> None:
    """Remove the directories there that are ours and that no replay holds any more; all others are left alone."""
    for home in below.glob(f"{PREFIX}*"):
        # What cannot be cleared away is in nobody's way.
        with suppress(OSError):
            held = _open(home)
            try:
                if _is_ours(held):
                    fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    _remove(home, held)
            finally:
                os.close(held)


def _held(below: Path) -> tuple[Path, int]:
    """A new directory, and what holds it: the kernel lets go of that when this process ends, however it does."""
    while True:
        home = Path(tempfile.mkdtemp(prefix=PREFIX, dir=below))
        # Somebody may clear it away before it is held.
        with suppress(FileNotFoundError):
            held = _open(home)
            # Where a file system knows no locks, nobody else clears it away either.
            with suppress(OSError):
                fcntl.flock(held, fcntl.LOCK_EX)
            if home.exists():
                return home, held
            os.close(held)


def _open(home: Path) -> int:
    return os.open(home, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)


def _is_ours(held: int) -> bool:
    found = os.fstat(held)
    return found.st_uid == os.getuid() and not stat.S_IMODE(found.st_mode) & 0o077


def _remove(home: Path, held: int) -> None:
    """Remove the socket and the directory; one in which anything else lies stays."""
    with suppress(OSError):
        os.unlink(SOCKET, dir_fd=held)
    with suppress(OSError):
        home.rmdir()
