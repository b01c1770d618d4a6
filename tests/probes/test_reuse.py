"""A connection kept from sample to sample, and what happens when the server lets go of it."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
import trustme

from cockpit.probes import reuse
from cockpit.probes.transport import ProbeTransport

if TYPE_CHECKING:
    from tests.probes.conftest import MakeProbe

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Server:
    """Answers each question with the next of `answers`, empty to hang up; counts connections and questions."""

    def __init__(self) -> None:
        self.answers: list[bytes] = []
        self.connections = 0
        self.questions: list[bytes] = []
        self.writers: list[asyncio.StreamWriter] = []
        self.left = asyncio.Event()

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.writers.append(writer)
        self.left.clear()
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                self.questions.append(await reader.readuntil(b"\r\n\r\n"))
                answer = self.answers.pop(0) if self.answers else OK
                if answer == b"wait":
                    await reader.read()
                    break
                writer.write(answer)
                await writer.drain()
                if not answer:
                    break
        writer.close()
        self.left.set()


@pytest_asyncio.fixture
async def server() -> AsyncIterator[tuple[Server, str]]:
    told = Server()
    async with await asyncio.start_server(told.handle, "127.0.0.1", 0) as listening:
        yield told, f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        for writer in told.writers:
            writer.close()


async def test_one_connection_serves_every_sample(server: tuple[Server, str], make_probe: MakeProbe) -> None:
    told, url = server
    probe = make_probe(url, connection="reuse")
    first, second, third = [await probe.sample() for _ in range(3)]
    assert {sample.outcome for sample in (first, second, third)} == {"good"}
    assert told.connections == 1 and len(told.questions) == 3
    assert first.phases.connect is not None and third.phases.connect is None
    assert "kept connection" not in first.words and third.words.endswith("from 127.0.0.1 over a kept connection")
    assert all(b"connection: keep-alive" in question.lower() for question in told.questions)


async def test_a_fresh_one_is_the_default(server: tuple[Server, str], make_probe: MakeProbe) -> None:
    told, url = server
    probe = make_probe(url)
    for _ in range(2):
        assert (await probe.sample()).outcome == "good"
    assert told.connections == 2 and b"connection: close" in told.questions[0].lower()


async def test_a_connection_closed_meanwhile_is_replaced(server: tuple[Server, str], make_probe: MakeProbe) -> None:
    told, url = server
    probe = make_probe(url, connection="reuse")
    await probe.sample()
    told.writers[0].close()
    await told.writers[0].wait_closed()
    sample = await probe.sample()
    assert sample.outcome == "good" and told.connections == 2 and sample.phases.connect is not None


@pytest.mark.parametrize(("method", "outcome", "asked"), [("GET", "good", 3), ("POST", "bad", 2)])
async def test_a_question_is_asked_once_more_unless_it_may_have_done_something(
    server: tuple[Server, str], make_probe: MakeProbe, method: str, outcome: str, asked: int
) -> None:
    told, url = server
    told.answers = [OK, b""]
    probe = make_probe(url, connection="reuse", method=method)
    await probe.sample()
    sample = await probe.sample()
    assert sample.outcome == outcome and len(told.questions) == asked
    if outcome == "bad":
        assert sample.failure == "reset" and "over a kept connection" in sample.words


async def test_it_is_asked_again_once_only(server: tuple[Server, str], make_probe: MakeProbe) -> None:
    told, url = server
    told.answers = [OK, b"", b""]
    probe = make_probe(url, connection="reuse")
    await probe.sample()
    assert (await probe.sample()).failure == "reset" and len(told.questions) == 3


@pytest.mark.parametrize(
    "answer",
    [
        OK + b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad",
        OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"),
        b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 90000\r\n\r\n" + b"x" * 90_000,
    ],
    ids=["more than was asked for", "close", "old", "cut"],
)
async def test_an_unfit_connection_is_not_kept(
    server: tuple[Server, str], make_probe: MakeProbe, answer: bytes
) -> None:
    told, url = server
    told.answers = [answer]
    probe = make_probe(url, connection="reuse")
    assert (await probe.sample()).outcome == "good"
    await asyncio.wait_for(told.left.wait(), 5)
    assert (await probe.sample()).outcome == "good" and told.connections == 2


async def test_an_old_connection_is_replaced(
    server: tuple[Server, str], make_probe: MakeProbe, monkeypatch: pytest.MonkeyPatch
) -> None:
    told, url = server
    probe = make_probe(url, connection="reuse")
    await probe.sample()
    monkeypatch.setattr(reuse, "OLDEST", 0.0)
    assert (await probe.sample()).outcome == "good" and told.connections == 2


async def test_a_cancelled_sample_keeps_nothing(server: tuple[Server, str], make_probe: MakeProbe) -> None:
    told, url = server
    told.answers = [OK, b"wait"]
    probe = make_probe(url, connection="reuse", timeout="100ms")
    await probe.sample()
    assert (await probe.sample()).failure == "read_timeout"
    await asyncio.wait_for(told.left.wait(), 5)
    assert (await probe.sample()).outcome == "good" and told.connections == 2


async def test_closing_the_transport_closes_what_is_kept(server: tuple[Server, str], make_probe: MakeProbe) -> None:
    told, url = server
    transport = ProbeTransport()
    await make_probe(url, over=transport, connection="reuse").sample()
    assert not told.left.is_set()
    await transport.aclose()
    await asyncio.wait_for(told.left.wait(), 5)


async def test_tls_is_kept_too(make_probe: MakeProbe, transport: ProbeTransport, authority: trustme.CA) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    told = Server()
    async with await asyncio.start_server(told.handle, "127.0.0.1", 0, ssl=context) as listening:
        url = f"https://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        probe = make_probe(url, connection="reuse")
        samples = [await probe.sample() for _ in range(3)]
        assert [sample.outcome for sample in samples] == ["good"] * 3 and told.connections == 1
        assert samples[2].certificate is not None and samples[2].certificate is samples[0].certificate
        await transport.aclose()
        await asyncio.wait_for(told.left.wait(), 5)
