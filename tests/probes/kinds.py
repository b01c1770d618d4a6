"""One look of a probe of any kind, and servers on loopback that do as told."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from cockpit.clock import Clock, SystemClock
from cockpit.config.services import ServiceConfig
from cockpit.probes.make import make
from cockpit.probes.sample import Sample
from cockpit.probes.targets import Target, targets
from cockpit.probes.tools import Tools
from cockpit.probes.transport import ProbeTransport

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def lanes(**fields: Any) -> tuple[Target, ...]:
    """The targets of one probe, from the fields of its config as a file has them."""
    service = ServiceConfig.model_validate_json(json.dumps({"name": "shop", "probes": [{"name": "probed", **fields}]}))
    return targets([service])


def tools(
    transport: ProbeTransport, base: Path = Path(), env: Mapping[str, str] = {}, clock: Clock | None = None
) -> Tools:
    """What a probe needs, with a clock of the host's."""
    return Tools(transport=transport, clock=clock or SystemClock(), env=env, base=base)


async def look(given: Tools, **fields: Any) -> Sample:
    """The sample of the only lane of a probe."""
    (target,) = lanes(**fields)
    return await make(target, given).sample()


@contextlib.asynccontextmanager
async def listening(
    handler: Handler, context: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> AsyncIterator[int]:
    """The port of a server whose handler gets every connection, and is cancelled at the end."""
    handling: set[asyncio.Task[Any]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if (task := asyncio.current_task()) is not None:
            handling.add(task)
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            await handler(reader, writer)
        writer.transport.abort()

    server = await asyncio.start_server(handle, host, 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in handling:
            task.cancel()
        await asyncio.gather(*handling)
        await server.wait_closed()


async def says_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Takes the connection and whatever comes, and is silent."""
    while await reader.read(65536):
        pass


def open_files() -> set[str]:
    """The descriptors of this process."""
    return set(os.listdir("/dev/fd"))


async def until_open(count: int) -> None:
    """Until no more descriptors are open than that: a server closes its side in its own time."""
    for _ in range(1000):
        if len(open_files()) <= count:
            return
        await asyncio.sleep(0.002)
    raise AssertionError(f"{len(open_files()) - count} descriptors were left open")


def told(sample: Sample) -> dict[str, str]:
    """The facts of a sample by their labels."""
    return {str(label): str(words) for label, words in sample.facts}
