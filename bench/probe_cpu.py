"""CPU per HTTP probe at 200 endpoints, a new connection each, beside blackbox_exporter in the same run."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.endpoint import endpoint
from bench.proc import cpu_seconds
from cockpit.clock import SystemClock
from cockpit.config.probes import HttpProbeConfig
from cockpit.config.services import ServiceConfig
from cockpit.probes.make import make
from cockpit.probes.targets import targets
from cockpit.probes.tools import Tools
from cockpit.probes.transport import ProbeTransport

ENDPOINTS = 200
SECONDS = 5.0
PEER = "prometheus-blackbox-exporter"


async def ours(port: int) -> float:
    """Milliseconds of CPU for one probe."""
    transport = ProbeTransport()
    tools = Tools(transport, SystemClock(), os.environ, Path())
    configs = [
        HttpProbeConfig(name=f"p{number}", url=f"http://127.0.0.1:{port}/{number}") for number in range(ENDPOINTS)
    ]
    probes = [make(target, tools) for target in targets([ServiceConfig(name="all", probes=tuple(configs))])]
    count, bad = 0, 0
    end, cpu = time.monotonic() + SECONDS, time.process_time()
    while time.monotonic() < end:
        samples = await asyncio.gather(*(probe.sample() for probe in probes))
        count += len(samples)
        bad += sum(sample.outcome != "good" for sample in samples)
    cost = (time.process_time() - cpu) * 1000 / count
    print(f"cockpit            {cost:.3f} ms CPU per probe ({count} probes, {bad} not good)")
    await transport.aclose()
    return cost


async def theirs(port: int, peer: subprocess.Popen[bytes], at: int) -> float:
    """The same of the exporter, whose answer holds its metrics; whoever asks it is not counted."""

    async def ask(number: int) -> bool:
        reader, writer = await asyncio.open_connection("127.0.0.1", at)
        target = f"http://127.0.0.1:{port}/{number}"
        writer.write(f"GET /probe?module=http_2xx&target={target} HTTP/1.0\r\n\r\n".encode())
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
        return b"\nprobe_success 1" in answer

    count, bad = 0, 0
    end, cpu = time.monotonic() + SECONDS, cpu_seconds(peer.pid)
    while time.monotonic() < end:
        found = await asyncio.gather(*(ask(number) for number in range(ENDPOINTS)))
        count += len(found)
        bad += found.count(False)
    cost = (cpu_seconds(peer.pid) - cpu) * 1000 / count
    print(f"blackbox_exporter  {cost:.3f} ms CPU per probe ({count} probes, {bad} not good)")
    return cost


@contextmanager
def exporter() -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The exporter on a free port, for plain IPv4."""
    with TemporaryDirectory() as directory:
        config = Path(directory) / "blackbox.yml"
        config.write_text(
            "modules:\n  http_2xx:\n    prober: http\n    timeout: 3s\n    http: {preferred_ip_protocol: ip4}\n"
        )
        port = _free_port()
        command = [PEER, f"--config.file={config}", f"--web.listen-address=127.0.0.1:{port}", "--log.level=error"]
        with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
            try:
                _await(port)
                yield process, port
            finally:
                process.terminate()


def _free_port() -> int:
    with socket.socket() as asking:
        asking.bind(("127.0.0.1", 0))
        port: int = asking.getsockname()[1]
        return port


def _await(port: int) -> None:
    end = time.monotonic() + 10
    while time.monotonic() < end:
        with socket.socket() as asking:
            if asking.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise SystemExit(f"{PEER} does not answer")


def main() -> None:
    """Measure both against the same endpoints, and print the ratio."""
    with endpoint() as server:
        cost = asyncio.run(ours(server.answering))
        if shutil.which(PEER) is None:
            print(f"no peer: {PEER} is not installed")
            return
        with exporter() as (process, port):
            peer = asyncio.run(theirs(server.answering, process, port))
    print(f"ratio              {cost / peer:.2f} (aim 0.50, budget 0.60)")


if __name__ == "__main__":
    main()
