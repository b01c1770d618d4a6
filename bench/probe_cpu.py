"""CPU milliseconds per HTTP probe, 200 endpoints at once, a new connection each: `python bench/probe_cpu.py`.

The server runs in a process of its own, so that its work is not counted.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

from cockpit.clock import SystemClock
from cockpit.config.probes import HttpProbeConfig
from cockpit.probes.http import HttpProbe
from cockpit.probes.targets import Target
from cockpit.probes.tools import Tools
from cockpit.probes.transport import ProbeTransport

ENDPOINTS = 200
SECONDS = 3.0
ANSWER = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 16\r\n\r\n{"status": "UP"}'


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(ANSWER)
    writer.close()


async def serve() -> None:
    """Print the port, then answer until the reader of it goes away."""
    server = await asyncio.start_server(_answer, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


async def measure(port: int) -> None:
    """Probe all endpoints, round after round, and print what one probe costs."""
    transport = ProbeTransport()
    tools = Tools(transport, SystemClock(), os.environ, Path())
    targets = [
        Target(name, name, "bench", HttpProbeConfig(name=name, url=f"http://127.0.0.1:{port}/{name}"))
        for name in (f"probe-{number}" for number in range(ENDPOINTS))
    ]
    probes = [HttpProbe(target, tools) for target in targets]
    count, bad = 0, 0
    end, cpu = time.monotonic() + SECONDS, time.process_time()
    while time.monotonic() < end:
        samples = await asyncio.gather(*(probe.sample() for probe in probes))
        count += len(samples)
        bad += sum(sample.outcome != "good" for sample in samples)
    cost = (time.process_time() - cpu) * 1000 / count
    print(f"{cost:.3f} ms CPU per probe ({count} probes of {ENDPOINTS} endpoints at once, {bad} not good)")
    await transport.aclose()


def main() -> None:
    """Start the server, measure, stop it."""
    command = [sys.executable, __file__, "serve"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None and server.stdin is not None
        asyncio.run(measure(int(server.stdout.readline())))
        server.stdin.close()


if __name__ == "__main__":
    if sys.argv[1:] == ["serve"]:
        asyncio.run(serve())
    else:
        main()
