"""Side by side with a real blackbox_exporter on the same endpoints: both agree, and where not, it is on purpose."""

from __future__ import annotations

import asyncio
import datetime
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
import trustme
from aiohttp import ClientSession

from cockpit.clock import SystemClock
from cockpit.config.probes import HttpProbeConfig
from cockpit.probes.http import HttpProbe
from cockpit.probes.targets import Target
from cockpit.probes.tools import Tools
from cockpit.probes.transport import ProbeTransport
from tests.real.servers import free_port, required, running

pytestmark = pytest.mark.real

MODULES = """\
modules:
  stays: {{prober: http, timeout: 500ms, http: {{{common}, follow_redirects: false}}}}
  follows: {{prober: http, timeout: 500ms, http: {{{common}, follow_redirects: true}}}}
  reads: {{prober: http, timeout: 500ms, http: {{{common}, fail_if_body_not_matches_regexp: ['"UP"']}}}}
"""
FIELDS: dict[str, dict[str, Any]] = {
    "stays": {},
    "follows": {"follow_redirects": True},
    "reads": {"conditions": ({"json": "status", "equals": "UP"},)},
}
"""What makes our probe ask as a module of theirs does."""
OK = "HTTP/1.1 200 OK\r\n"
UP = '{"status": "UP"}'
Speak = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def says(words: str, body: str = "") -> Speak:
    """Reads the question and answers so; then it hangs up."""

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"{words}{body}".encode())
        await writer.drain()

    return speak


def whole(status: str, body: str = "", more: str = "") -> Speak:
    return says(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n{more}\r\n", body)


def goes_on(start: str, part: bytes, pause: float = 0.0) -> Speak:
    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(start.encode())
        while not reader.at_eof():
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause)

    return speak


async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while await reader.read(4096):
        pass


async def places(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """`/` leads to `/well`, `/loop` to itself; the rest is well."""
    path = (await reader.readuntil(b"\r\n\r\n")).split(b" ", 2)[1]
    to = {b"/": b"/well", b"/loop": b"/loop"}.get(path)
    head = b"HTTP/1.1 302 Found\r\nLocation: " + to if to else b"HTTP/1.1 200 OK"
    writer.write(head + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    await writer.drain()


@asynccontextmanager
async def serving(speak: Speak, context: ssl.SSLContext | None) -> AsyncIterator[int]:
    """The port of a server that speaks so to everybody."""
    speaking: set[asyncio.Task[Any]] = set()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if (task := asyncio.current_task()) is not None:
            speaking.add(task)
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await speak(reader, writer)
        writer.close()
        with suppress(OSError, asyncio.CancelledError):
            await writer.wait_closed()

    server = await asyncio.start_server(take, "127.0.0.1", 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in speaking:
            task.cancel()
        await asyncio.gather(*speaking)
        await server.wait_closed()


@dataclass(frozen=True)
class Case:
    """One endpoint, how both ask it, and whether each calls it well; `why` where they differ."""

    name: str
    speak: Speak | None
    """None where nothing listens."""
    well: bool
    module: str = "stays"
    path: str = "/"
    certificate: str = ""
    ours: bool | None = None
    """What we say where that is something else."""
    why: str = ""


CASES = (
    Case("healthy", whole("200 OK", UP), True),
    Case("no content", says("HTTP/1.1 204 No Content\r\n\r\n"), True),
    Case("until it closes", says("HTTP/1.0 200 OK\r\n\r\n", UP), True, "reads"),
    Case("chunks", says(f"{OK}Transfer-Encoding: chunked\r\n\r\n10\r\n{UP}\r\n0\r\n\r\n"), True, "reads"),
    Case("app error", whole("500 Internal Server Error"), False),
    Case("overloaded", whole("503 Service Unavailable", more="Retry-After: 5\r\n"), False),
    Case("not found", whole("404 Not Found"), False),
    Case("refused", None, False),
    Case("silence", silence, False),
    Case("header drip", goes_on(f"{OK}X-Slow: ", b"x", 0.05), False),
    Case("body drip", goes_on(f"{OK}Content-Length: 9999\r\n\r\n", b"x", 0.05), False),
    Case("cut body", says(f"{OK}Content-Length: 10\r\n\r\n", "abc"), False),
    Case("hangs up", says(""), False),
    Case("garbage", says("\x00\x1b[2J\r\n\r\n"), False),
    Case("login page", whole("200 OK", "<html>log in</html>", "Content-Type: text/html\r\n"), False, "reads"),
    Case("redirect stayed at", places, False),
    Case("redirect followed", places, True, "follows"),
    Case("redirect loop", places, False, "follows", "/loop"),
    Case("good certificate", whole("200 OK"), True, certificate="good"),
    Case("expired", whole("200 OK"), False, certificate="expired"),
    Case("wrong name", whole("200 OK"), False, certificate="other"),
    Case("unknown authority", whole("200 OK"), False, certificate="unknown"),
    Case("tls that is none", silence, False, certificate="none"),
    Case(
        "says that it is down", whole("200 OK", '{"status": "DOWN"}', "Content-Type: application/json\r\n"), True,
        ours=False, why="a health document is read: they would need a regular expression for each service",
    ),
    Case(
        "a body without end", goes_on(f"{OK}Transfer-Encoding: chunked\r\n\r\n", b"1000\r\n" + b"x" * 4096 + b"\r\n"),
        False, ours=True,
        why="nothing is asked of the body: we stop after 64 KiB, they read until the deadline; see conditions",
    ),
)  # fmt: skip


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def contexts(authority: trustme.CA) -> dict[str, ssl.SSLContext]:
    yesterday = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    leaves = {
        "good": authority.issue_cert("127.0.0.1"),
        "expired": authority.issue_cert("127.0.0.1", not_after=yesterday),
        "other": authority.issue_cert("other.example"),
        "unknown": trustme.CA().issue_cert("127.0.0.1"),
    }
    made = {name: ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) for name in leaves}
    for name, leaf in leaves.items():
        leaf.configure_cert(made[name])
    return made


@pytest.fixture(scope="module")
def exporter(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    program = required("prometheus-blackbox-exporter", "prometheus-blackbox-exporter")
    place, port = tmp_path_factory.mktemp("blackbox"), free_port()
    authority.cert_pem.write_to_path(str(place / "ca.pem"))
    common = f"preferred_ip_protocol: ip4, tls_config: {{ca_file: {place / 'ca.pem'}}}"
    (place / "blackbox.yml").write_text(MODULES.format(common=common))
    argv = [program, f"--config.file={place / 'blackbox.yml'}", f"--web.listen-address=127.0.0.1:{port}"]
    with running(argv, port, place / "log"):
        yield f"http://127.0.0.1:{port}/probe"


@pytest_asyncio.fixture
async def transport(authority: trustme.CA) -> AsyncIterator[ProbeTransport]:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    made = ProbeTransport(context)
    yield made
    await made.aclose()


async def theirs(exporter: str, module: str, url: str) -> bool:
    asked = {"module": module, "target": url}
    async with ClientSession() as session, session.get(exporter, params=asked) as answer:
        return "\nprobe_success 1\n" in await answer.text()


async def ours(transport: ProbeTransport, module: str, url: str) -> tuple[bool, str]:
    config = HttpProbeConfig.model_validate({"name": "front", "url": url, "timeout": "500ms"} | FIELDS[module])
    probe = HttpProbe(Target("front", "front", "web", config), Tools(transport, SystemClock(), {}, Path()))
    sample = await probe.sample()
    assert sample.outcome in {"good", "bad"}, sample.words
    return sample.outcome == "good", sample.words


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_both_say_the_same(
    case: Case, exporter: str, transport: ProbeTransport, contexts: dict[str, ssl.SSLContext]
) -> None:
    scheme = "https" if case.certificate else "http"
    if case.speak is None:
        url = f"http://127.0.0.1:{free_port()}/"
        found = await theirs(exporter, case.module, url), await ours(transport, case.module, url)
    else:
        async with serving(case.speak, contexts.get(case.certificate)) as port:
            url = f"{scheme}://127.0.0.1:{port}{case.path}"
            found = await theirs(exporter, case.module, url), await ours(transport, case.module, url)
    expected = case.well if case.ours is None else case.ours
    assert (case.ours is None) == (not case.why), "a difference has a reason"
    assert (found[0], found[1][0]) == (case.well, expected), found[1][1]


async def test_https_that_leads_to_http_is_followed_by_them_and_not_by_us(
    exporter: str, transport: ProbeTransport, contexts: dict[str, ssl.SSLContext]
) -> None:
    async with serving(whole("200 OK"), None) as plain:
        away = whole("302 Found", more=f"Location: http://127.0.0.1:{plain}/\r\n")
        async with serving(away, contexts["good"]) as secure:
            url = f"https://127.0.0.1:{secure}/"
            assert await theirs(exporter, "follows", url)
            well, words = await ours(transport, "follows", url)
    assert not well and "a redirect from https to" in words, "a redirect must not take the lock away"


async def test_a_full_backlog_is_a_failure_for_both(exporter: str, transport: ProbeTransport) -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(8)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        url = f"http://127.0.0.1:{full.getsockname()[1]}/"
        assert not await theirs(exporter, "stays", url)
        well, words = await ours(transport, "stays", url)
        for one in waiting:
            one.close()
    assert not well and "host, firewall or full backlog" in words
