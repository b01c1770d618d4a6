"""What a DNS server says, and what it means when it says nothing; asked of a real one on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import dns.flags
import dns.message
import dns.rcode
import dns.resolver
import dns.rrset
import pytest

from cockpit.probes.dns import DnsProbe
from cockpit.probes.transport import ProbeTransport
from tests.probes.kinds import lanes, look, open_files, told, tools, until_open

ZONE = {
    ("shop.test.", "A"): ["10.0.0.2", "10.0.0.1"],
    ("shop.test.", "MX"): ["10 mail.shop.test."],
    ("shop.test.", "TXT"): ['"v=spf1 -all"', '"two" "parts"'],
    ("1.0.0.10.in-addr.arpa.", "PTR"): ["shop.test."],
    ("big.test.", "A"): [f"10.1.{number // 250}.{number % 250}" for number in range(400)],
}
CODES = {"gone.test.": "NXDOMAIN", "broken.test.": "SERVFAIL", "private.test.": "REFUSED"}


def answer(wire: bytes, by_tcp: bool) -> bytes | None:
    """What the zone says; None for silence."""
    question = dns.message.from_wire(wire)
    reply = dns.message.make_response(question)
    name, record = question.question[0].name.to_text().lower(), question.question[0].rdtype.name
    if name == "silent.test.":
        return None
    if name == "garbage.test.":
        return wire[:2] + b"\x81\x80\x00"
    if name in CODES:
        reply.set_rcode(dns.rcode.from_text(CODES[name]))
    if name == "www.shop.test." and record == "A":
        reply.answer.append(dns.rrset.from_text(name, 60, "IN", "CNAME", "shop.test."))
        name = "shop.test."
    if records := ZONE.get((name, record)):
        reply.answer.append(dns.rrset.from_text(name, 300, "IN", record, *records))
    if name == "big.test." and not by_tcp:
        reply.answer.clear()
        reply.flags |= dns.flags.TC
    return reply.to_wire()


class Datagrams(asyncio.DatagramProtocol):
    def __init__(self, lost: int = 0) -> None:
        self.lost = lost
        self.asked = 0

    def connection_made(self, transport: Any) -> None:
        self.transport: asyncio.DatagramTransport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.asked += 1
        if self.asked > self.lost and (reply := answer(data, False)) is not None:
            self.transport.sendto(reply, addr)


@contextlib.asynccontextmanager
async def serving(lost: int = 0) -> AsyncIterator[int]:
    """The port of a server for UDP and TCP; the first `lost` datagrams are not answered."""

    async def stream(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError):
            wire = await reader.readexactly(int.from_bytes(await reader.readexactly(2)))
            if (reply := answer(wire, True)) is not None:
                writer.write(len(reply).to_bytes(2) + reply)
                await writer.drain()
            await reader.read()
        writer.transport.abort()

    server = await asyncio.start_server(stream, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: Datagrams(lost), local_addr=("127.0.0.1", port)
    )
    try:
        yield port
    finally:
        transport.close()
        server.close()
        await server.wait_closed()


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[int], None]:
    """Makes a server on loopback the resolver of this host."""

    def be(port: int) -> None:
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], port
        monkeypatch.setattr(dns.resolver, "Resolver", lambda: resolver)

    return be


async def test_an_answer_tells_its_records_and_how_long_they_live(transport: ProbeTransport) -> None:
    async with serving() as port:
        found = await look(tools(transport), type="dns", query="shop.test", server=f"127.0.0.1:{port}")
    assert found.outcome == "good"
    assert found.words.startswith("shop.test A: 10.0.0.1, 10.0.0.2, ")
    assert found.words.endswith(f"from 127.0.0.1:{port}")
    facts = told(found)
    assert facts["TTL"] == "300 s" and facts["code"] == "NOERROR"
    assert facts["server"] == f"127.0.0.1:{port} over udp"
    assert found.address == "127.0.0.1" and found.phases.dns == pytest.approx(found.latency_ms, abs=0.01)


@pytest.mark.parametrize(
    ("fields", "outcome", "said"),
    [
        ({"query": "shop.test", "expect": ["10.0.0.1", "10.0.0.2"]}, "good", "10.0.0.1, 10.0.0.2"),
        ({"query": "shop.test", "expect": ["10.0.0.9"]}, "bad", "not 10.0.0.9 but 10.0.0.1, 10.0.0.2"),
        ({"query": "SHOP.test.", "record": "MX", "expect": ["Mail.shop.test"]}, "good", "10 mail."),
        ({"query": "shop.test", "record": "MX", "expect": ["10 mail.shop.test."]}, "good", "10 mail.shop.test"),
        ({"query": "shop.test", "record": "TXT", "expect": ["v=spf1 -all", "twoparts"]}, "good", "v=spf1 -all"),
        ({"query": "10.0.0.1", "record": "PTR", "expect": ["shop.test"]}, "good", "shop.test"),
        ({"query": "www.shop.test", "expect": ["10.0.0.1"]}, "good", "10.0.0.1"),
        ({"query": "shop.test", "record": "AAAA"}, "bad", "there is no AAAA record"),
        ({"query": "gone.test"}, "bad", "the name does not exist (NXDOMAIN)"),
        ({"query": "broken.test"}, "bad", "(SERVFAIL)"),
        ({"query": "private.test"}, "bad", "(REFUSED)"),
        ({"query": "shop.test", "transport": "tcp"}, "good", "10.0.0.1"),
        ({"query": "shop.test", "degraded_response_time": "1ms"}, None, "10.0.0.1"),
    ],
)
async def test_each_answer_is_judged(
    fields: dict[str, object], outcome: str | None, said: str, transport: ProbeTransport
) -> None:
    async with serving() as port:
        found = await look(tools(transport), type="dns", server=f"127.0.0.1:{port}", **fields)
    assert said in found.words
    slow = (found.latency_ms or 0) > 1
    assert found.outcome == (outcome or ("slow" if slow else "good"))
    assert found.failure == ("dns" if said.endswith(")") else None)


async def test_a_name_that_leads_to_another_says_so(transport: ProbeTransport) -> None:
    async with serving() as port:
        found = await look(tools(transport), type="dns", query="www.shop.test", server=f"127.0.0.1:{port}")
    assert told(found)["alias of"] == "shop.test"


async def test_an_answer_too_long_for_a_datagram_comes_by_tcp(transport: ProbeTransport) -> None:
    async with serving() as port:
        found = await look(
            tools(transport), type="dns", query="big.test", server=f"127.0.0.1:{port}", expect=["10.1.1.149"]
        )
    assert found.outcome == "good" and "and 395 more" in found.words
    assert told(found)["server"].endswith("over tcp")


async def test_a_lost_datagram_is_asked_for_again(transport: ProbeTransport) -> None:
    async with serving(lost=1) as port:
        found = await look(tools(transport), type="dns", query="shop.test", server=f"127.0.0.1:{port}", timeout="200ms")
    assert found.outcome == "good"


@pytest.mark.parametrize("by", ["udp", "tcp"])
async def test_silence_of_a_named_server_is_bad(by: str, transport: ProbeTransport) -> None:
    async with serving() as port:
        found = await look(
            tools(transport), type="dns", query="silent.test", server=f"127.0.0.1:{port}", timeout="80ms", transport=by
        )
    assert (found.outcome, found.failure) == ("bad", "read_timeout")
    assert "gave no answer within 0.1 s" in found.words


async def test_silence_of_this_hosts_own_resolver_proves_nothing(
    transport: ProbeTransport, own: Callable[[int], None]
) -> None:
    async with serving() as port:
        own(port)
        silent = await look(tools(transport), type="dns", query="silent.test", timeout="80ms")
        refused = await look(tools(transport), type="dns", query="private.test")
        gone = await look(tools(transport), type="dns", query="gone.test")
        fine = await look(tools(transport), type="dns", query="shop.test")
    assert [each.outcome for each in (silent, refused, gone, fine)] == ["indeterminate", "indeterminate", "bad", "good"]
    assert (silent.failure, gone.failure) == ("local", "dns")


async def test_where_nothing_listens_only_a_named_server_is_to_blame(
    transport: ProbeTransport, own: Callable[[int], None]
) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
    named = await look(
        tools(transport), type="dns", query="x.test", server=f"127.0.0.1:{port}", transport="tcp", timeout="200ms"
    )
    own(port)
    ours = await look(tools(transport), type="dns", query="x.test", transport="tcp", timeout="200ms")
    assert (named.outcome, named.failure) == ("bad", "refused")
    assert (ours.outcome, ours.failure) == ("indeterminate", "local")


async def test_garbage_is_no_answer(transport: ProbeTransport) -> None:
    async with serving() as port:
        found = await look(
            tools(transport), type="dns", query="garbage.test", server=f"127.0.0.1:{port}", timeout="80ms"
        )
    assert found.outcome == "bad"


async def test_what_is_no_name_is_the_configs_fault(transport: ProbeTransport) -> None:
    found = await look(tools(transport), type="dns", query="a..b", server="127.0.0.1:9")
    assert found.outcome == "indeterminate" and "see the query of this probe" in found.words


async def test_a_cancelled_question_leaves_nothing_open(transport: ProbeTransport) -> None:
    async with serving() as port:
        probes = [
            DnsProbe(target, tools(transport))
            for by in ("udp", "tcp")
            for target in lanes(type="dns", query="silent.test", server=f"127.0.0.1:{port}", transport=by)
        ]
        before = len(open_files())
        for probe in probes * 10:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.003):
                    await probe.sample()
        await until_open(before)
