"""Who works on which service of this host, whatever the profile: a small file for each lock, changed by one at a time.

A lock is never freed by itself: whoever holds it may have died in the middle of a change. A person takes it over.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from urllib.parse import quote

from cockpit.execution.record import sync_directory
from cockpit.text import SafeText

PATIENCE = 5.0
"""Seconds for another process to be done with its change, which takes it milliseconds."""
_LARGEST = 1024 * 1024


@dataclass(frozen=True)
class Holder:
    """Who holds a lock: the person, for which run of which engine, and since when in microseconds.

    `reason` is what they said when they took it from somebody else.
    """

    person: str
    host: str = ""
    profile: str = ""
    run: str = ""
    runbook: str = ""
    since: int = 0
    pid: int = 0
    reason: str = ""


UNKNOWN = Holder("unknown")
"""The holder of a lock whose file is damaged or cannot be read."""


class LockTaken(Exception):
    """Somebody else holds the lock, or, where the one who was seen no longer does, perhaps nobody."""

    def __init__(self, holder: Holder | None) -> None:
        super().__init__("nobody holds it any more" if holder is None else f"held by {holder.person}")
        self.holder = holder


def take(directory: Path, name: str, holder: Holder, *, over: Holder | None = None) -> None:
    """Make this the holder; with `over`, in the place of exactly the one who was seen.

    LockTaken when somebody else holds it. Raises OSError, and then nobody knows who holds it until it is read again.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(directory):
        present = _read(_path(directory, name))
        if present == _as_read(holder):
            return
        if present != (None if over is None else _as_read(over)):
            raise LockTaken(present)
        _replace(_path(directory, name), holder)


def holder(directory: Path, name: str) -> Holder | None:
    """Who holds the lock; None when it is free. `UNKNOWN` when that cannot be told, which is never free."""
    return _read(_path(directory, name))


def release(directory: Path, name: str, holder: Holder) -> bool:
    """Free the lock if this is its holder; False when it is not. Raises OSError where the file cannot be removed."""
    if not directory.exists():
        return False
    with _alone(directory):
        if _read(_path(directory, name)) != _as_read(holder):
            return False
        _path(directory, name).unlink()
        sync_directory(str(directory))
        return True


@contextlib.contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Keep every other process from changing a lock; TimeoutError when one of them does not let go."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        until = time.monotonic() + PATIENCE
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= until:
                    raise TimeoutError(f"another process holds {directory} and does not let go") from None
                time.sleep(0.01)
        yield
    finally:
        os.close(handle)


def _path(directory: Path, name: str) -> Path:
    return directory / f"{quote(name, safe='', errors='surrogateescape')}.json"


def _replace(path: Path, holder: Holder) -> None:
    draft = path.with_name(f".{path.name}.new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(handle, "wb") as file:
        file.write(_encode(holder))
        file.flush()
        os.fsync(handle)
    draft.rename(path)
    sync_directory(str(path.parent))


def _read(path: Path) -> Holder | None:
    try:
        with path.open("rb") as file:
            return _decode(file.read(_LARGEST))
    except FileNotFoundError:
        return None
    except OSError:
        return UNKNOWN


def _encode(holder: Holder) -> bytes:
    texts = {name: SafeText(value) for name, value in asdict(holder).items() if isinstance(value, str)}
    return json.dumps(asdict(holder) | texts).encode()


def _decode(content: bytes) -> Holder:
    try:
        values = json.loads(content)
        texts = {each.name: SafeText(values[each.name]) for each in fields(Holder) if each.type == "str"}
        return Holder(**texts, since=int(values["since"]), pid=int(values["pid"]))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return UNKNOWN


def _as_read(holder: Holder) -> Holder:
    """The holder as it is read from its file, where what is invisible has become visible."""
    return _decode(_encode(holder))
