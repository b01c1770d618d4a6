"""A port that answers, one that does not, and everything between."""

from __future__ import annotations

import asyncio
import resource
import socket
import time
from collections.abc import Iterator

import pytest

from cockpit.probes.make import make
from cockpit.probes.resolver import Address, Resolver
from cockpit.probes.transport import ProbeTransport
from tests.probes.kinds import Handler, lanes, listening, look, open_files, says_nothing, tools, until_open


@pytest.fixture
def unused() -> Iterator[int]:
    """A port that nothing listens on."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"+" + await reader.readline())
    await writer.drain()
    await reader.read()


def dripping(*parts: bytes, end: bool = False) -> Handler:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.005)
        if not end:
            await reader.read()

    return drip


async def test_a_port_that_accepts_is_good_and_tells_where_and_how_long(transport: ProbeTransport) -> None:
    async with listening(says_nothing) as port:
        found = await look(tools(transport), type="tcp", address=f"127.0.0.1:{port}")
    assert found.outcome == "good"
    assert found.words.startswith("connected in ") and found.words.endswith(f"to 127.0.0.1:{port}")
    assert found.address == "127.0.0.1" and found.failure is None
    assert found.phases.connect is not None and found.phases.first_byte is None
    assert found.latency_ms is not None and found.latency_ms < 1000


async def test_a_refused_connection_is_a_dead_process(transport: ProbeTransport, unused: int) -> None:
    found = await look(tools(transport), type="tcp", address=f"127.0.0.1:{unused}")
    assert (found.outcome, found.failure) == ("bad", "refused")
    assert found.words == f"refused: nothing listens on 127.0.0.1:{unused}: process dead"


async def test_a_full_backlog_is_a_connect_timeout(transport: ProbeTransport) -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        waiting = [socket.socket() for _ in range(3)]
        for sock in waiting:
            sock.setblocking(False)
            sock.connect_ex(("127.0.0.1", port))
        found = await look(tools(transport), type="tcp", address=f"127.0.0.1:{port}", timeouts={"connect": "200ms"})
        for sock in waiting:
            sock.close()
    assert (found.outcome, found.failure) == ("bad", "connect_timeout")
    assert found.words.endswith("none within 0.2 s: host, firewall or full backlog")


async def test_an_expected_answer_may_come_in_pieces(transport: ProbeTransport) -> None:
    async with listening(dripping(b"220 ma", b"il rea", b"dy\r\n")) as port:
        found = await look(tools(transport), type="tcp", address=f"127.0.0.1:{port}", expect="mail ready")
    assert found.outcome == "good" and ", answered in " in found.words
    assert ("answer", "220 mail ready") in found.facts


async def test_what_is_sent_is_answered(transport: ProbeTransport) -> None:
    async with listening(echo) as port:
        given, address = tools(transport), f"127.0.0.1:{port}"
        asked = await look(given, type="tcp", address=address, send="PING\r\n", expect="+PING")
        taken = await look(given, type="tcp", address=address, send="PING\r\n")
    assert asked.outcome == taken.outcome == "good"
    assert ("answer", "+PING") in taken.facts


async def test_connected_then_silence_is_hung_not_dead(transport: ProbeTransport) -> None:
    async with listening(says_nothing) as port:
        found = await look(
            tools(transport), type="tcp", address=f"127.0.0.1:{port}", send="PING\r\n", expect="PONG", timeout="100ms"
        )
    assert (found.outcome, found.failure) == ("bad", "read_timeout")
    assert found.words.startswith("read timeout after 0.1 s; connected in ")
    assert found.words.endswith("hung or saturated, not dead")


async def test_the_first_byte_has_a_deadline_of_its_own(transport: ProbeTransport) -> None:
    async with listening(says_nothing) as port:
        started = time.monotonic()
        found = await look(
            tools(transport), type="tcp", address=f"127.0.0.1:{port}", expect="x", timeouts={"first_byte": "50ms"}
        )
    assert found.failure == "read_timeout" and time.monotonic() - started < 5


@pytest.mark.parametrize(
    ("handler", "said"),
    [
        (dripping(b"-ERR loading\r\n", end=True), '"PONG" is not in what came before it hung up: -ERR loading'),
        (dripping(b"-ERR \x1b[2Jloading"), '"PONG" is not in what came within 0.2 s: -ERR loading'),
        (dripping(b"y" * 70_000), '"PONG" is not in what came in the first 64 KiB: yyy'),
    ],
)
async def test_another_answer_is_bad_and_shown(handler: Handler, said: str, transport: ProbeTransport) -> None:
    async with listening(handler) as port:
        found = await look(tools(transport), type="tcp", address=f"127.0.0.1:{port}", expect="PONG", timeout="200ms")
    assert found.outcome == "bad" and said in found.words


async def test_hanging_up_without_a_word_is_dying(transport: ProbeTransport) -> None:
    async with listening(dripping(end=True)) as port:
        found = await look(tools(transport), type="tcp", address=f"127.0.0.1:{port}", expect="x")
    assert (found.outcome, found.failure) == ("bad", "reset")


async def test_a_slow_port_is_degraded(transport: ProbeTransport) -> None:
    async with listening(echo) as port:
        found = await look(
            tools(transport), type="tcp", address=f"127.0.0.1:{port}", send="x\n", degraded_response_time="1ms",
            expect="x",
        )  # fmt: skip
        quick = await look(
            tools(transport), type="tcp", address=f"127.0.0.1:{port}", send="x\n", degraded_response_time="2s"
        )
    assert quick.outcome == "good"
    assert found.outcome == ("slow" if (found.latency_ms or 0) > 1 else "good")


async def test_each_instance_is_a_lane_with_an_address_of_its_own(transport: ProbeTransport, unused: int) -> None:
    async with listening(says_nothing) as port:
        several = lanes(type="tcp", address=f"db.test:{port}", instances=["127.0.0.1", f"127.0.0.1:{unused}"])
        found = {target.name: await make(target, tools(transport)).sample() for target in several}
    assert {name: sample.outcome for name, sample in found.items()} == {
        "probed@127.0.0.1": "good", f"probed@127.0.0.1:{unused}": "bad",
    }  # fmt: skip


def named(*addresses: str) -> ProbeTransport:
    """A transport whose every name has these addresses."""

    def look_up(host: str, port: int) -> tuple[Address, ...]:
        return tuple((socket.AF_INET6 if ":" in each else socket.AF_INET, each, port) for each in addresses)

    return ProbeTransport(resolver=Resolver(look_up))


async def test_a_dead_address_beside_a_live_one_is_told() -> None:
    transport = named("127.0.0.9", "127.0.0.1")
    async with listening(says_nothing) as port:
        found = await look(tools(transport), type="tcp", address=f"db.test:{port}")
    await transport.aclose()
    assert found.outcome == "good" and found.words.endswith("(1 of 2 addresses bad)")
    assert any(label == "address that failed" and value.startswith("127.0.0.9") for label, value in found.facts)


async def test_a_protocol_that_a_name_does_not_have_is_told() -> None:
    transport = named("127.0.0.1")
    found = await look(tools(transport), type="tcp", address="db.test:1", ip_protocol="ip6")
    await transport.aclose()
    assert (found.outcome, found.failure) == ("bad", "dns")
    assert "the name has no IPv6 address" in found.words


async def test_a_resolver_that_is_silent_says_nothing_about_the_port() -> None:
    def hang(host: str, port: int) -> tuple[Address, ...]:
        time.sleep(0.3)
        return ()

    transport = ProbeTransport(resolver=Resolver(hang, deadline=0.05))
    found = await look(tools(transport), type="tcp", address="db.test:1")
    slow = await look(tools(transport), type="tcp", address="db.test:1", timeouts={"dns": "20ms"})
    await transport.aclose()
    assert found.outcome == slow.outcome == "indeterminate"
    assert "the resolver gave no answer within" in found.words


async def test_a_host_without_descriptors_blames_nobody(transport: ProbeTransport) -> None:
    async with listening(says_nothing) as port:
        before = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, before[1]))
        try:
            found = await look(tools(transport), type="tcp", address=f"127.0.0.1:{port}")
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert (found.outcome, found.failure) == ("indeterminate", "local")
    assert "too many open files" in found.words


async def test_a_loop_that_was_held_up_blames_nobody(
    transport: ProbeTransport, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with listening(says_nothing) as port:
        asyncio.get_running_loop().call_later(0.02, time.sleep, 1.2)
        found = await look(tools(transport), type="tcp", address=f"127.0.0.1:{port}", expect="x", timeout="100ms")
    assert found.outcome == "indeterminate" and "the cockpit was held up" in found.words


async def test_a_cancelled_look_leaves_nothing_open(transport: ProbeTransport) -> None:
    async with listening(says_nothing) as port:
        (target,) = lanes(type="tcp", address=f"127.0.0.1:{port}", expect="x")
        probe = make(target, tools(transport))
        before = len(open_files())
        for _ in range(20):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.003):
                    await probe.sample()
        await until_open(before)
