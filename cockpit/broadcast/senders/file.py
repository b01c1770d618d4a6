"""Letters appended to a file, one JSON object a line."""

from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path

import msgspec

from cockpit.broadcast.sender import Absent, Ambiguous, Finding, Kind, Outcome, Outgoing, Refused, Sent, Thread, unpack

TAIL = 1 << 20
"""Bytes at the end of the file in which a letter is looked for: only the latest can be in doubt."""

OPENING = b'{"key":"'
"""How each line of ours begins: nobody else's unfinished line is ever cut off."""


class _Key(msgspec.Struct):
    key: str


class FileSender:
    """Appends letters durably; one that is there already is not written twice."""

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self.takes: frozenset[Kind] = frozenset({"card", "thread"})
        self.threaded = False
        self._path = path
        # Held in the thread: a send that was cancelled still finishes its line before the next one starts.
        self._turn = threading.Lock()

    def wire(self, letter: Outgoing, thread: Thread) -> bytes:
        """The line as it will be in the file."""
        return letter.pack()

    def minimal(self, letter: Outgoing, thread: Thread) -> bytes:
        """The same line: a file refuses no form."""
        return self.wire(letter, thread)

    async def send(self, wire: bytes) -> Outcome:
        """Append the line and wait until it is on the disk."""
        try:
            await asyncio.to_thread(self._append, wire)
        except OSError as error:
            return Refused(f"{self._path}: {error.strerror or error}")
        return Sent()

    async def find(self, letter: Outgoing, wire: bytes) -> Finding:
        """Look for the letter's line in the file's tail."""
        try:
            return Sent() if await asyncio.to_thread(self._holds, letter.key) else Absent(certain=True)
        except OSError as error:
            return Ambiguous(f"{self._path}: {error.strerror or error}")

    def _append(self, wire: bytes) -> None:
        with self._turn:
            _append(self._path, unpack(wire).key, wire)

    def _holds(self, key: str) -> bool:
        with self._turn:
            return _holds(self._path, key)


def _append(path: Path, key: str, line: bytes) -> None:
    fd = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        size = os.fstat(fd).st_size
        tail = _tail(fd, size)
        if _key_in(tail, key):
            os.fsync(fd)
            return
        torn = tail[tail.rfind(b"\n") + 1 :]
        if torn and OPENING.startswith(torn[: len(OPENING)]):
            # A crash in mid-write: what the line held was never counted as sent.
            os.ftruncate(fd, size - len(torn))
            torn = b""
        _write_all(fd, (b"\n" if torn else b"") + line + b"\n")
        os.fsync(fd)
        if not size:
            _sync_directory(path.parent)
    finally:
        os.close(fd)


def _holds(path: Path, key: str) -> bool:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        return _key_in(_tail(fd, os.fstat(fd).st_size), key)
    finally:
        os.close(fd)


def _tail(fd: int, size: int) -> bytes:
    """The last whole lines, and the torn one after them if there is one."""
    start = max(0, size - TAIL)
    tail = bytearray()
    while len(tail) < size - start and (chunk := os.pread(fd, size - start - len(tail), start + len(tail))):
        tail += chunk
    return bytes(tail)


def _key_in(tail: bytes, key: str) -> bool:
    """Whether a whole line of the tail is the letter of that key."""
    whole = tail[: tail.rfind(b"\n") + 1].splitlines()
    return any(_key(line) == key for line in reversed(whole))


def _key(line: bytes) -> str | None:
    try:
        return msgspec.json.decode(line, type=_Key).key
    except msgspec.MsgspecError:
        return None


def _write_all(fd: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(fd, left) :]


def _sync_directory(directory: Path) -> None:
    fd = os.open(directory, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
