"""The socket: who may connect, and that none of them hurts the others."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
from pathlib import Path

import msgspec

from cockpit.engine.session import Session, Show
from cockpit.platform.peer import peer_uid
from cockpit.protocol.messages import FRAME_LIMIT, SPOKEN, Goodbye, Hello, Shutdown, pack, unpack_from_client
from cockpit.tasks import TaskSet

log = logging.getLogger(__name__)

ASKED_LIMIT = FRAME_LIMIT // 4
"""Bytes of a frame from a terminal: a row that tells of what was said must fit a frame with all that is around it."""
GREETING_DEADLINE = 10.0
SOMEBODY = "somebody"
"""Who stops the engine from a program that does not say so."""
ENDINGS = (
    OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError,
    msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OverflowError,
)  # fmt: skip
"""How a session ends when its terminal leaves or talks nonsense: nobody else notices."""


class Server:
    """Accepts terminals of this user at a unix socket of mode 0600."""

    def __init__(self, path: Path, show: Show) -> None:
        self._path = path
        self._show = show
        self._sessions = TaskSet()
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._people: list[str] = []

    @property
    def present(self) -> frozenset[str]:
        """Who has a screen attached now, by the names they go by."""
        return frozenset(self._people)

    async def start(self) -> None:
        """Listen. The engine's lock is held, so a socket that is there already is a dead engine's."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._path)
        mask = os.umask(0o177)
        try:
            self._server = await asyncio.start_unix_server(self._accept, self._path, limit=ASKED_LIMIT)
        finally:
            os.umask(mask)

    async def close(self, by: str = "") -> None:
        """Say goodbye to everybody and stop listening; `by` is who wanted that, where somebody did."""
        if self._server is not None:
            self._server.close()
        for writer in self._writers:
            with contextlib.suppress(OSError):
                writer.write(pack(Goodbye("stopping", f"{_ended(by)}; running steps go on", by=by)))
        await self._sessions.close()
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._path)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._sessions.spawn(self._serve(reader, writer), "session")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            if self._is_stranger(writer):
                writer.write(pack(Goodbye("refused", "this engine belongs to another user")))
                return
            async with asyncio.timeout(GREETING_DEADLINE):
                first = unpack_from_client(await reader.readuntil())
            if isinstance(first, Shutdown):
                self._show.shutdown(first.actor or SOMEBODY)
            elif isinstance(first, Hello):
                await self._greeted(first, reader, writer)
        except ENDINGS:
            log.debug("a session ended", exc_info=True)
        finally:
            self._writers.discard(writer)
            writer.close()

    def _is_stranger(self, writer: asyncio.StreamWriter) -> bool:
        connection = writer.get_extra_info("socket")
        with socket.socket(fileno=os.dup(connection.fileno())) as peer:
            return peer_uid(peer) not in {os.getuid(), 0}

    async def _greeted(self, hello: Hello, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        shared = set(hello.versions) & set(SPOKEN)
        if not shared:
            own = self._show.welcome(max(SPOKEN))
            text = (
                f"the engine that runs is of cockpit {own.program}, which does not understand this program; "
                "`cockpit restart` puts this program's in its place, and running steps go on"
            )
            writer.write(pack(Goodbye("version", text, own.config)))
            return
        version = max(shared)
        writer.write(pack(self._show.welcome(version)))
        session = Session(self._show, hello, version, writer)
        looks = hello.panes and not hello.read_only
        if looks:
            self._people.append(hello.actor)
        try:
            async with asyncio.TaskGroup() as tasks:
                sending = tasks.create_task(session.tell())
                await session.listen(reader)
                sending.cancel()
        except* ENDINGS:
            log.debug("a session ended", exc_info=True)
        finally:
            if looks:
                self._people.remove(hello.actor)


def _ended(by: str) -> str:
    return f"the engine was stopped by {by}" if by else "the engine stops"
