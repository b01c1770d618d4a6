"""A terminal that stops reading holds up nobody but itself, and misses nothing."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cockpit.protocol import commands
from cockpit.protocol.client import Client
from cockpit.protocol.messages import SPOKEN, FetchRows, Hello, pack
from tests.chaos.harness import Endpoint, World, kill, sight, until

NOTES = 300
WORDS = "x" * 4_000
ROOM = 48 * 1024 * 1024
"""Bytes by which the engine may grow meanwhile; what the stalled terminals were not sent is many times as much."""

ONLOOKER = """
import asyncio, sys
from pathlib import Path
from cockpit.protocol.client import Client
from cockpit.protocol.messages import Rows

async def main():
    client = await Client.connect(Path(sys.argv[1]), actor="onlooker", after=0)
    async for message in client.messages():
        if isinstance(message, Rows):
            for row in message.rows:
                print(message.stream, row.seq, flush=True)

asyncio.run(main())
"""


@pytest.fixture
async def probed(tmp_path: Path, endpoint: Endpoint) -> AsyncIterator[World]:
    made = World(tmp_path, tmp_path / "home", url=endpoint.url)
    yield made
    await made.end()


def resident(pid: int) -> int:
    """The bytes of memory that a process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def greedy(world: World) -> asyncio.StreamWriter:
    """A terminal that asks for everything again and again, and reads none of it."""
    _, writer = await asyncio.open_unix_connection(world.places.socket, limit=1)
    writer.write(pack(Hello(SPOKEN, "greedy", True, 0, True)))
    writer.write(pack(FetchRows("INC-1", 1, 1_000)) * 1_000)
    return writer


async def test_a_terminal_that_stops_reading(probed: World, endpoint: Endpoint) -> None:
    async with sight(probed, "bo") as bo:
        ada: Client = bo.client
        assert (await ada.do(commands.Declare(title="It is red", severity="SEV2"))).ok
        onlooker = await asyncio.create_subprocess_exec(
            sys.executable, "-c", ONLOOKER, str(probed.places.socket), stdout=asyncio.subprocess.PIPE
        )
        assert onlooker.stdout is not None
        first = await onlooker.stdout.readline()
        kill(onlooker.pid, signal.SIGSTOP)
        never_reads = await greedy(probed)
        asked, before = len(endpoint.asked), resident(ada.welcome.pid)
        for number in range(NOTES):
            assert (await ada.do(commands.Note(text=f"{number} {WORDS}"))).ok
        await until(lambda: len(endpoint.asked) > asked + 10)
        await until(lambda: bo.rows and bo.rows[-1][1] >= NOTES)
        assert resident(ada.welcome.pid) < before + ROOM
        assert not never_reads.is_closing()

        kill(onlooker.pid, signal.SIGCONT)
        head = (await ada.do(commands.Note(text="last"))).seq
        seqs = [int(first.split()[1])]
        while seqs[-1] < head:
            seqs.append(int((await onlooker.stdout.readline()).split()[1]))
        assert seqs == list(range(1, head + 1))
        await until(lambda: bo.rows[-1][1] >= head)
        shown = [seq for stream, seq in bo.rows if stream == "INC-1"]
        assert shown == list(range(1, shown[-1] + 1))
        never_reads.close()
        onlooker.kill()
        await onlooker.wait()
