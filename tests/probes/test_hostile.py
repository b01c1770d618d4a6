"""Servers that mean harm, or are broken as if they did: each is bounded in time, bytes and sockets."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import errno
import gzip
import os
import socket
import ssl
import time
import tracemalloc
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import trustme

from cockpit.probes.failures import from_os
from cockpit.probes.fetch import ask
from cockpit.probes.sample import Sample
from cockpit.probes.transport import ProbeTransport
from tests.probes.answers import silence

if TYPE_CHECKING:
    from tests.probes.conftest import Handler, MakeProbe, Serve

TIMEOUT = 0.3
MEMORY = 20 * 1024 * 1024


def raw(data: bytes) -> Handler:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()

    return handler


def endless(start: bytes, part: bytes, pause: float = 0.0) -> Handler:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        while not reader.at_eof():
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause)

    return handler


async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    return


def certified(context: ssl.SSLContext, leaf: trustme.LeafCert) -> ssl.SSLContext:
    leaf.configure_cert(context)
    return context


def open_files() -> int:
    return len(os.listdir(Path("/proc/self/fd" if Path("/proc/self/fd").exists() else "/dev/fd")))


async def bounded(make_probe: MakeProbe, url: str, **fields: object) -> Sample:
    """The sample, taken within its timeout and what a busy host adds, and without much memory."""
    probe = make_probe(url, timeout=f"{TIMEOUT}s", **fields)
    tracemalloc.start()
    start = time.monotonic()
    try:
        sample = await probe.sample()
        assert time.monotonic() - start < TIMEOUT + 10
        assert tracemalloc.get_traced_memory()[1] < MEMORY
    finally:
        tracemalloc.stop()
    assert all(char.isprintable() for char in sample.words)
    assert all(char.isprintable() for fact in sample.facts for text in fact for char in text)
    return sample


OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
BOMB = gzip.compress(bytes(200_000_000 // 1000) * 1000, 1)[: 194 * 1024]


@pytest.mark.parametrize(
    ("handler", "kind", "words"),
    [
        pytest.param(endless(OK + b"X-Slow: ", b"x", 0.01), "read_timeout", "the rest not within", id="header drip"),
        pytest.param(
            endless(OK + b"Content-Length: 100000\r\n\r\n", b"x", 0.01),
            "read_timeout", "the rest not within", id="body drip",
        ),
        pytest.param(endless(OK + b"X: ", b"x" * 4096), "protocol", "not a whole HTTP answer", id="endless header"),
        pytest.param(endless(OK, b"X: y\r\n" * 99), "protocol", "not a whole HTTP answer", id="endless headers"),
        pytest.param(
            endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 99), "protocol", "never comes", id="endless promises"
        ),
        pytest.param(
            endless(CHUNKED, b"1;" + b"x" * 8000 + b"\r\nx\r\n"), "protocol", "has no end", id="endless chunk headers"
        ),
        pytest.param(raw(OK + b"Content-Length: 10\r\n\r\nabc"), "protocol", "received 3 bytes", id="cut body"),
        pytest.param(raw(OK + b"X: y\r\n"), "protocol", "hung up within the headers", id="cut headers"),
        pytest.param(raw(b"\x00\x01\x02\x1b[2J\r\n\r\n"), "protocol", "not a whole HTTP answer", id="garbage"),
        pytest.param(raw(OK + b"X: a\x00b\r\n\r\n"), "protocol", "not a whole HTTP answer", id="control in header"),
        pytest.param(raw(b"HTTP/1.1 101 No\r\nUpgrade: x\r\n\r\n"), "protocol", "not a whole", id="another protocol"),
        pytest.param(silence, "read_timeout", "read timeout after 0.3 s", id="accept, then silence"),
        pytest.param(hang_up, "reset", "hung up without an answer", id="close without an answer"),
    ],
)  # fmt: skip
async def test_no_whole_answer(serve: Serve, make_probe: MakeProbe, handler: Handler, kind: str, words: str) -> None:
    before = open_files()
    sample = await bounded(make_probe, f"http://127.0.0.1:{await serve(handler)}")
    assert (sample.outcome, sample.failure) == ("bad", kind), sample.words
    assert words in sample.words
    assert before <= open_files() <= before + 2, "the server's own sockets"


async def test_endless_chunks_are_cut(serve: Serve, make_probe: MakeProbe) -> None:
    port = await serve(endless(CHUNKED, b"4000\r\n" + b"x" * 0x4000 + b"\r\n"))
    sample = await bounded(make_probe, f"http://127.0.0.1:{port}", conditions=({"json": "status", "equals": "UP"},))
    assert sample.outcome == "bad" and "the body is longer than 64 KiB" in sample.words
    assert ("body", "65536 bytes and more") in sample.facts


async def test_a_bomb_of_194_kilobytes_stays_packed(serve: Serve, make_probe: MakeProbe) -> None:
    head = OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(BOMB)
    url = f"http://127.0.0.1:{await serve(raw(head + BOMB))}"
    assert (await bounded(make_probe, url)).outcome == "good"
    sample = await bounded(make_probe, url, conditions=({"body_lacks": "error"},))
    assert sample.outcome == "bad" and "packed (gzip)" in sample.words and ("encoding", "gzip") in sample.facts


async def test_control_bytes_reach_neither_words_nor_facts(serve: Serve, make_probe: MakeProbe) -> None:
    body = b'{"status": "\\u001b[2J\\u202eDOWN", "components": {"\\u0007db": {"status": "DOWN"}}}'
    head = OK + b"Content-Type: application/json\r\nContent-Encoding: \xff\xfe\r\nContent-Length: %d\r\n\r\n" % len(
        body
    )
    await bounded(make_probe, f"http://127.0.0.1:{await serve(raw(head + body))}", health_format="spring")
    plain = head.replace(b"Content-Encoding: \xff\xfe\r\n", b"")
    sample = await bounded(make_probe, f"http://127.0.0.1:{await serve(raw(plain + body))}", health_format="spring")
    assert sample.outcome == "slow" and "db DOWN" in sample.words


async def test_bad_certificates_are_told_apart(serve: Serve, make_probe: MakeProbe, authority: trustme.CA) -> None:
    yesterday = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    issue = authority.issue_cert
    told = {
        "certificate has expired": issue("127.0.0.1", not_after=yesterday),
        "ip address mismatch": issue("other.example"),
        "unable to get local issuer": trustme.CA().issue_cert("127.0.0.1"),
    }
    for words, leaf in told.items():
        port = await serve(hang_up, certified(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), leaf))
        sample = await bounded(make_probe, f"https://127.0.0.1:{port}")
        assert (sample.outcome, sample.failure) == ("bad", "tls") and words in sample.words, sample.words


async def test_no_tls_where_it_is_expected(serve: Serve, make_probe: MakeProbe) -> None:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(speak, "127.0.0.1", 0) as server:
        sample = await bounded(make_probe, f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    assert sample.failure == "tls" and sample.words.startswith("TLS: no TLS is spoken there; connected in")


async def test_a_handshake_that_hangs_or_never_ends(make_probe: MakeProbe) -> None:
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        sample = await bounded(make_probe, f"https://127.0.0.1:{mute.getsockname()[1]}")
    assert sample.failure == "tls" and "no handshake within 0.3 s" in sample.words

    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while True:
                # Change-cipher-spec records, which TLS 1.3 has a peer ignore.
                writer.write(b"\x14\x03\x03\x00\x01\x01" * 1000)
                await writer.drain()

    async with await asyncio.start_server(flood, "127.0.0.1", 0) as server:
        sample = await bounded(make_probe, f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    assert sample.outcome == "bad" and sample.failure in {"tls", "protocol"}


async def test_proxies_of_the_environment_are_ignored(
    serve: Serve, make_probe: MakeProbe, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    port = await serve(raw(OK + b"Content-Length: 2\r\n\r\nok"))
    assert (await bounded(make_probe, f"http://127.0.0.1:{port}")).outcome == "good"


async def test_a_larger_limit_is_kept_too(serve: Serve, transport: ProbeTransport) -> None:
    port = await serve(endless(CHUNKED, b"4000\r\n" + b"x" * 0x4000 + b"\r\n"))
    reply = await ask(transport, f"http://127.0.0.1:{port}", 5.0, limit=1_000_000)
    assert reply.cut and len(reply.body) == 1_000_000


def test_a_timeout_of_the_kernel_in_mid_answer_is_no_connect_timeout() -> None:
    error = OSError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
    assert from_os(error, connected=True).kind == "read_timeout"
    assert from_os(error).kind == "connect_timeout"
