"""A terminal as a process of its own: commands come in as frames, answers go out as frames.

It ends when the engine goes, as a killed or cut-off terminal would; whoever drives it starts another and sends again
what was not answered.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from cockpit.protocol.client import Client, NoEngine
from cockpit.protocol.messages import Do, pack, unpack_from_client
from cockpit.tasks import TaskSet


async def do(client: Client, asked: Do) -> None:
    answer = await client.do(asked.command, (asked.stream, asked.decided_on), asked.id)
    sys.stdout.buffer.write(pack(answer))
    sys.stdout.buffer.flush()


async def obey(client: Client) -> None:
    loop, tasks = asyncio.get_running_loop(), TaskSet(lambda _name, _error: None)
    commands = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    async for frame in commands:
        asked = unpack_from_client(frame)
        if isinstance(asked, Do):
            tasks.spawn(do(client, asked), asked.id)


async def main() -> None:
    try:
        client = await Client.connect(Path(sys.argv[1]), actor=sys.argv[2])
    except NoEngine:
        return
    obeying = TaskSet().spawn(obey(client), "commands")
    async for _ in client.messages():
        pass
    obeying.cancel()


if __name__ == "__main__":
    asyncio.run(main())
