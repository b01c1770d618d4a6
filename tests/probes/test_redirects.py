"""Redirects: where a probe goes, where it refuses to, and what it never takes along."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING

import pytest
import trustme

from cockpit.probes.asking import Ask, Route, asking
from cockpit.probes.redirects import MOST, Refused, followed

if TYPE_CHECKING:
    from tests.probes.conftest import MakeProbe, Serve

SECRETS = {
    "Authorization": "a", "X-Api-Key": "b", "Cookie": "c", "Content-Type": "text/plain", "Accept": "text/html",
    "User-Agent": "me", "Accept-Language": "de",
}  # fmt: skip


def request(method: str = "GET", body: bytes = b"", url: str = "https://shop.test/a", **route: str) -> Ask:
    return asking(url, method, SECRETS, body, Route(instance=route.get("instance", ""), keep="api"))


def turned(ask: Ask, status: int, location: str, *seen: str) -> Ask:
    found = followed(ask, status, location, (str(ask.url), *seen))
    assert found is not None
    return found


def test_the_same_origin_gets_everything_again() -> None:
    found = turned(request(body=b"query", instance="10.0.0.7"), 307, "/b#part")
    assert str(found.url) == "https://shop.test/b" and found.body == b"query" and found.host == "10.0.0.7"
    assert found.headers == {name.lower(): value for name, value in SECRETS.items()}
    assert found.route.keep == ""


@pytest.mark.parametrize("place", ["https://shop.test:8443/b", "https://other.test/b", "//other.test/b"])
def test_another_origin_gets_neither_headers_nor_body(place: str) -> None:
    found = turned(request(body=b"query", instance="10.0.0.7"), 302, place)
    assert found.headers == {"accept": "text/html", "user-agent": "me", "accept-language": "de"}
    sent = dict(found.event.headers)
    assert not {b"authorization", b"x-api-key", b"cookie", b"content-type", b"content-length"} & sent.keys()
    assert found.body == b"" and found.host in {"shop.test", "other.test"}


def test_what_logs_in_stays_with_its_origin() -> None:
    ask = request(url="https://me:secret@shop.test/a")
    assert dict(ask.event.headers)[b"authorization"] == b"a", "the config's own goes first"
    ask = asking("https://me:secret@shop.test/a", "GET", {})
    assert b"authorization" in dict(turned(ask, 302, "/b").event.headers)
    assert b"authorization" not in dict(turned(ask, 302, "https://other.test/").event.headers)
    with pytest.raises(Refused) as refused:
        followed(ask, 302, "http://shop.test/", (str(ask.url),))
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("method", "status", "then"),
    [
        ("GET", 301, "GET"), ("GET", 308, "GET"), ("HEAD", 303, "HEAD"), ("HEAD", 307, "HEAD"),
        ("POST", 301, "GET"), ("POST", 302, "GET"), ("POST", 303, "GET"), ("PUT", 303, "GET"),
        ("POST", 307, ""), ("POST", 308, ""), ("OPTIONS", 301, ""),
    ],
)  # fmt: skip
def test_methods_are_those_a_browser_would_use(method: str, status: int, then: str) -> None:
    ask = request(method, b"x" if method in {"POST", "PUT"} else b"")
    if not then:
        with pytest.raises(Refused, match=f"a redirect of a {method} to"):
            turned(ask, status, "/b")
        return
    found = turned(ask, status, "/b")
    assert (found.method, found.body) == (then, b"")


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("http://shop.test/b", "a redirect from https to http://shop.test/b, not followed"),
        ("ftp://shop.test/b", "which is not HTTP"),
        ("javascript:alert(1)", "which is not HTTP"),
        ("https://[zz]/", "cannot be read"),
        ("https://shop.test:99999999/", "the url cannot be read"),
        ("https://shop.test/a", "a redirect loop: https://shop.test/a -> https://shop.test/a"),
        ("https://shop.test/a#again", "a redirect loop"),
    ],
)
def test_what_is_refused(location: str, words: str) -> None:
    with pytest.raises(Refused) as refused:
        turned(request(), 302, location)
    assert words in str(refused.value)


def test_it_ends_after_so_many() -> None:
    before = tuple(f"https://shop.test/{number}" for number in range(MOST - 1))
    assert turned(request(), 302, "/z", *before)
    with pytest.raises(Refused, match=f"more than {MOST} redirects, the last to https://shop.test/z"):
        turned(request(), 302, "/z", *before, "https://shop.test/y")


def test_other_answers_are_no_redirects() -> None:
    assert followed(request(), 200, "/b", ()) is None
    assert followed(request(), 304, "/b", ()) is None
    assert followed(request(), 302, "", ()) is None


async def pointing(places: dict[str, str], heads: list[bytes], context: ssl.SSLContext | None = None) -> asyncio.Server:
    """A server that redirects by path, answers well elsewhere, and notes every head it reads."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heads.append(head := await reader.readuntil(b"\r\n\r\n"))
        place = places.get(head.split()[1].decode(), "")
        status = f"302 Found\r\nLocation: {place}" if place else "200 OK"
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())
        await writer.drain()
        writer.close()

    return await asyncio.start_server(handle, "127.0.0.1", 0, ssl=context)


def port_of(server: asyncio.Server) -> int:
    port: int = server.sockets[0].getsockname()[1]
    return port


async def test_every_hop_is_told_and_no_secret_crosses(make_probe: MakeProbe) -> None:
    heads, elsewhere = list[bytes](), list[bytes]()
    async with await pointing({}, elsewhere) as other:
        places = {"/": "/login", "/login": f"http://127.0.0.1:{port_of(other)}/done"}
        async with await pointing(places, heads) as server:
            sample = await make_probe(
                f"http://127.0.0.1:{port_of(server)}/",
                env={"KEY": "hunter22"},
                headers={"X-Api-Key": {"env": "KEY"}},
                follow_redirects=True,
            ).sample()
    assert sample.outcome == "good" and sample.words.endswith("from 127.0.0.1 after 2 redirects")
    assert len([label for label, _ in sample.facts if label == "redirect"]) == 2
    assert len(heads) == 2 and all(b"hunter22" in head for head in heads)
    assert len(elsewhere) == 1 and b"hunter22" not in elsewhere[0] and b"/done" in elsewhere[0]


async def test_a_loop_is_bad_and_named(make_probe: MakeProbe) -> None:
    async with await pointing({"/a": "/b", "/b": "/a"}, []) as server:
        url = f"http://127.0.0.1:{port_of(server)}"
        probe = make_probe(f"{url}/a", follow_redirects=True, valid_status_codes=("2xx", "3xx"))
        sample = await probe.sample()
    assert sample.outcome == "bad"
    assert f"a redirect loop: {url}/a -> {url}/b -> {url}/a" in sample.words


async def test_https_never_leads_to_http(make_probe: MakeProbe, authority: trustme.CA) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    heads = list[bytes]()
    async with await pointing({}, heads) as plain:
        async with await pointing({"/": f"http://127.0.0.1:{port_of(plain)}/"}, [], context) as secure:
            sample = await make_probe(f"https://127.0.0.1:{port_of(secure)}/", follow_redirects=True).sample()
    assert sample.outcome == "bad" and "a redirect from https to" in sample.words and heads == []


async def test_a_login_page_with_200_is_caught_by_a_condition(serve: Serve, make_probe: MakeProbe) -> None:
    async def page(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 20\r\n\r\n<html>log in</html> ")
        await writer.drain()

    port = await serve(page)
    sample = await make_probe(f"http://127.0.0.1:{port}", conditions=({"json": "status", "equals": "UP"},)).sample()
    assert sample.outcome == "bad" and sample.words.endswith("the body is not JSON but a page")
