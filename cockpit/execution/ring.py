"""The file with a command's output, as the supervisor writes it: bounded, whatever is printed."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from cockpit.execution.record import RECORD, seal, unseal


class Spool:
    """What the command prints: its head, and a ring with its tail, after a header that says how much there was.

    Where the disk takes no more it discards and counts: the command neither blocks nor fails for it.
    """

    def __init__(self, path: str) -> None:
        self._file = os.open(path, os.O_RDWR)
        header: dict[str, int] = unseal(os.pread(self._file, RECORD, 0)) or {}
        self._head, self._ring = header["head"], header["ring"]
        self.total = self.kept = 0

    @property
    def dropped(self) -> int:
        """Bytes printed and not to be found in the file."""
        return self.total - min(self.kept, self._head + self._ring)

    def take(self, chunk: bytes) -> None:
        """Keep the chunk, as far as there is room for it."""
        self.total += len(chunk)
        with contextlib.suppress(OSError):
            self._keep(memoryview(chunk))
        with contextlib.suppress(OSError):
            os.pwrite(self._file, seal(self._header()), 0)

    def _header(self) -> dict[str, int]:
        return {"head": self._head, "ring": self._ring, "total": self.total, "kept": self.kept}

    def _keep(self, rest: memoryview) -> None:
        while rest:
            for offset, size in pieces(self.kept, len(rest), self._head, self._ring):
                written = os.pwrite(self._file, rest[:size], offset)
                self.kept += written
                rest = rest[written:]
                if written < size:
                    break


def pieces(at: int, size: int, head: int, ring: int) -> Iterator[tuple[int, int]]:
    """Where in the file the bytes from `at` on are kept: pairs of offset and size."""
    while size > 0:
        place = at if at < head else head + (at - head) % ring
        room = (head if at < head else head + ring) - place
        yield RECORD + place, min(size, room)
        at, size = at + min(size, room), size - min(size, room)
