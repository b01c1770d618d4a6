"""A process of its own that answers, or does not, and knows when it was asked: its work is not counted.

`python -m bench.endpoint` prints two ports, one that answers and one that only accepts. A line on its standard input
makes it print when each path was asked, as JSON, and forget it; the end of the input ends it.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

ANSWER = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n{"status": "UP"}'
BACKLOG = 4096


class _Answering(asyncio.Protocol):
    def __init__(self, asked: dict[str, list[float]]) -> None:
        self._asked = asked
        self._head = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._at = time.monotonic()

    def data_received(self, data: bytes) -> None:
        self._head += data
        if b"\r\n\r\n" in self._head:
            self._asked[self._head.split(b" ", 2)[1].decode()].append(self._at)
            self._transport.write(ANSWER)
            self._transport.close()


async def serve() -> None:
    """Serve until the input ends."""
    loop = asyncio.get_running_loop()
    asked: dict[str, list[float]] = defaultdict(list)
    answering = await loop.create_server(lambda: _Answering(asked), "127.0.0.1", 0, backlog=BACKLOG)
    silent = await loop.create_server(asyncio.Protocol, "127.0.0.1", 0, backlog=BACKLOG)
    print(answering.sockets[0].getsockname()[1], silent.sockets[0].getsockname()[1], flush=True)
    while await loop.run_in_executor(None, sys.stdin.readline):
        print(json.dumps(asked), flush=True)
        asked.clear()


@dataclass
class Endpoint:
    """The ports of the process, and its memory."""

    answering: int
    silent: int
    _input: IO[str]
    _output: IO[str]

    def asked(self) -> dict[str, list[float]]:
        """When each path was asked since this was asked last, in monotonic seconds."""
        self._input.write("\n")
        self._input.flush()
        found: dict[str, list[float]] = json.loads(self._output.readline())
        return found


@contextmanager
def endpoint() -> Iterator[Endpoint]:
    """The process, until the end."""
    command = [sys.executable, "-m", "bench.endpoint"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None and process.stdout is not None
        answering, silent = map(int, process.stdout.readline().split())
        try:
            yield Endpoint(answering, silent, process.stdin, process.stdout)
        finally:
            process.stdin.close()


if __name__ == "__main__":
    asyncio.run(serve())
