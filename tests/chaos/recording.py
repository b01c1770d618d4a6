"""Services that answer as told, path by path, and note when each was asked."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from cockpit.tasks import TaskSet


@dataclass
class Services:
    """`asked` holds the moments of each path on the monotonic clock; `status` what it answers, 200 if nothing else.

    `left` says how often a path still answers; then it keeps who asks waiting.
    """

    port: int = 0
    asked: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    status: dict[str, int] = field(default_factory=dict)
    left: dict[str, int] = field(default_factory=dict)

    def url(self, path: str) -> str:
        """Where that path is asked."""
        return f"http://127.0.0.1:{self.port}{path}"

    def within(self, since: float, until: float) -> dict[str, int]:
        """How often each path was asked between two moments."""
        return {path: sum(since <= moment < until for moment in moments) for path, moments in self.asked.items()}

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request, or keep it waiting until whoever asks gives up."""
        with suppress(OSError, asyncio.IncompleteReadError):
            path = (await reader.readuntil(b"\r\n\r\n")).split(b" ", 2)[1].decode()
            self.asked[path].append(time.monotonic())
            if self.left.get(path, 1) <= 0:
                await reader.read()
            else:
                if path in self.left:
                    self.left[path] -= 1
                head = (
                    f"HTTP/1.1 {self.status.get(path, 200)} As told\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                )
                writer.write(head.encode())
                await writer.drain()
        writer.close()


@asynccontextmanager
async def services() -> AsyncIterator[Services]:
    """All of them, until the end."""
    made, answering = Services(), TaskSet(lambda _name, _error: None)

    def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answering.spawn(made.answer(reader, writer), "answer")

    server = await asyncio.start_server(take, "127.0.0.1", 0, backlog=1024)
    made.port = server.sockets[0].getsockname()[1]
    async with server:
        yield made
        await answering.close()
