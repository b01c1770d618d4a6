"""`stop-retry-storm` for real: clients that keep a service down by trying again, and orders that pile up meanwhile."""

from __future__ import annotations

import asyncio
import os
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cockpit.protocol.commands import Resolve
from cockpit.tasks import TaskSet
from tests.starters.night import Night, night, serving

CONFIG = """\
version: 1
services:
  - name: billing
    probes:
      - {{name: backend-ready, url: "{url}", interval: 10s, failures: 2, successes: 2}}
      - {{name: queue-depth, type: command, argv: [{bin}/few, "5"], interval: 10s, failures: 1, successes: 1}}
      - {{name: retries-normal, type: command, argv: [{bin}/retryctl, is, front, "on"], interval: 10s, failures: 1}}
"""
RETRYCTL = """\
#!/bin/sh
case "$1" in
  off) touch {root}/off ;;
  on) rm -f {root}/off ;;
  is) test -e {root}/off && now=off || now=on; test "$3" = "$now" ;;
esac
"""
QUEUECTL = """\
#!/bin/sh
cd {root}/queue || exit 1
case "$1" in
  depth) ls | wc -l ;;
  drain) ls | head -n "$3" | while read -r order; do mv "$order" ../delivered/; done; echo "drained up to $3" ;;
esac
"""
FEW = '#!/bin/sh\ntest "$(ls {root}/queue | wc -l)" -le "$1"\n'
CLIENTS = 3
WAITING = 25
PER_SECOND = 50
"""What the service can bear; each client that tries again without a pause asks about as often."""


@dataclass
class Billing:
    """A service that answers nobody while it is asked too often, its clients, and their queue, which is a directory."""

    root: Path
    asked: deque[float] = field(default_factory=lambda: deque(maxlen=PER_SECOND // 5))
    blip: bool = True
    refused: int = 0

    def __post_init__(self) -> None:
        for name in ("queue", "delivered", "bin"):
            (self.root / name).mkdir()
        for name, text in (("retryctl", RETRYCTL), ("queuectl", QUEUECTL), ("few", FEW)):
            (self.root / "bin" / name).write_text(text.format(root=self.root))
            (self.root / "bin" / name).chmod(0o755)
        for number in range(WAITING):
            (self.root / "queue" / f"before-{number}").touch()

    def answers(self) -> bool:
        """Whether this request is served: not while too many came within the last fifth of a second."""
        now = time.monotonic()
        self.asked.append(now)
        served = not self.blip and (len(self.asked) < (self.asked.maxlen or 0) or now - self.asked[0] > 0.2)
        self.refused += not served
        return served

    async def client(self, url: str, name: str) -> None:
        """An order a second; one that fails is tried again at once, or put aside while retries are off."""
        port = int(url.rstrip("/").rpartition(":")[2])
        for number in range(10_000):
            while not await _accepted(port):
                if (self.root / "off").exists():
                    (self.root / "queue" / f"{name}-{number}").touch()
                    break
                await asyncio.sleep(0.01)
            await asyncio.sleep(1)


async def _accepted(port: int) -> bool:
    with suppress(OSError):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        status = await reader.readline()
        writer.close()
        return b"200" in status
    return False


@pytest.fixture
async def billing(tmp_path: Path) -> AsyncIterator[Billing]:
    yield Billing(tmp_path)


@pytest.fixture
async def person(billing: Billing, home: Path) -> AsyncIterator[Night]:
    async with serving(billing.answers) as url:
        clients = TaskSet()
        for number in range(CLIENTS):
            clients.spawn(billing.client(url, f"c{number}"), f"client {number}")
        env = {"PATH": f"{billing.root / 'bin'}:{os.environ['PATH']}"}
        try:
            async with night(home, CONFIG.format(url=url, bin=billing.root / "bin"), env) as made:
                yield made
        finally:
            await clients.close()


def state(person: Night, probe: str) -> str:
    return next(each.state for each in person.services().services if each.probe == probe)


async def test_it_stays_down_by_itself_and_comes_back_without_retries(person: Night, billing: Billing) -> None:
    await person.begin("stop-retry-storm", client="front", queue="orders", batch="10")
    billing.blip = False
    await person.done("announce")
    refused = billing.refused
    await person.until(lambda: billing.refused > refused + 2 * PER_SECOND and state(person, "backend-ready") == "down")
    await person.run("retries-off")
    await person.shows("retries-off", "RECOVERED")
    await person.done("breathe")
    await person.choose("piled-up", "drain")
    await person.until(lambda: state(person, "queue-depth") == "down" and state(person, "retries-normal") == "down")
    assert len(os.listdir(billing.root / "queue")) >= WAITING
    await person.run("drain.depth")
    await person.run("drain.drain")
    await person.until(lambda: "queue-depth is up after" in person.timeline)
    assert len(os.listdir(billing.root / "queue")) <= 5
    assert len(os.listdir(billing.root / "delivered")) >= WAITING - 5
    await person.run("drain.left")
    await person.offered("run", "retries-on")
    answer = await person.ask(Resolve())
    assert not answer.ok and "retries-normal" in answer.text
    await person.run("retries-on")
    await person.shows("retries-on", "STILL UP")
    await person.done("mend")
    await person.until(lambda: person.sight.run.outcome == "done")
    assert "off" not in os.listdir(billing.root)
