"""Documents over the probes' transport."""

from __future__ import annotations

import asyncio
import gzip
import logging
import socket
from typing import TYPE_CHECKING

import httpx
import pytest

from cockpit.probes.failures import ProbeFailure
from cockpit.probes.fetch import ask, fetch
from cockpit.probes.transport import ProbeTransport
from cockpit.web import Unanswered
from tests.probes.answers import answer, silence

if TYPE_CHECKING:
    from tests.probes.conftest import Serve


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await answer(await reader.readexactly(5))(reader, writer)


async def test_fetch_gives_the_body_or_the_reason(serve: Serve, transport: ProbeTransport) -> None:
    good = f"http://127.0.0.1:{await serve(answer(b'[]'))}"
    assert await fetch(transport, good, 1.0) == b"[]"
    for handler, words in (
        (answer(b"", "500 Oops"), "HTTP 500"),
        (answer(b"x" * 70_000), "longer than 64 KiB"),
        (silence, "no answer within 0.1 s"),
    ):
        with pytest.raises(httpx.HTTPError, match=words):
            await fetch(transport, f"http://127.0.0.1:{await serve(handler)}", 0.1)


async def test_a_larger_answer_is_read_where_asked_for(serve: Serve, transport: ProbeTransport) -> None:
    url = f"http://127.0.0.1:{await serve(answer(b'x' * 70_000))}"
    assert len(await fetch(transport, url, 1.0, limit=70_000)) == 70_000
    reply = await ask(transport, url, 1.0, limit=10)
    assert reply.cut and reply.body == b"x" * 10


async def test_ask_gives_any_answer_with_its_headers(serve: Serve, transport: ProbeTransport) -> None:
    headers = "ETag: v1\r\nLink: a\r\nLINK: b\r\n"
    reply = await ask(transport, f"http://127.0.0.1:{await serve(answer(b'no', '404 Not Found', headers))}", 1.0)
    assert (reply.status, reply.body, reply.cut) == (404, b"no", False)
    assert reply.headers["etag"] == "v1" and reply.headers["link"] == "a, b"


async def test_method_headers_and_body_are_sent(serve: Serve, transport: ProbeTransport) -> None:
    url = f"http://127.0.0.1:{await serve(echo)}"
    assert await fetch(transport, url, 1.0, method="PUT", headers={"X-Api-Key": "k"}, body=b"12345") == b"12345"


async def test_what_cannot_be_asked_tells_no_secret(transport: ProbeTransport) -> None:
    for headers in ({"X-Api-Key": "hunter22\n"}, {"X-Api-Key": "hunter22\xe9"}):
        with pytest.raises(ProbeFailure) as failure:
            await fetch(transport, "http://127.0.0.1:9/", 1.0, headers=headers)
        assert failure.value.kind == "local" and "hunter22" not in str(failure.value)


async def test_no_redirect_is_followed_and_nothing_is_unpacked(serve: Serve, transport: ProbeTransport) -> None:
    packed = gzip.compress(b"x" * 100_000)
    port = await serve(answer(packed, "302 Found", "Location: /on\r\nContent-Encoding: gzip\r\n"))
    reply = await ask(transport, f"http://127.0.0.1:{port}", 1.0)
    assert (reply.status, reply.headers["location"], reply.body) == (302, "/on", packed)


async def test_a_failure_says_whether_anything_was_sent(serve: Serve, transport: ProbeTransport) -> None:
    plain = await serve(silence)
    shut = socket.create_server(("127.0.0.1", 0))
    port = shut.getsockname()[1]
    shut.close()
    for url, sent in (
        (f"http://127.0.0.1:{port}/", False),
        (f"https://127.0.0.1:{plain}/", False),
        ("http://nowhere.invalid/", False),
        ("http://[", False),
        (f"http://127.0.0.1:{plain}/", True),
        (f"http://127.0.0.1:{await serve(hang_up)}/", True),
        (f"http://127.0.0.1:{await serve(answer(b'', 'nonsense'))}/", True),
    ):
        with pytest.raises(Unanswered) as failure:
            await ask(transport, url, 0.2, method="POST", body=b"{}")
        assert failure.value.sent is sent, url


async def test_no_url_is_logged(serve: Serve, transport: ProbeTransport, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    await ask(transport, f"http://127.0.0.1:{await serve(answer())}/hooks/hunter22", 1.0)
    assert "hunter22" not in caplog.text


async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    return
