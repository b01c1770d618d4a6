from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.chaos.harness import Endpoint, World

# Its assertions are to say what they compared.
pytest.register_assert_rewrite("tests.chaos.aftermath")


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A private cockpit that nothing has been done to yet."""
    made = World(tmp_path, tmp_path / "home")
    yield made
    await made.end()


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    """Something to probe, which counts how often it was asked."""
    asked = Endpoint()
    server = await asyncio.start_server(asked.answer, "127.0.0.1", 0)
    asked.port = server.sockets[0].getsockname()[1]
    async with server:
        yield asked


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of four megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    mounting = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m,mode=700", "none", place], capture_output=True)
    if mounting.returncode:
        if os.environ.get("CI") == "true":
            pytest.fail(f"no file system could be mounted: {mounting.stderr.decode()}")
        pytest.skip("this host lets nobody mount a file system")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


@pytest.fixture
async def cramped(tmp_path: Path, small_disk: Path) -> AsyncIterator[World]:
    """A private cockpit whose profile lies on the small file system; its config and its ledger do not."""
    made = World(tmp_path, small_disk / "home")
    yield made
    await made.end()
