"""A name that hangs holds up nobody else, and is looked up once at a time."""

from __future__ import annotations

import asyncio
import socket
import threading

import pytest

from cockpit.probes.failures import ProbeFailure
from cockpit.probes.resolver import Address, Resolver


@pytest.mark.parametrize("names", [8, 100])
async def test_hung_names_share_one_thread_each_and_delay_no_other(names: int) -> None:
    release, looked = threading.Event(), list[str]()

    def look(host: str, port: int) -> tuple[Address, ...]:
        looked.append(host)
        if host.startswith("hung"):
            release.wait()
        return ((socket.AF_INET, "127.0.0.1", port),)

    resolver = Resolver(look, deadline=0.3)
    try:
        hung = [resolver.resolve(f"hung-{number % names}.test", 80) for number in range(2 * names)]
        results = await asyncio.gather(*hung, resolver.resolve("fine.test", 80), return_exceptions=True)
        assert results.pop() == ((socket.AF_INET, "127.0.0.1", 80),)
        assert {type(result) for result in results} == {ProbeFailure}
        with pytest.raises(ProbeFailure, match="the resolver gave no answer within"):
            await resolver.resolve("hung-0.test", 80)
        assert sorted(looked) == ["fine.test", *sorted(f"hung-{number}.test" for number in range(names))]
    finally:
        release.set()
        resolver.close()


async def test_addresses_need_no_lookup() -> None:
    resolver = Resolver(lambda host, port: ())
    assert await resolver.resolve("127.0.0.1", 80) == ((socket.AF_INET, "127.0.0.1", 80),)
    assert await resolver.resolve("::1", 443) == ((socket.AF_INET6, "::1", 443),)
    resolver.close()


async def test_the_systems_own_names() -> None:
    resolver = Resolver()
    assert (socket.AF_INET, "127.0.0.1", 80) in await resolver.resolve("localhost", 80)
    with pytest.raises(ProbeFailure) as failure:
        await resolver.resolve("a" * 70 + ".test", 80)
    assert failure.value.kind == "dns"
    resolver.close()
