"""10,000 requests cancelled in every phase: open file descriptors before and after."""

from __future__ import annotations

import asyncio
import os
import random
from contextlib import suppress
from pathlib import Path

from bench.endpoint import endpoint
from bench.proc import descriptors, rss_mb
from cockpit.clock import SystemClock
from cockpit.config.probes import HttpProbeConfig
from cockpit.config.services import ServiceConfig
from cockpit.probes.make import make
from cockpit.probes.targets import targets
from cockpit.probes.tools import Tools
from cockpit.probes.transport import ProbeTransport

CANCELS = 10_000
AT_ONCE = 200


async def measure(answering: int, silent: int) -> None:
    """Cancel after a random part of a request's usual time, half of them at an endpoint that never answers."""
    transport, chance = ProbeTransport(), random.Random(1)
    room = asyncio.Semaphore(AT_ONCE)
    configs = [
        HttpProbeConfig(name=name, url=f"http://127.0.0.1:{port}/")
        for name, port in (("answering", answering), ("silent", silent))
    ]
    tools = Tools(transport, SystemClock(), os.environ, Path())
    probes = [make(target, tools) for target in targets([ServiceConfig(name="all", probes=tuple(configs))])]

    async def one(number: int) -> None:
        async with room:
            with suppress(TimeoutError):
                async with asyncio.timeout(chance.uniform(0, 0.01)):
                    await probes[number % 2].sample()

    await asyncio.gather(*(one(number) for number in range(AT_ONCE)))
    before, memory = descriptors(os.getpid()), rss_mb(os.getpid())
    await asyncio.gather(*(one(number) for number in range(CANCELS)))
    await asyncio.sleep(0.1)
    after = descriptors(os.getpid())
    print(f"{CANCELS} cancels: {before} -> {after} descriptors, {rss_mb(os.getpid()) - memory:+.1f} MB")
    await transport.aclose()


def main() -> None:
    """Measure."""
    with endpoint() as server:
        asyncio.run(measure(server.answering, server.silent))


if __name__ == "__main__":
    main()
