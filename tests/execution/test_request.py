"""A request as an attempt, asked of real servers: every way to end, and what nobody can know said so."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme

from cockpit.execution import processes, requester, spool, status
from cockpit.execution.attempt import AttemptDir, Result
from cockpit.execution.launch import Launcher, interpreter
from cockpit.execution.request import RequestSpec, Secret, command
from cockpit.execution.requester import CAP, EXPECTED, NOT_SENT, UNEXPECTED, UNKNOWN, Gate
from cockpit.execution.status import Finished, Status

New = Callable[[], AttemptDir]
End = Callable[[AttemptDir], Awaitable[Status]]
Until = Callable[[Callable[[], object]], Awaitable[None]]
Ask = Callable[..., Awaitable[tuple[Result, str]]]
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]

EFFECT = "it was sent, and it may have taken effect"


@asynccontextmanager
async def serving(handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """A server that does with each connection as the handler says; its host and port."""

    async def handled(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await handler(reader, writer)
            await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(handled, "127.0.0.1", 0, ssl=tls)
    try:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


def saying(answer: bytes, heard: list[bytes] | None = None) -> Handler:
    """Reads a request whole, and gives this answer."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await whole(reader)
        if heard is not None:
            heard.append(request)
        writer.write(answer)

    return handler


def read(path: str) -> bytes:
    return Path(path).read_bytes()


async def whole(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
    return head + await reader.readexactly(length)


def answer(status: str, body: bytes = b"", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


@pytest.fixture
def ask(new: New, launcher: Launcher, end: End) -> Ask:
    """Makes the request as an attempt, with this environment; how it ended, and what it printed."""

    async def asked(spec: RequestSpec, env: dict[str, str] | None = None) -> tuple[Result, str]:
        attempt = new()
        attempt.create(command(spec, interpreter()))
        await launcher.launch(attempt, env or {})
        ended = await end(attempt)
        assert isinstance(ended, Finished), ended
        assert ended.result.ended_by == "itself"
        return ended.result, spool.tail(attempt, 1 << 20)[1].decode()

    return asked


async def test_an_expected_status_is_success_and_the_body_follows_it(ask: Ask) -> None:
    async with serving(saying(answer("202 Accepted", b'{"id": 7}', "X-Secret: not shown"))) as place:
        ended, printed = await ask(RequestSpec(f"http://{place}/flags?all=1", "POST"))
    assert ended.exit_code == EXPECTED
    assert printed == 'HTTP 202 Accepted\n{"id": 7}'


async def test_what_is_sent_is_what_was_said(ask: Ask) -> None:
    heard: list[bytes] = []
    spec = RequestSpec(
        "http://{place}/flags/login?dry=0#part", "PUT", {"X-Who": "ada"}, json={"on": False, "why": "é\n", "n": 1.5}
    )
    async with serving(saying(answer("200 OK"), heard)) as place:
        url = spec.url.replace("{place}", place)
        ended, _ = await ask(RequestSpec(url, spec.method, spec.headers, json=spec.json))
    assert ended.exit_code == EXPECTED
    head, _, body = heard[0].partition(b"\r\n\r\n")
    first, *headers = head.decode().split("\r\n")
    assert first == "PUT /flags/login?dry=0 HTTP/1.1"
    assert sorted(headers) == sorted(
        [f"Host: {place}", "Accept-Encoding: identity", "Connection: close", "User-Agent: incident-cockpit",
         "Content-Type: application/json", f"Content-Length: {len(body)}", "X-Who: ada"]
    )  # fmt: skip
    assert json.loads(body) == {"on": False, "why": "é\n", "n": 1.5}


async def test_a_body_is_sent_as_it_is_and_ones_own_headers_win(ask: Ask) -> None:
    heard: list[bytes] = []
    headers = {"Host": "flags.example", "user-agent": "mine", "Content-Type": "text/plain"}
    async with serving(saying(answer("200 OK"), heard)) as place:
        ended, _ = await ask(RequestSpec(f"http://{place}", "POST", headers, body="é=1\n"))
    assert ended.exit_code == EXPECTED
    assert heard[0].endswith(b"\r\n\r\n" + "é=1\n".encode())
    assert heard[0].lower().count(b"\r\nhost: ") == heard[0].lower().count(b"\r\nuser-agent: ") == 1
    assert heard[0].startswith(b"POST / HTTP/1.1\r\n")


async def test_another_status_is_failure_and_shows_its_body(ask: Ask) -> None:
    async with serving(saying(answer("409 Conflict", b"somebody was faster"))) as place:
        ended, printed = await ask(RequestSpec(f"http://{place}/", "POST", expect=(200, 202)))
    assert ended.exit_code == UNEXPECTED
    assert printed == "HTTP 409 Conflict\nsomebody was faster\nexpected 200, 202 and got 409\n"


async def test_a_redirect_is_not_followed(ask: Ask) -> None:
    heard: list[bytes] = []
    async with serving(saying(answer("200 OK"), heard)) as other:
        async with serving(saying(answer("307 Temporary Redirect", b"", f"Location: http://{other}/"))) as place:
            ended, printed = await ask(RequestSpec(f"http://{place}/", "POST"))
    assert ended.exit_code == UNEXPECTED
    assert printed.endswith("got 307: it points elsewhere, which is not followed\n")
    assert heard == []


async def test_no_proxy_of_the_environment_is_asked(ask: Ask) -> None:
    heard: list[bytes] = []
    async with serving(saying(answer("200 OK"), heard)) as proxy, serving(saying(answer("204 No Content"))) as place:
        env = {name: f"http://{proxy}" for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY")}
        ended, printed = await ask(RequestSpec(f"http://{place}/"), env)
    assert (ended.exit_code, printed, heard) == (EXPECTED, "HTTP 204 No Content\n", [])


async def test_head_has_no_body(ask: Ask) -> None:
    async with serving(saying(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")) as place:
        ended, printed = await ask(RequestSpec(f"http://{place}/", "HEAD"))
    assert (ended.exit_code, printed) == (EXPECTED, "HTTP 200 OK\n")


async def test_what_a_server_says_before_its_answer_is_passed_over(ask: Ask) -> None:
    before = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 3
    async with serving(saying(before + answer("200 OK", b"done"))) as place:
        ended, printed = await ask(RequestSpec(f"http://{place}/"))
    assert (ended.exit_code, printed) == (EXPECTED, "HTTP 200 OK\ndone")


@pytest.mark.parametrize(
    "wire",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\ndo\r\n2;x=y\r\nne\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n\r\ndone",
        b"HTTP/1.0 200\r\n\r\ndone",
    ],
    ids=["chunked", "until-it-closes", "old"],
)
async def test_every_end_of_a_body_is_understood(ask: Ask, wire: bytes) -> None:
    async with serving(saying(wire)) as place:
        ended, printed = await ask(RequestSpec(f"http://{place}/"))
    assert ended.exit_code == EXPECTED
    assert printed.splitlines()[1:] == ["done"]


# Certainly never sent.


async def test_a_refused_connection_sent_nothing(ask: Ask) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        ended, printed = await ask(RequestSpec(f"http://127.0.0.1:{nobody.getsockname()[1]}/", "POST"))
    assert (ended.exit_code, printed) == (NOT_SENT, "nothing was sent: Connection refused\n")


async def test_a_host_that_is_not_there_was_sent_nothing(ask: Ask) -> None:
    ended, printed = await ask(RequestSpec("http://no-such-host.invalid/", "POST"))
    assert ended.exit_code == NOT_SENT
    assert printed.startswith("nothing was sent: ")


async def test_a_certificate_without_trust_sent_nothing(ask: Ask) -> None:
    authority, heard = trustme.CA(), list[bytes]()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    async with serving(saying(answer("200 OK"), heard), tls) as place:
        ended, printed = await ask(RequestSpec(f"https://{place}/", "POST"))
    assert ended.exit_code == NOT_SENT
    assert "certificate" in printed
    assert heard == []


async def test_a_certificate_of_another_name_sent_nothing(ask: Ask, tmp_path: Path) -> None:
    authority, tls = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("other.example").configure_cert(tls)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    async with serving(saying(answer("200 OK")), tls) as place:
        ended, printed = await ask(RequestSpec(f"https://{place}/"), {"SSL_CERT_FILE": str(tmp_path / "ca.pem")})
    assert ended.exit_code == NOT_SENT
    assert "127.0.0.1" in printed


async def test_an_authority_of_ones_own_is_trusted_by_its_variable(ask: Ask, tmp_path: Path) -> None:
    authority, tls = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(tls)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    async with serving(saying(answer("200 OK", b"safe")), tls) as place:
        ended, printed = await ask(RequestSpec(f"https://{place}/"), {"SSL_CERT_FILE": str(tmp_path / "ca.pem")})
    assert (ended.exit_code, printed) == (EXPECTED, "HTTP 200 OK\nsafe")


async def test_plain_http_where_tls_was_expected_sent_nothing(ask: Ask) -> None:
    async with serving(saying(answer("200 OK"))) as place:
        ended, printed = await ask(RequestSpec(f"https://{place}/", timeout=2.0))
    assert ended.exit_code == NOT_SENT
    assert printed.startswith("nothing was sent: ")


async def test_a_handshake_that_hangs_sent_nothing(ask: Ask) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with serving(silent) as place:
        ended, printed = await ask(RequestSpec(f"https://{place}/", "POST", timeout=0.5))
    assert ended.exit_code == NOT_SENT
    assert printed.startswith("nothing was sent: ")


async def test_a_person_who_stops_it_before_it_was_sent_is_told_so(
    new: New, launcher: Launcher, end: End, until: Until
) -> None:
    greeted: list[bytes] = []

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        greeted.append(await reader.read(1))
        await reader.read()

    async with serving(silent) as place:
        attempt = new()
        attempt.create(command(RequestSpec(f"https://{place}/", "POST"), interpreter()))
        await launcher.launch(attempt, {})
        await until(lambda: greeted)
        status.cancel(attempt)
        ended = await end(attempt)
    assert isinstance(ended, Finished)
    assert (ended.result.ended_by, ended.result.exit_code) == ("person", NOT_SENT)
    assert spool.tail(attempt, 1000)[1] == b"nothing was sent: it was stopped\n"


def test_nothing_passes_a_gate_that_was_shut() -> None:
    gate, sent = Gate(), list[bool]()
    gate.shut()

    def send() -> None:
        gate.enter()
        sent.append(True)

    late = threading.Thread(target=send, daemon=True)
    late.start()
    late.join(0.1)
    assert (gate.passed, sent) == (False, [])


async def test_a_body_that_no_process_can_be_given_is_certainly_not_sent(
    new: New, launcher: Launcher, end: End
) -> None:
    attempt = new()
    attempt.create(command(RequestSpec("http://127.0.0.1/", "POST", body="x" * 200_000), interpreter()))
    await launcher.launch(attempt, {})
    ended = await end(attempt)
    assert isinstance(ended, Finished)
    assert ended.result.ended_by == "not_found"


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (RequestSpec("ftp://127.0.0.1/"), "none of http or https"),
        (RequestSpec("http:///x"), "none of http or https"),
        (RequestSpec("http://ada:pw@127.0.0.1/"), "holds a user"),
        (RequestSpec("http://127.0.0.1:99999/"), "range"),
        (RequestSpec("http://[::1/"), "IPv6"),
        (RequestSpec("http://127.0.0.1/a b"), "control characters"),
        (RequestSpec("http://127.0.0.1/\r\nX: y"), ""),
        (RequestSpec("http://127.0.0.1/é"), "encode"),
        (RequestSpec("http://127.0.0.1/", headers={"X": Secret("TOKEN")}), "TOKEN is not set"),
        (RequestSpec("http://127.0.0.1/", json={"x": Secret("TOKEN")}), "TOKEN is not set"),
        (RequestSpec("http://127.0.0.1/", headers={"X": "a\r\nY: b"}), "header X holds"),
        (RequestSpec("http://127.0.0.1/", headers={"X\r\nY": "b"}), "header name"),
        (RequestSpec("http://127.0.0.1/", headers={"Transfer-Encoding": "chunked"}), "transfer-encoding"),
    ],
)
async def test_a_request_that_cannot_be_made_sent_nothing(ask: Ask, spec: RequestSpec, words: str) -> None:
    ended, printed = await ask(spec)
    assert ended.exit_code == NOT_SENT
    assert printed.startswith("nothing was sent: ")
    assert words.lower() in printed.lower()
    assert "Traceback" not in printed


# Sent, and nobody knows.


@pytest.mark.parametrize(
    "wire",
    [
        b"",
        b"HTTP/1.1 20",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\ncut",
        b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 100\r\n\r\ncut",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\ncu",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\ncut",
        b"\x00\xff garbage \x1b]0;x\x07\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
    ],
)
async def test_a_connection_lost_or_garbage_after_it_was_sent_may_have_taken_effect(ask: Ask, wire: bytes) -> None:
    heard: list[bytes] = []
    async with serving(saying(wire, heard)) as place:
        ended, printed = await ask(RequestSpec(f"http://{place}/", "POST"))
    assert ended.exit_code == UNKNOWN
    assert printed.endswith(f"{EFFECT}\n")
    assert "Traceback" not in printed
    assert len(heard) == 1


async def test_a_reset_after_it_was_sent_may_have_taken_effect(ask: Ask) -> None:
    async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await whole(reader)
        transport = writer.transport
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        transport.abort()

    async with serving(reset) as place:
        ended, printed = await ask(RequestSpec(f"http://{place}/", "POST"))
    assert (ended.exit_code, printed) == (UNKNOWN, f"\nConnection reset by peer: {EFFECT}\n")


async def test_no_answer_in_time_may_have_taken_effect(ask: Ask) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with serving(silent) as place:
        ended, printed = await ask(RequestSpec(f"http://{place}/", "POST", timeout=1.0))
    assert (ended.exit_code, printed) == (UNKNOWN, f"\nno whole answer within 1 s: {EFFECT}\n")


@pytest.mark.parametrize(
    ("first", "drip"),
    [
        (b"", b"H"),
        (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b"."),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n.\r\n"),
        (b"HTTP/1.1 200 OK\r\n\r\n", b"."),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["status", "headers", "body", "chunks", "no-length", "continue"],
)
async def test_an_answer_that_drips_ends_at_the_deadline_of_the_whole(ask: Ask, first: bytes, drip: bytes) -> None:
    async def dripping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await whole(reader)
        writer.write(first)
        while True:
            writer.write(drip)
            await writer.drain()
            await asyncio.sleep(0.05)

    async with serving(dripping) as place:
        ended, printed = await ask(RequestSpec(f"http://{place}/", "POST", timeout=1.5))
    assert ended.exit_code == UNKNOWN
    assert printed.endswith(f"no whole answer within 1.5 s: {EFFECT}\n")
    if first.endswith(b"\r\n\r\n"):
        # What came is shown.
        assert printed.startswith("HTTP 200 OK\n.")


@pytest.mark.parametrize("length", ["Content-Length: 20000000\r\n", ""], ids=["told", "untold"])
async def test_a_huge_body_is_cut_and_said_so(ask: Ask, length: str) -> None:
    async def huge(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await whole(reader)
        writer.write(f"HTTP/1.1 200 OK\r\n{length}\r\n".encode())
        for _ in range(200):
            writer.write(b"x" * 100_000)
            await writer.drain()

    async with serving(huge) as place:
        ended, printed = await ask(RequestSpec(f"http://{place}/"))
    assert ended.exit_code == EXPECTED
    assert printed == f"HTTP 200 OK\n{'x' * CAP}\n(the first {CAP} bytes: no more was read)\n"


async def test_a_person_who_stops_it_is_told_whether_it_was_sent(
    new: New, launcher: Launcher, end: End, until: Until
) -> None:
    heard: list[bytes] = []

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await whole(reader))
        await reader.read()

    async with serving(silent) as place:
        attempt = new()
        attempt.create(command(RequestSpec(f"http://{place}/", "POST"), interpreter()))
        await launcher.launch(attempt, {})
        await until(lambda: heard)
        status.cancel(attempt)
        ended = await end(attempt)
    assert isinstance(ended, Finished)
    assert (ended.result.ended_by, ended.result.exit_code) == ("person", UNKNOWN)
    assert spool.tail(attempt, 1000)[1].decode() == f"\nit was stopped: {EFFECT}\n"


# Secrets.


async def test_secrets_reach_the_server_and_no_list_of_processes_and_no_file(
    new: New, launcher: Launcher, end: End, until: Until
) -> None:
    heard: list[bytes] = []
    go = asyncio.Event()

    async def waiting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await whole(reader))
        await go.wait()
        writer.write(answer("200 OK"))

    async with serving(waiting) as place:
        attempt = new()
        spec = RequestSpec(
            f"http://{place}/", "POST", {"Authorization": Secret("AUTH")}, json={"key": Secret("KEY"), "env": "AUTH"}
        )
        attempt.create(command(spec, interpreter()))
        await launcher.launch(attempt, {"AUTH": "Bearer s3cr3t-value\n", "KEY": "s3cr3t-other"})
        await until(lambda: heard)
        now = status.read(attempt)
        assert isinstance(now, status.Running)
        tree = [now.pid, processes.processes()[now.pid].parent]
        assert all(b"s3cr3t" not in read(f"/proc/{pid}/cmdline") for pid in tree)
        assert b"s3cr3t" in read(f"/proc/{now.pid}/environ")
        assert all(b"s3cr3t" not in file.read_bytes() for file in attempt.path.iterdir())
        go.set()
        ended = await end(attempt)
    assert isinstance(ended, Finished)
    assert ended.result.exit_code == EXPECTED
    assert b"\r\nAuthorization: Bearer s3cr3t-value\r\n" in heard[0]
    assert json.loads(heard[0].partition(b"\r\n\r\n")[2]) == {"key": "s3cr3t-other", "env": "AUTH"}


async def test_a_secret_that_fits_no_header_is_not_printed(ask: Ask) -> None:
    async with serving(saying(answer("200 OK"))) as place:
        spec = RequestSpec(f"http://{place}/", headers={"Authorization": Secret("AUTH")})
        ended, printed = await ask(spec, {"AUTH": "s3cr3t\nvalue"})
    assert ended.exit_code == NOT_SENT
    assert "s3cr3t" not in printed
    assert "Authorization" in printed


def test_the_code_is_read_when_the_engine_starts_and_the_list_of_processes_says_what_is_asked() -> None:
    spec = command(RequestSpec("http://127.0.0.1/flags", "PUT"), sys.executable)
    assert Path(requester.__file__).read_text("utf-8") in spec.env.values()
    assert spec.argv[:4] == (sys.executable, "-I", "-S", "-c")
    assert spec.argv[-2:] == ("PUT", "http://127.0.0.1/flags")
    assert len(spec.argv[4]) < 100


@pytest.mark.parametrize(
    "wire",
    [
        answer("200 OK", b"done", "X: y"),
        b"HTTP/1.1 100 Continue\r\n\r\n" + answer("500 Internal Server Error", b"no"),
        b"HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n12\r\n123456789012345678\r\n0\r\n\r\n",
    ],
    ids=["length", "continue", "chunked"],
)
async def test_an_answer_cut_anywhere_is_never_taken_for_an_answer(wire: bytes) -> None:
    # The last chunk may lack the lines after it: nothing of the body is missing then.
    whole_from = wire.rindex(b"0\r\n\r\n") + 1 if b"chunked" in wire else len(wire)
    cuts = list(range(len(wire) + 1))
    places = iter(cuts)

    async def cutting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await whole(reader)
        writer.write(wire[: next(places)])

    async with serving(cutting) as place:
        wanted = {"url": f"http://{place}/", "method": "GET", "headers": {}, "expect": [200, 202], "timeout": 30.0}
        codes = [await asyncio.to_thread(requester.ask, wanted, Gate()) for _ in cuts]
    last = UNEXPECTED if b"500" in wire else EXPECTED
    assert codes == [UNKNOWN if cut < whole_from else last for cut in cuts]
