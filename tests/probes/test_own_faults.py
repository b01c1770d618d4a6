"""Faults of our own: they blame nobody, and leave nothing open."""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import trustme

from cockpit.probes.asking import Ask, asking
from cockpit.probes.resolver import Address, Resolver
from cockpit.probes.transport import ProbeTransport, Trace
from tests.probes.answers import answer, silence, tls_server

if TYPE_CHECKING:
    from tests.probes.conftest import MakeProbe, Serve


async def test_a_deadline_that_fires_late_is_our_own_fault(
    serve: Serve, make_probe: MakeProbe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cockpit.probes.deadlines.LATE", 0.0)
    port = await serve(silence)
    sample = await make_probe(f"http://127.0.0.1:{port}", timeout="50ms").sample()
    assert (sample.outcome, sample.failure) == ("indeterminate", "local")
    assert sample.words.startswith("the cockpit was held up")


async def test_a_defect_of_ours_blames_nobody(make_probe: MakeProbe) -> None:
    def defect(host: str, port: int) -> tuple[Address, ...]:
        raise KeyError("oops")

    transport = ProbeTransport(resolver=Resolver(defect))
    sample = await make_probe("http://broken.test/", over=transport).sample()
    assert (sample.outcome, sample.words) == ("indeterminate", "the probe itself failed: KeyError")
    await transport.aclose()


def open_files() -> int:
    place = Path("/proc/self/fd" if Path("/proc/self/fd").exists() else "/dev/fd")
    return len(os.listdir(place))


async def test_a_thousand_cancels_leave_no_file_open(
    serve: Serve, transport: ProbeTransport, authority: trustme.CA
) -> None:
    plain, secure = await serve(silence), await serve(silence, tls_server(authority, "127.0.0.1"))
    urls = (f"http://127.0.0.1:{plain}", f"https://127.0.0.1:{secure}")
    before = open_files()
    for turn in range(50):
        async with asyncio.TaskGroup() as group:
            for number in range(20):
                group.create_task(_cancelled(transport, asking(urls[number % 4 == 0], "GET", {}), turn))
    for _ in range(10_000):
        if open_files() <= before:
            break
        await asyncio.sleep(0)
    assert open_files() <= before


async def _cancelled(transport: ProbeTransport, request: Ask, turns: int) -> None:
    """Cancel the request after so many turns of the loop: while connecting, in the handshake, waiting."""
    asking = asyncio.get_running_loop().create_task(transport.send(request, Trace()))
    for _ in range(turns):
        await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking


async def test_running_out_of_files_is_our_own_fault(serve: Serve, make_probe: MakeProbe) -> None:
    port = await serve(answer())
    probe = make_probe(f"http://127.0.0.1:{port}")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    taken: list[int] = []
    resource.setrlimit(resource.RLIMIT_NOFILE, (open_files() + 50, hard))
    try:
        with contextlib.suppress(OSError):
            while True:
                taken.append(os.dup(0))
        sample = await probe.sample()
    finally:
        for file in taken:
            os.close(file)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert (sample.outcome, sample.failure) == ("indeterminate", "local")
