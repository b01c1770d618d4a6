"""The files of an attempt's directory and the form of what stands in them, for the engine and the supervisor alike."""

from __future__ import annotations

import json
import os
import zlib
from typing import Any

SPEC, LOCK, CLAIM, OUTPUT, RESULT = "spec", "lock", "claim", "output", "result"
SUPERVISOR, ABANDONED = "supervisor", "abandoned"
"""The two files of which one becomes the claim: its content says who won."""
CANCEL, TROUBLE, STUCK = "cancel", "trouble", "stuck"

RECORD = 4096
"""Bytes of a sealed record: one block, so that overwriting it in place needs no space."""
COOKIE = "COCKPIT_ATTEMPT"
"""The variable by which the processes of an attempt are found when its supervisor is gone."""


def seal(fields: dict[str, Any]) -> bytes:
    """The fields as one record of fixed size, with a checksum in front."""
    body = json.dumps(fields).encode()
    return (b"%08x " % zlib.crc32(body) + body + b"\n").ljust(RECORD)


def unseal(record: bytes) -> dict[str, Any] | None:
    """The fields of a sealed record; None when it was never written, or is torn."""
    checksum, _, body = record.rstrip().partition(b" ")
    if not body or checksum != b"%08x" % zlib.crc32(body):
        return None
    fields: dict[str, Any] = json.loads(body)
    return fields


def sync_directory(directory: str) -> None:
    """Make the names in the directory survive a power cut."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def overwrite(path: str, fields: dict[str, Any]) -> None:
    """Put a sealed record in the place of one that is there, durably."""
    handle = os.open(path, os.O_WRONLY)
    try:
        os.pwrite(handle, seal(fields), 0)
        os.fsync(handle)
    finally:
        os.close(handle)
