"""A certificate is shown with its dates and names, whatever is wrong with it."""

from __future__ import annotations

import asyncio
import socket
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from cockpit.probes.sample import Sample
from cockpit.probes.transport import ProbeTransport
from tests.probes.kinds import listening, look, open_files, says_nothing, told, tools, until_open


def context(authority: trustme.CA, *names: str, days: float = 365, began: float = 400) -> ssl.SSLContext:
    """What a server needs to show a certificate for these names, good for so many days from now."""
    now = datetime.now(UTC)
    leaf = authority.issue_cert(
        *names, not_before=now - timedelta(days=began), not_after=now + timedelta(days=days, minutes=1)
    )
    served = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(served)
    return served


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path) -> Path:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    return tmp_path


async def shown(transport: ProbeTransport, base: Path, served: ssl.SSLContext, **fields: object) -> Sample:
    tls = {"ca_file": "ca.pem", "server_name": "shop.test"}
    async with listening(says_nothing, served) as port:
        return await look(tools(transport, base), type="tls", address=f"127.0.0.1:{port}", tls=tls, **fields)


async def test_a_good_certificate_tells_its_days_names_and_chain(
    transport: ProbeTransport, trusted: Path, authority: trustme.CA
) -> None:
    between = authority.create_child_ca()
    found = await shown(transport, trusted, context(between, "shop.test", "www.shop.test", days=68))
    assert (found.outcome, found.failure) == ("good", None)
    assert found.certificate is not None
    until = (datetime.now(UTC) + timedelta(days=68, minutes=1)).date()
    assert found.words.startswith(f"certificate of shop.test: 68 days left (until {until}), issued by ")
    facts = told(found)
    assert facts["names"] == "shop.test, www.shop.test"
    assert " < " in facts["chain"] and len(found.certificate.chain) == 2
    assert facts["TLS"].startswith("TLSv1.3 ")
    assert found.phases.tls is not None and found.address == "127.0.0.1"


@pytest.mark.parametrize(
    ("days", "outcome", "said"),
    [(20, "slow", "20 days left"), (2.5, "bad", "2 days left"), (0.5, "bad", "12 hours left")],
)
async def test_days_are_judged_by_two_limits(
    days: float, outcome: str, said: str, transport: ProbeTransport, trusted: Path, authority: trustme.CA
) -> None:
    found = await shown(transport, trusted, context(authority, "shop.test", days=days))
    assert (found.outcome, found.failure) == (outcome, None)
    assert said in found.words


async def test_an_expired_certificate_still_shows_its_dates_names_and_chain(
    transport: ProbeTransport, trusted: Path, authority: trustme.CA
) -> None:
    between = authority.create_child_ca()
    found = await shown(transport, trusted, context(between, "shop.test", days=-5))
    assert (found.outcome, found.failure) == ("bad", "tls")
    assert found.words.startswith("certificate of shop.test: expired 4 days ago (")
    assert found.certificate is not None and found.certificate.names == ("shop.test",)
    assert found.certificate.days_left(found.at) < -4 and len(found.certificate.chain) == 2
    assert told(found)["until"].startswith(str((datetime.now(UTC) - timedelta(days=5)).year))


async def test_a_wrong_name_says_which_names_it_is_for(
    transport: ProbeTransport, trusted: Path, authority: trustme.CA
) -> None:
    found = await shown(transport, trusted, context(authority, "other.test", days=50))
    assert found.outcome == "bad"
    assert "not for shop.test but for other.test; 50 days left" in found.words


async def test_a_wrong_name_that_expired_too_says_both(
    transport: ProbeTransport, trusted: Path, authority: trustme.CA
) -> None:
    found = await shown(transport, trusted, context(authority, "other.test", days=-3))
    assert "not for shop.test but for other.test; expired" in found.words


async def test_an_unknown_authority_is_told_with_the_dates(transport: ProbeTransport, trusted: Path) -> None:
    found = await shown(transport, trusted, context(trustme.CA(), "shop.test", days=50))
    assert (found.outcome, found.failure) == ("bad", "tls")
    assert "from an authority that is not trusted here; 50 days left" in found.words


async def test_one_from_tomorrow_is_not_good_yet(
    transport: ProbeTransport, trusted: Path, authority: trustme.CA
) -> None:
    found = await shown(transport, trusted, context(authority, "shop.test", began=-1))
    assert found.outcome == "bad" and "not good before " in found.words


async def test_the_systems_authorities_decide_without_a_file(transport: ProbeTransport, authority: trustme.CA) -> None:
    async with listening(says_nothing, context(authority, "127.0.0.1")) as port:
        found = await look(tools(transport), type="tls", address=f"127.0.0.1:{port}")
    assert "certificate of 127.0.0.1: from an authority that is not trusted here" in found.words


async def test_without_the_file_of_authorities_nothing_is_asked(transport: ProbeTransport, tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("")
    for name, why in (("none.pem", "no such file"), ("empty.pem", "there is no certificate in it")):
        found = await look(tools(transport, tmp_path), type="tls", address="127.0.0.1:9", tls={"ca_file": name})
        assert found.outcome == "indeterminate"
        assert name in found.words and why in found.words


async def test_a_port_without_tls_is_a_failed_handshake(transport: ProbeTransport) -> None:
    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail ready\r\n")
        await reader.read()

    async def gone(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(10)

    for handler, said in ((plain, "TLS: wrong version number; connected in "), (gone, "hung up during the handshake")):
        async with listening(handler) as port:
            found = await look(tools(transport), type="tls", address=f"127.0.0.1:{port}")
        assert (found.outcome, found.failure) == ("bad", "tls")
        assert said in found.words


async def test_a_silent_handshake_ends_at_its_deadline(transport: ProbeTransport) -> None:
    async with listening(says_nothing) as port:
        before = len(open_files())
        address = f"127.0.0.1:{port}"
        short = await look(tools(transport), type="tls", address=address, timeouts={"tls": "50ms"})
        total = await look(tools(transport), type="tls", address=address, timeout="100ms")
        assert short.failure == total.failure == "tls"
        assert "no handshake within 0.1 s" in total.words
        await until_open(before)


async def test_a_refused_connection_says_so(transport: ProbeTransport) -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        found = await look(tools(transport), type="tls", address=f"127.0.0.1:{bound.getsockname()[1]}")
    assert found.failure == "refused"
