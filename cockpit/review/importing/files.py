"""The bytes of a file from outside, bounded."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from cockpit.config.problems import ConfigError, Problem

MAX_BYTES = 8 * 1024 * 1024
"""Of one file of text."""


def unusable(path: str, message: str, mend: str = "", line: int = 0) -> ConfigError:
    """That a file is of no use."""
    return ConfigError([Problem(path, line, 1 if line else 0, "", message, mend)])


def raw(path: Path) -> bytes:
    """The bytes of a regular file; ConfigError when there is none to read or it is too large."""
    try:
        # Not even opened when it is no file: a pipe would keep us waiting.
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise unusable(str(path), "is not a regular file")
        with open(path, "rb") as file:
            found = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise unusable(str(path), "there is no such file") from None
    except (OSError, ValueError) as error:
        raise unusable(str(path), f"cannot be read: {getattr(error, 'strerror', None) or error}") from None
    if len(found) > MAX_BYTES:
        raise unusable(str(path), f"is larger than {MAX_BYTES >> 20} MB", "split it")
    return found


def text(found: bytes, path: str) -> str:
    """The bytes as UTF-8 with plain line ends; ConfigError with the line that is not."""
    try:
        return found.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = found.count(b"\n", 0, error.start) + 1
        raise unusable(path, "is not UTF-8", "save it as UTF-8", line) from None
