"""A file in which pipelines leave marks: one JSON object a line, or the feed's document."""

from __future__ import annotations

import asyncio
import errno
import os
import re
import stat
import threading
from pathlib import Path

import msgspec

from cockpit.changes.document import Document, Found, numbered, read_entries
from cockpit.changes.reading import UNREADABLE
from cockpit.changes.source import Looked, Tools, Unanswered, no_queue, told
from cockpit.config.sources import FileSource
from cockpit.text import SafeText

LIMIT = 1024 * 1024
"""Bytes read at most, from the end of the file."""

_HEAD = re.compile(rb"\s*\{\s*(\"changes\"\s*:.*)?$")
"""The first line of the document, when it has more than one."""

_Identity = tuple[int, int, int, int]
"""Device, inode, size and modification time: while they are the same, so is what the file says."""


class WatchedFile:
    """Reads the file anew when it is another, or longer, shorter or younger than before."""

    def __init__(self, config: FileSource, tools: Tools) -> None:
        self._config = config
        self._path = tools.base / Path(config.path).expanduser()
        self._seen: _Identity | None = None
        self._looked = Looked()
        self._torn = False
        self._turn = threading.Lock()
        self.name = config.name
        self.interval = config.interval

    async def look(self) -> Looked:
        """What the file says now."""
        return await told(self.name, self._look())

    async def cancel(self, job: str) -> str:
        """A file has no jobs."""
        raise no_queue(self.name)

    async def _look(self) -> Looked:
        try:
            async with asyncio.timeout(self._config.timeout):
                # Off the loop: the file may be on another machine.
                fresh = await asyncio.to_thread(self._read)
        except TimeoutError:
            raise Unanswered(f"{self._path} could not be read within {self._config.timeout:.1f} s") from None
        except FileNotFoundError:
            self._seen = None
            raise Unanswered(f"there is no {self._path}: `touch` it if nothing was marked yet") from None
        except OSError as error:
            raise Unanswered(f"{self._path}: {(error.strerror or str(error)).lower()}") from None
        if fresh is not None:
            self._seen, text, cut = fresh
            self._looked, self._torn = self._understood(text, cut)
        elif self._torn:
            # It had its time: whoever wrote it is not writing any more.
            return msgspec.structs.replace(
                self._looked, problems=(*self._looked.problems, SafeText("its end is not whole"))
            )
        return self._looked

    def _read(self) -> tuple[_Identity, bytes, bool] | None:
        # Held in the thread: a read that hangs outlives its deadline, and the next must not take a thread too.
        if not self._turn.acquire(blocking=False):
            raise OSError(errno.EBUSY, "The last read still hangs")
        try:
            return _read_if_other(self._path, self._seen)
        finally:
            self._turn.release()

    def _understood(self, text: bytes, cut: bool) -> tuple[Looked, bool]:
        """What it says, and whether its end is still to be written."""
        try:
            document = msgspec.json.decode(text, type=Document)
        except UNREADABLE:
            pass
        else:
            return _looked(read_entries(numbered(document.changes), self.name, self._config.service), cut), False
        *lines, last = text.split(b"\n")
        if not cut and _half_a_document(lines, last):
            # A document over several lines, half written: what it said before is still the best there is.
            return self._looked, True
        torn = bool(last.strip()) and not _whole(last)
        marks = [
            (f"line {number}" if not cut else "a line", line)
            for number, line in enumerate(lines if torn else [*lines, last], 1)
            if line.strip() and not (cut and number == 1)
        ]
        return _looked(read_entries(marks, self.name, self._config.service), cut), torn


def _looked(found: Found, cut: bool) -> Looked:
    changes, problems = found
    shortened = (SafeText(f"longer than {LIMIT // 1024} KiB: only its end is read"),) if cut else ()
    return Looked(changes, problems=(*shortened, *problems))


def _half_a_document(lines: list[bytes], last: bytes) -> bool:
    """Whether this begins as the feed's document over several lines does; a mark that is bad hides no other."""
    head, rest = (lines[0], [*lines[1:], last]) if lines else (b"", [])
    if not head.lstrip().startswith(b"{") or _whole(head):
        return False
    return _HEAD.match(head) is not None or not any(_whole(line) for line in rest)


def _whole(text: bytes) -> bool:
    """Whether this is all of a JSON object: no part of one is one."""
    try:
        msgspec.json.decode(text, type=dict[str, object])
    except UNREADABLE:
        return False
    return True


def _read_if_other(path: Path, seen: _Identity | None) -> tuple[_Identity, bytes, bool] | None:
    """The end of the file and whether it is not all; None when it is as it was. Raises OSError."""
    if not stat.S_ISREG(os.stat(path).st_mode):
        raise OSError(0, "not a regular file")
    with open(path, "rb") as file:
        now = os.fstat(file.fileno())
        identity = (now.st_dev, now.st_ino, now.st_size, now.st_mtime_ns)
        if identity == seen:
            return None
        cut = now.st_size > LIMIT
        if cut:
            file.seek(-LIMIT, os.SEEK_END)
        return identity, file.read(LIMIT), cut
