"""Every way an endpoint can answer, or fail to, over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import socket
import struct
from typing import TYPE_CHECKING

import pytest
import trustme

from cockpit.probes.asking import asking
from cockpit.probes.resolver import Address, Resolver
from cockpit.probes.transport import BODY_LIMIT, ProbeTransport, Trace
from tests.probes.answers import answer, tls_server

if TYPE_CHECKING:
    from tests.probes.conftest import MakeProbe, Serve


async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while not reader.at_eof():
        writer.write(b"4000\r\n" + b"x" * 0x4000 + b"\r\n")
        await writer.drain()


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def test_a_good_answer_is_timed_phase_by_phase(serve: Serve, make_probe: MakeProbe) -> None:
    port = await serve(answer())
    sample = await make_probe(f"http://127.0.0.1:{port}/health").sample()
    assert (sample.outcome, sample.status, sample.failure, sample.address) == ("good", 200, None, "127.0.0.1")
    assert sample.words.startswith("HTTP 200 in ") and sample.words.endswith(" from 127.0.0.1")
    phases = sample.phases
    assert None not in (phases.dns, phases.connect, phases.first_byte, phases.transfer) and phases.tls is None
    assert sample.latency_ms is not None and sample.latency_ms >= (phases.first_byte or 0)


async def test_an_error_of_the_app_is_told_from_load(serve: Serve, make_probe: MakeProbe) -> None:
    broken = await serve(answer(b'{"errors": 0.82}', "500 Internal Server Error"))
    sample = await make_probe(f"http://127.0.0.1:{broken}", error_rate={"path": "errors"}).sample()
    assert sample.outcome == "bad" and sample.status == 500 and sample.error_rate == 0.82
    assert sample.words.endswith("from 127.0.0.1: app error, not load")
    busy = await serve(answer(b"", "503 Service Unavailable", "Retry-After: 30\r\n"))
    sample = await make_probe(f"http://127.0.0.1:{busy}").sample()
    assert sample.words.endswith("shedding load, asks to come back after 30")


async def test_nothing_listens(make_probe: MakeProbe) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        sample = await make_probe(f"http://127.0.0.1:{port}").sample()
    assert (sample.outcome, sample.failure) == ("bad", "refused")
    assert sample.words == f"refused: nothing listens on 127.0.0.1:{port}: process dead"


async def test_a_full_backlog_is_a_connect_timeout(make_probe: MakeProbe) -> None:
    with socket.socket() as full, contextlib.ExitStack() as waiting:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(8):
            one = waiting.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        sample = await make_probe(f"http://127.0.0.1:{full.getsockname()[1]}", timeout="300ms").sample()
    assert (sample.outcome, sample.failure) == ("bad", "connect_timeout")
    assert "host, firewall or full backlog" in sample.words


async def test_a_reset_is_told(serve: Serve, make_probe: MakeProbe) -> None:
    sample = await make_probe(f"http://127.0.0.1:{await serve(reset)}").sample()
    assert (sample.outcome, sample.failure) == ("bad", "reset")
    assert "dying, or something between us cuts" in sample.words


async def test_an_endless_body_is_cut_and_said(serve: Serve, make_probe: MakeProbe, transport: ProbeTransport) -> None:
    port = await serve(endless)
    url = f"http://127.0.0.1:{port}"
    assert (await make_probe(url).sample()).outcome == "good"
    missing = await make_probe(url, conditions=({"body_contains": "ready"},)).sample()
    assert missing.words.endswith('"ready" is not in the first 64 KiB of the body')
    received = await transport.send(asking(url, "GET", {}), Trace())
    assert received.cut and len(received.body) == BODY_LIMIT


async def test_a_redirect_is_not_followed(serve: Serve, make_probe: MakeProbe) -> None:
    port = await serve(answer(b"", "302 Found", "Location: http://elsewhere.invalid/login\r\n"))
    sample = await make_probe(f"http://127.0.0.1:{port}", headers={"authorization": "x"}).sample()
    assert (sample.outcome, sample.status) == ("bad", 302)
    assert sample.words.endswith("a redirect to http://elsewhere.invalid/login, not followed")


async def test_gzip_is_neither_asked_for_nor_unpacked(serve: Serve, transport: ProbeTransport) -> None:
    packed, asked = gzip.compress(b"0" * 10_000_000), asyncio.get_running_loop().create_future()

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set_result(await reader.readuntil(b"\r\n\r\n"))
        await answer(packed, headers="Content-Encoding: gzip\r\n")(reader, writer)

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await handler(reader, writer)
        writer.close()

    async with await asyncio.start_server(handle, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        received = await transport.send(asking(url, "GET", {"Accept-Encoding": "gzip"}), Trace())
    assert received.body == packed
    head = asked.result().lower()
    assert b"accept-encoding: identity" in head and b"gzip" not in head and b"connection: close" in head


async def test_tls_is_verified_against_name_and_authority(
    serve: Serve, make_probe: MakeProbe, authority: trustme.CA
) -> None:
    right = await serve(answer(), tls_server(authority, "127.0.0.1"))
    sample = await make_probe(f"https://127.0.0.1:{right}").sample()
    assert sample.outcome == "good" and sample.phases.tls is not None
    wrong_name = await serve(answer(), tls_server(authority, "other.example"))
    stranger = await serve(answer(), tls_server(trustme.CA(), "127.0.0.1"))
    plain = await serve(answer())
    for port in (wrong_name, stranger, plain):
        sample = await make_probe(f"https://127.0.0.1:{port}", timeout="500ms").sample()
        assert (sample.outcome, sample.failure) == ("bad", "tls"), sample.words
        assert sample.words.startswith("TLS: ") and "connected in" in sample.words


async def test_secrets_come_from_the_environment_and_stay_out_of_words(serve: Serve, make_probe: MakeProbe) -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await answer(json.dumps({"status": "hunter22 again"}).encode())(reader, writer)

    port = await serve(echo)
    probe = make_probe(
        f"http://127.0.0.1:{port}",
        env={"TOKEN": "hunter22"},
        headers={"X-Token": {"env": "TOKEN"}},
        conditions=({"json": "status", "equals": "UP"},),
    )
    assert (await probe.sample()).words.endswith('status is not "UP" but "[redacted] again"')
    bad = make_probe(f"http://127.0.0.1:{port}", env={"TOKEN": "a\nb"}, headers={"X-Token": {"env": "TOKEN"}})
    sample = await bad.sample()
    assert sample.outcome == "indeterminate" and "a\\nb" not in sample.words


async def test_a_secret_in_a_redirect_is_not_shown_even_in_part(serve: Serve, make_probe: MakeProbe) -> None:
    for place in range(100, 124, 4):

        async def redirect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, place: int = place) -> None:
            writer.write(
                b"HTTP/1.1 302 Found\r\ncontent-length: 0\r\nlocation: /%b/hunter22hunter22\r\n\r\n" % (b"x" * place)
            )

        port = await serve(redirect)
        probe = make_probe(
            f"http://127.0.0.1:{port}", env={"TOKEN": "hunter22hunter22"}, headers={"X-Token": {"env": "TOKEN"}}
        )
        sample = await probe.sample()
        assert "a redirect to /xx" in sample.words and "hunter" not in sample.words


async def test_what_cannot_be_asked_is_said_and_blames_nobody(make_probe: MakeProbe) -> None:
    unset = await make_probe("http://127.0.0.1:9", headers={"X-Token": {"env": "API_TOKEN"}}).sample()
    assert unset.outcome == "indeterminate"
    assert unset.words == "not asked: the environment variable API_TOKEN (header X-Token) is not set"
    assert (await make_probe("http://127.0.0.1:port/").sample()).outcome == "indeterminate"
    assert (await make_probe("http://127.0.0.1:9", headers={"X": "é"}).sample()).outcome == "indeterminate"
    assert (await make_probe("http://127.0.0.1:9", headers={"X Y": "z"}).sample()).outcome == "indeterminate"


async def test_a_body_is_posted(serve: Serve, make_probe: MakeProbe) -> None:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await answer(await reader.readexactly(5))(reader, writer)

    port = await serve(echo)
    probe = make_probe(
        f"http://127.0.0.1:{port}", method="POST", body="login", conditions=({"body_contains": "login"},)
    )
    assert (await probe.sample()).outcome == "good"


async def test_slow_or_failing_a_little_is_degraded(serve: Serve, make_probe: MakeProbe) -> None:
    port = await serve(answer(b'{"errors": 0.02}'))
    warned = await make_probe(f"http://127.0.0.1:{port}", error_rate={"path": "errors"}).sample()
    assert warned.outcome == "slow" and warned.words.endswith("2 % errors, degraded from 1 %")
    slow = await make_probe(f"http://127.0.0.1:{port}", degraded_response_time="0.0001s").sample()
    assert slow.outcome == "slow" and "slower than" in slow.words


async def test_hostile_bytes_never_reach_the_words(serve: Serve, make_probe: MakeProbe) -> None:
    port = await serve(answer(b'{"status": "\\u001b[31m\\nDOWN\\u202e"}'))
    conditions = ({"json": "status", "equals": "UP"},)
    sample = await make_probe(f"http://127.0.0.1:{port}", conditions=conditions).sample()
    assert sample.outcome == "bad" and "\x1b" not in sample.words and "\n" not in sample.words


async def test_names_that_do_not_resolve(make_probe: MakeProbe) -> None:
    def look(host: str, port: int) -> tuple[Address, ...]:
        code = socket.EAI_NONAME if host == "gone.test" else socket.EAI_AGAIN
        raise socket.gaierror(code, "no")

    transport = ProbeTransport(resolver=Resolver(look))
    for host, outcome, kind in (("gone.test", "bad", "dns"), ("quiet.test", "indeterminate", "local")):
        sample = await make_probe(f"http://{host}/", over=transport).sample()
        assert (sample.outcome, sample.failure) == (outcome, kind)
    await transport.aclose()


async def test_an_ipv6_address(serve: Serve, make_probe: MakeProbe) -> None:
    if not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    try:
        port = await serve(answer(), host="::1")
    except OSError:
        pytest.skip("no IPv6 here")
    sample = await make_probe(f"http://[::1]:{port}/").sample()
    assert (sample.outcome, sample.address) == ("good", "::1")
