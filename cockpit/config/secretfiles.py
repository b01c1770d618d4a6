"""A secret in a file of its own, which only its owner can read."""

from __future__ import annotations

import os
import shlex
import stat
from pathlib import Path

MOST = 64 * 1024
"""Bytes of a secret at most."""


class Unfit(Exception):
    """A secret that cannot be used: why, and what would mend it. Neither repeats anything of it."""

    def __init__(self, message: str, mend: str) -> None:
        super().__init__(message)
        self.message = message
        self.mend = mend


def read_secret(path: Path) -> str:
    """What the file holds, without the spaces and line breaks around it; `Unfit` when others could read it too."""
    try:
        # A pipe without a writer would hold up whoever opens it.
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "its path is none"
        raise Unfit(f"{path} cannot be read: {why}", "put the secret there, and chmod 600 it") from None
    with open(fd, "rb") as file:
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode):
            raise Unfit(f"{path} is not a regular file", "put the secret in a file of its own")
        if status.st_mode & 0o077:
            others = f"{path} can be read or changed by others (mode {stat.S_IMODE(status.st_mode):o})"
            raise Unfit(others, f"chmod 600 {shlex.quote(str(path))}, and think whether to replace the secret")
        raw = file.read(MOST + 1)
    try:
        value = raw.decode().strip()
    except UnicodeDecodeError:
        raise Unfit(f"{path} holds no text", "put the secret there, and nothing else") from None
    if not value or len(raw) > MOST:
        found = "is empty" if not value else "is too long for a secret"
        raise Unfit(f"{path} {found}", "put the secret there, and nothing else")
    return value
