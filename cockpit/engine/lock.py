"""One engine to a journal: a lock beside it, taken before anything else and never unlinked."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


class EngineRuns(Exception):
    """Another engine holds the lock; `pid` is what it wrote into it, 0 when it cannot be read."""

    def __init__(self, pid: int) -> None:
        super().__init__(f"an engine runs already, pid {pid or 'unknown'}")
        self.pid = pid


class EngineLock:
    """Held until `release` or the process ends, however it ends; EngineRuns, or OSError where none can be taken."""

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(self._fd, 32, 0).strip()
            os.close(self._fd)
            raise EngineRuns(int(holder) if holder.isdigit() else 0) from error
        except OSError as error:
            os.close(self._fd)
            raise OSError(error.errno, f"no lock can be had ({error.strerror})", os.fspath(path)) from error
        os.ftruncate(self._fd, 0)
        os.pwrite(self._fd, str(os.getpid()).encode(), 0)

    def release(self) -> None:
        """Let the next engine start."""
        os.close(self._fd)
