"""Keeps what the probes have counted towards another state, so that a restart need not count anew."""

from __future__ import annotations

import asyncio
import logging
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from cockpit.engine.board import Board
from cockpit.probes.machine import Kept, freeze, thaw

log = logging.getLogger(__name__)

EVERY = 2.0
"""Real seconds between two writes at least."""
FILE = "probes.state"


def remembered(home: Path) -> Mapping[str, Kept]:
    """What was kept below this directory; nothing when there is none, or it cannot be read."""
    try:
        return thaw((home / FILE).read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        log.warning("what the probes had counted is lost: %s", type(error).__name__)
        return {}


class Memory:
    """Writes the board's streaks below `home` whenever they are others; `alarm` says in words when it cannot."""

    def __init__(self, home: Path, board: Board) -> None:
        self._file = home / FILE
        self._board = board
        self._written = b""
        self.alarm = ""

    async def run(self) -> None:
        """Write for ever."""
        while True:
            await asyncio.sleep(EVERY)
            await self.write()

    async def write(self) -> None:
        """Write if there is anything new."""
        frozen = freeze({name: lane.track for name, lane in self._board.lanes.items()})
        if frozen == self._written:
            return
        try:
            await asyncio.to_thread(_replace, self._file, frozen)
        except OSError as error:
            self.alarm = f"what the probes have counted would not survive a restart: {error.strerror}"
            log.warning(self.alarm)
        else:
            self._written, self.alarm = frozen, ""


def _replace(file: Path, content: bytes) -> None:
    # A temporary file is made with mode 0600. Not synced: after a power cut streaks are worth little.
    handle, draft = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
        os.replace(draft, file)
    except BaseException:
        os.unlink(draft)
        raise
