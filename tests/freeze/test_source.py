"""Getting the document over real sockets, pipes and files."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from cockpit.freeze.document import LIMIT
from cockpit.freeze.source import Unreadable, get, shown

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(answer: Answer) -> AsyncIterator[str]:
    """A plain server on this host; its address."""

    async def each(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            await answer(writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(each, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/f.json?token=secret"


def saying(head: str, body: bytes = b"") -> Answer:
    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 {head}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)
        await writer.drain()

    return answer


async def test_what_a_server_says_is_had() -> None:
    async with serving(saying("200 OK", b"{}")) as url:
        assert await asyncio.to_thread(get, url) == b"{}"


@pytest.mark.parametrize("head", ["404 Not Found", "204 No Content", "500 Oh"])
async def test_any_other_answer_is_told_without_the_token(head: str) -> None:
    async with serving(saying(head)) as url:
        with pytest.raises(Unreadable, match=f"HTTP {head[:3]}") as failed:
            await asyncio.to_thread(get, url)
    assert "secret" not in str(failed.value)


@pytest.mark.parametrize("where", ["http://127.0.0.1:9/", "file:///some/secret", "ftp://127.0.0.1/", "/other"])
async def test_no_redirect_to_what_is_not_https_is_followed(where: str) -> None:
    async with serving(saying(f"302 Found\r\nLocation: {where}")) as url:
        with pytest.raises(Unreadable, match="redirects to what is not https|HTTP 302"):
            await asyncio.to_thread(get, url)


async def test_a_long_answer_is_cut() -> None:
    async with serving(saying("200 OK", b"x" * (LIMIT * 3))) as url:
        assert len(await asyncio.to_thread(get, url)) == LIMIT + 1


async def test_a_server_that_drips_is_not_waited_for() -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while True:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.05)

    async with serving(drip) as url:
        began = time.monotonic()
        with pytest.raises(Unreadable, match=r"no answer within 0\.4 s"):
            await asyncio.to_thread(get, url, 0.4)
        assert time.monotonic() - began < 5


def test_nobody_there_is_told_in_words() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(Unreadable, match="Connection refused"):
            get(f"http://127.0.0.1:{taken.getsockname()[1]}/")
    with pytest.raises(Unreadable, match="No such file"):
        get("nowhere.json")
    with pytest.raises(Unreadable, match="cannot be used|does not speak"):
        get("http://[::1/")


def test_a_file_or_a_pipe_is_read(tmp_path: Path) -> None:
    path = tmp_path / "freeze.json"
    path.write_bytes(b"{}")
    assert get(str(path)) == b"{}"
    reading, writing = os.pipe()
    os.write(writing, b"piped")
    os.close(writing)
    try:
        assert get(f"/dev/fd/{reading}") == b"piped"
    finally:
        os.close(reading)


def test_what_is_shown_of_an_address_holds_no_secret() -> None:
    assert shown("https://ada:hunter2@h/a?t=s#x") == "https://h/a"
    assert shown("./freeze.json") == "./freeze.json"
