"""Several addresses of one host, some of them dead, over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from cockpit.probes.dialing import Dialled, dial, interleaved
from cockpit.probes.failures import ProbeFailure
from cockpit.probes.resolver import Address, Resolver
from cockpit.probes.transport import ProbeTransport

if TYPE_CHECKING:
    from tests.probes.conftest import MakeProbe

V4, V6 = socket.AF_INET, socket.AF_INET6


@pytest.fixture
def listening() -> Iterator[int]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


@contextlib.contextmanager
def silent(host: str, port: int) -> Iterator[None]:
    """A full backlog on this address: whoever connects hears nothing."""
    with socket.socket() as full, contextlib.ExitStack() as waiting:
        full.bind((host, port))
        full.listen(0)
        for _ in range(8):
            one = waiting.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex((host, port))
        yield


def open_files() -> int:
    return len(os.listdir(Path("/proc/self/fd" if Path("/proc/self/fd").exists() else "/dev/fd")))


def test_families_take_turns_beginning_with_the_first() -> None:
    six = tuple((V6, f"::{number}", 80) for number in range(3))
    four = ((V4, "10.0.0.1", 80),)
    assert interleaved(six + four) == (six[0], four[0], six[1], six[2])
    assert interleaved(four + six) == (four[0], *six)
    assert interleaved(four) == four


async def test_a_dead_address_is_skipped_at_once_and_counted(listening: int) -> None:
    dialled, start = Dialled(), time.monotonic()
    addresses = [(V4, host, listening) for host in ("127.0.0.2", "127.0.0.3", "127.0.0.1", "127.0.0.4")]
    with await dial(addresses, dialled, stagger=30.0) as sock:
        assert sock.getpeername() == ("127.0.0.1", listening)
    assert time.monotonic() - start < 10
    assert dialled.address == "127.0.0.1" and len(dialled.addresses) == 4
    assert dialled.bad == (("127.0.0.2", "connection refused"), ("127.0.0.3", "connection refused"))


async def test_a_silent_address_costs_its_head_start_and_no_more(listening: int) -> None:
    before, dialled = open_files(), Dialled()
    with silent("127.0.0.2", listening):
        addresses = [(V4, "127.0.0.2", listening), (V4, "127.0.0.1", listening)]
        (await dial(addresses, dialled, stagger=0.02)).close()
    assert dialled.address == "127.0.0.1" and dialled.bad == (("127.0.0.2", "silent for 20 ms"),)
    assert open_files() == before


async def test_when_all_fail_the_most_telling_failure_is_told() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        dialled = Dialled()
        # A broadcast address cannot be connected to: a fault of this host's.
        with pytest.raises(ProbeFailure) as told:
            await dial([(V4, "255.255.255.255", port), (V4, "127.0.0.1", port)], dialled)
    assert told.value.kind == "refused"
    assert dialled.bad == (("127.0.0.1", "connection refused"),)


async def test_a_cancelled_race_leaves_no_socket_open(listening: int) -> None:
    before = open_files()
    with silent("127.0.0.2", listening):
        addresses = [(V4, "127.0.0.2", listening), (V4, "127.0.0.2", listening), (V4, "127.0.0.1", listening)]
        within = open_files()
        for turns in range(40):
            dialling = asyncio.get_running_loop().create_task(dial(addresses, Dialled(), stagger=0.0))
            for _ in range(turns):
                await asyncio.sleep(0)
            dialling.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                (await dialling).close()
        assert open_files() == within
    assert open_files() == before


async def test_the_verdict_counts_bad_addresses(listening: int, make_probe: MakeProbe) -> None:
    def look(host: str, port: int) -> tuple[Address, ...]:
        return tuple((V4, f"127.0.0.{last}", port) for last in (2, 1, 3, 4))

    transport = ProbeTransport(resolver=Resolver(look))
    sample = await make_probe(f"http://four.test:{listening}/", over=transport, timeout="100ms").sample()
    assert sample.failure == "read_timeout" and sample.address == "127.0.0.1"
    assert f"to 127.0.0.1:{listening} (1 of 4 addresses bad): hung or saturated, not dead" in sample.words
    assert ("addresses", "127.0.0.2, 127.0.0.1, 127.0.0.3, 127.0.0.4") in sample.facts
    assert ("address bad", "127.0.0.2: connection refused") in sample.facts
    await transport.aclose()


async def test_a_dead_ipv6_address_does_not_hide_a_live_ipv4_one(listening: int, make_probe: MakeProbe) -> None:
    def look(host: str, port: int) -> tuple[Address, ...]:
        return (V6, "::1", port), (V4, "127.0.0.1", port)

    transport = ProbeTransport(resolver=Resolver(look))
    url = f"http://two.test:{listening}/"
    either = await make_probe(url, over=transport, timeout="100ms").sample()
    assert either.failure == "read_timeout" and either.address == "127.0.0.1"
    six = await make_probe(url, over=transport, family="ip6", timeout="100ms").sample()
    assert six.failure in {"refused", "local"} and six.address == "::1"
    four = await make_probe(url, over=transport, family="ip4", timeout="100ms").sample()
    assert four.address == "127.0.0.1" and "addresses bad" not in four.words
    none = await make_probe(f"http://127.0.0.1:{listening}/", family="ip6").sample()
    assert none.failure == "dns" and "there is no IPv6 address" in none.words
    await transport.aclose()
