"""A file that only takes up room, so that there is some to give when the disk is full."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import shutil
from pathlib import Path

from cockpit.journal.errors import ReadOnly

log = logging.getLogger(__name__)

SIZE = 1 << 20
"""Bytes; enough for hundreds of events."""
_COMFORT = 8 * SIZE


class Ballast:
    """One megabyte beside the journal, released when a write finds no room."""

    def __init__(self, journal: Path) -> None:
        self._path = journal.with_name(journal.name + ".ballast")

    @property
    def held(self) -> bool:
        """Whether the room is still there to be given."""
        try:
            return self._path.stat().st_size == SIZE
        except OSError:
            return False

    def take(self) -> None:
        """Take up the room, unless the disk is nearly full; ReadOnly when nothing can be written there."""
        if self.held or shutil.disk_usage(self._path.parent).free < _COMFORT:
            return
        try:
            self._fill()
        except PermissionError as error:
            raise ReadOnly(f"Nothing can be written beside the journal: {error}") from error
        except OSError as error:
            log.warning("no ballast for the journal: %s", error)
            with contextlib.suppress(OSError):
                self._path.unlink()

    def release(self) -> bool:
        """Give the room back to the disk; False when there was none to give."""
        try:
            self._path.unlink()
        except OSError:
            return False
        log.warning("the disk is full: the ballast %s was released", self._path)
        return True

    def _fill(self) -> None:
        handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with open(handle, "wb") as file:
            file.write(secrets.token_bytes(SIZE))  # random: a file system that compresses would keep no room for zeros
            file.flush()
            os.fsync(file.fileno())
