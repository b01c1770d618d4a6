"""How an HTTP probe gets there: instances, names, trust, deadlines of single phases, and what it tells of it."""

from __future__ import annotations

import socket
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import trustme

from cockpit.clock import SECOND
from cockpit.probes.asking import Route, asking
from cockpit.probes.conditions import Answer
from cockpit.probes.failures import ProbeFailure
from cockpit.probes.judging import retry_after
from cockpit.probes.resolver import Address, Resolver
from cockpit.probes.transport import ProbeTransport
from tests.probes.answers import answer, silence, tls_server

if TYPE_CHECKING:
    from tests.probes.conftest import MakeProbe, Serve

NOW = 1_700_000_000 * SECOND
"""14 November 2023, 22:13:20 UTC."""


@pytest.mark.parametrize(
    ("instance", "host", "port"),
    [
        ("", "shop.test", 8443),
        ("10.0.0.7", "10.0.0.7", 8443),
        ("10.0.0.7:81", "10.0.0.7", 81),
        ("pod-3.shop", "pod-3.shop", 8443),
        ("[::1]", "::1", 8443),
        ("[::1]:81", "::1", 81),
    ],
)
def test_an_instance_is_connected_to_under_the_urls_name(instance: str, host: str, port: int) -> None:
    ask = asking("https://shop.test:8443/a?b", "GET", {}, b"", Route(instance=instance))
    assert (ask.host, ask.port, ask.server_name) == (host, port, "shop.test")
    assert dict(ask.event.headers)[b"host"] == b"shop.test:8443" and ask.event.target == b"/a?b"


@pytest.mark.parametrize("url", ["http://:80/", "http://shop.test:0/", "http://shop.test:70000/", "http://a b\x00/"])
def test_a_url_that_cannot_be_asked(url: str) -> None:
    with pytest.raises(ProbeFailure, match="the url cannot be read"):
        asking(url, "GET", {})


async def test_a_pinned_instance_is_verified_by_the_urls_name(
    serve: Serve, make_probe: MakeProbe, authority: trustme.CA
) -> None:
    port = await serve(answer(), tls_server(authority, "shop.test"))
    sample = await make_probe(f"https://shop.test:{port}/", instance="127.0.0.1").sample()
    assert (sample.outcome, sample.address) == ("good", "127.0.0.1"), sample.words
    other = await make_probe("https://other.test/", instance=f"127.0.0.1:{port}").sample()
    assert other.failure == "tls" and "hostname mismatch" in other.words
    named = make_probe("https://other.test/", instance=f"127.0.0.1:{port}", tls={"server_name": "shop.test"})
    assert (await named.sample()).outcome == "good"


async def test_a_ca_file_is_trusted_instead_of_the_system(serve: Serve, make_probe: MakeProbe, tmp_path: Path) -> None:
    own = trustme.CA()
    own.cert_pem.write_to_path(str(tmp_path / "own.pem"))
    (tmp_path / "empty.pem").write_text("nothing")
    port = await serve(answer(), tls_server(own, "127.0.0.1"))
    url = f"https://127.0.0.1:{port}/"
    assert (await make_probe(url).sample()).failure == "tls"
    assert (await make_probe(url, tls={"ca_file": "own.pem"}).sample()).outcome == "good"
    for name, words in (("gone.pem", "no such file or directory"), ("empty.pem", "there is no certificate in it")):
        sample = await make_probe(url, tls={"ca_file": name}).sample()
        assert sample.outcome == "indeterminate"
        assert sample.words == f"not asked: the ca_file {name} cannot be used: {words}"


async def test_the_certificate_is_shown_and_its_days_are_judged(
    serve: Serve, make_probe: MakeProbe, authority: trustme.CA
) -> None:
    port = await serve(answer(), tls_server(authority, "127.0.0.1"))
    url = f"https://127.0.0.1:{port}/"
    sample = await make_probe(url, conditions=({"certificate_days_above": 1.0},)).sample()
    assert sample.outcome == "good" and sample.certificate is not None
    assert sample.certificate.names == ("127.0.0.1",) and sample.certificate.days_left(sample.at) > 1
    assert ("tls", "TLSv1.3") in sample.facts and ("protocol", "HTTP/1.1") in sample.facts
    soon = await make_probe(url, conditions=({"certificate_days_above": 1e6},)).sample()
    assert soon.outcome == "bad" and "the certificate is good for" in soon.words


async def test_each_phase_has_a_deadline_of_its_own(serve: Serve, make_probe: MakeProbe) -> None:
    quiet = f"127.0.0.1:{await serve(silence)}"
    first = await make_probe(f"http://{quiet}", timeouts={"first_byte": "50ms"}).sample()
    assert first.failure == "read_timeout" and "read timeout after 50 ms" in first.words
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        url = f"https://127.0.0.1:{mute.getsockname()[1]}"
        shaken = await make_probe(url, timeouts={"tls": "50ms"}).sample()
    assert shaken.failure == "tls" and "no handshake within 50 ms" in shaken.words


async def test_a_name_and_a_connection_have_deadlines_too(make_probe: MakeProbe) -> None:
    release = threading.Event()

    def look(host: str, port: int) -> tuple[Address, ...]:
        release.wait()
        return ()

    transport = ProbeTransport(resolver=Resolver(look))
    sample = await make_probe("http://slow.test/", over=transport, timeouts={"dns": "50ms"}).sample()
    assert (sample.outcome, sample.failure) == ("indeterminate", "local")
    assert sample.words == "the resolver gave no answer within 50 ms"
    release.set()
    await transport.aclose()
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(8)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        url = f"http://127.0.0.1:{full.getsockname()[1]}"
        sample = await make_probe(url, timeouts={"connect": "50ms"}).sample()
        for one in waiting:
            one.close()
    assert sample.failure == "connect_timeout" and "none within 50 ms" in sample.words


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("", None), ("30", 30.0), ("0", 0.0), ("99999999", 3600.0), ("9" * 5000, 3600.0), ("-1", None), ("soon", None),
        ("1.5", None), ("Tue, 14 Nov 2023 22:14:20 GMT", 60.0), ("Tue, 14 Nov 2023 22:00:00 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 3600.0), ("Tue, 99 Nov 2023 22:14:20 GMT", None),
        ("\u0663", None),
    ],
)  # fmt: skip
def test_how_long_to_stay_away(header: str, seconds: float | None) -> None:
    assert retry_after(Answer(503, 1.0, headers={"retry-after": header}), NOW) == seconds


async def test_a_health_document_decides_and_names_who_fails(serve: Serve, make_probe: MakeProbe) -> None:
    body = b'{"status": "DOWN", "components": {"db": {"status": "DOWN"}, "ping": {"status": "UP"}}}'
    kind = "Content-Type: application/json\r\n"
    url = f"http://127.0.0.1:{await serve(answer(body, headers=kind))}"
    sample = await make_probe(url).sample()
    assert sample.outcome == "bad" and sample.words.endswith(" from 127.0.0.1: DOWN: db DOWN")
    assert {("component db", "DOWN"), ("component ping", "UP")} <= set(sample.facts)
    assert (await make_probe(url, health_format="none").sample()).outcome == "good"
    assert (await make_probe(url, conditions=({"json": "status", "equals": "DOWN"},)).sample()).outcome == "good"
    assert (await make_probe(url, health_format="kubernetes").sample()).outcome == "bad"
    long = f"http://127.0.0.1:{await serve(answer(body + b' ' * 70_000, headers=kind))}"
    assert (await make_probe(long).sample()).outcome == "good"
    assert "too long for a health document" in (await make_probe(long, health_format="spring").sample()).words

    gone = answer(body, "503 Service Unavailable", kind + "Retry-After: 7\r\n")
    sample = await make_probe(f"http://127.0.0.1:{await serve(gone)}").sample()
    assert sample.retry_after == 7.0
    assert sample.words.endswith("shedding load, asks to come back after 7, DOWN: db DOWN")

    warning = await serve(answer(b'{"status": "warn"}', headers=kind))
    sample = await make_probe(f"http://127.0.0.1:{warning}").sample()
    assert sample.outcome == "slow" and sample.words.endswith("its status is warn")


async def test_a_health_document_says_nothing_where_other_codes_are_expected(
    serve: Serve, make_probe: MakeProbe
) -> None:
    url = f"http://127.0.0.1:{await serve(answer(b'{}', '404 Not Found'))}"
    assert (await make_probe(url, valid_status_codes=(404,)).sample()).outcome == "good"
    assert (await make_probe(url, valid_status_codes=("2xx", 301)).sample()).words.endswith("nothing at this path")


async def test_facts_are_kept_once_for_all_samples(serve: Serve, make_probe: MakeProbe) -> None:
    probe = make_probe(f"http://127.0.0.1:{await serve(answer())}")
    first, second = await probe.sample(), await probe.sample()
    assert first.facts and first.facts is second.facts
