"""Reads what a command has printed. The bytes are the command's own: redact them before they go anywhere."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

from cockpit.execution import record
from cockpit.execution.attempt import AttemptDir
from cockpit.execution.ring import pieces

_LOOKS = 100
"""Reads of a header that is being overwritten before it is taken for damaged."""


def tail(attempt: AttemptDir, size: int) -> tuple[int, bytes]:
    """The bytes printed in all, and the last of those kept, at most `size`."""
    with _opened(attempt) as spool:
        if spool is not None:
            return _tail(spool, size)
    result = attempt.result()
    return (0 if result is None else result.output_bytes), b""


def head(attempt: AttemptDir, size: int) -> bytes:
    """The first bytes printed, at most `size` and at most what is kept of the beginning."""
    with _opened(attempt) as spool:
        if spool is None:
            return b""
        header = _header(spool)
        return os.pread(spool, min(size, header["head"], header["kept"]), record.RECORD)


def total(attempt: AttemptDir) -> int:
    """The bytes printed in all."""
    return tail(attempt, 0)[0]


def erase(attempt: AttemptDir) -> None:
    """Remove the output for good. A command that still runs prints into nothing from here on."""
    path = attempt.path / record.OUTPUT
    with contextlib.suppress(FileNotFoundError):
        os.truncate(path, 0)
        path.unlink()
        record.sync_directory(str(attempt.path))


@contextlib.contextmanager
def _opened(attempt: AttemptDir) -> Iterator[int | None]:
    try:
        spool = os.open(attempt.path / record.OUTPUT, os.O_RDONLY)
    except FileNotFoundError:
        yield None
        return
    try:
        yield spool
    finally:
        os.close(spool)


def _tail(spool: int, size: int) -> tuple[int, bytes]:
    header = _header(spool)
    size = min(size, header["kept"], header["ring"])
    first = header["kept"] - size
    places = list(pieces(first, size, header["head"], header["ring"]))
    text = b"".join(os.pread(spool, length, offset) for offset, length in places)
    # What the supervisor has overwritten meanwhile is newer output in the wrong place.
    overwritten = _header(spool)["kept"] - header["ring"] - first
    return header["total"], text[max(0, overwritten) :]


def _header(spool: int) -> dict[str, int]:
    for _ in range(_LOOKS):
        header = record.unseal(os.pread(spool, record.RECORD, 0))
        if header is not None:
            return header
    return {"head": 0, "ring": 0, "total": 0, "kept": 0}
