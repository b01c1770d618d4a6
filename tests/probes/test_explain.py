"""One look, told phase by phase."""

from __future__ import annotations

import json

from cockpit.clock import SECOND
from cockpit.probes.explain import as_json, explain
from cockpit.probes.phases import Phases
from cockpit.probes.sample import Certificate, Sample
from cockpit.text import SafeText
from tests.probes.kinds import lanes

AT = 1_764_000_000 * SECOND
(HTTPS,) = lanes(url="https://shop.test/healthz")
(TCP,) = lanes(type="tcp", address="db.test:5432", send="PING", expect="PONG")


def test_every_phase_has_its_time_and_the_longest_the_longest_bar() -> None:
    sample = Sample(
        AT, "good", SafeText("HTTP 200 in 41 ms from 10.0.0.7"), latency_ms=41.0, status=200, address="10.0.0.7",
        phases=Phases(dns=0.4, connect=4.0, tls=12.0, first_byte=24.0, transfer=0.6),
        facts=((SafeText("redirects"), SafeText("none")),),
    )  # fmt: skip
    lines = explain(HTTPS, sample, AT + 3 * SECOND).splitlines()
    assert lines[:2] == ["probed  (shop): GOOD", "  HTTP 200 in 41 ms from 10.0.0.7"]
    bars = {line.split()[0]: line.count("#") for line in lines if "#" in line}
    assert bars == {"dns": 1, "connect": 5, "tls": 15, "first": 30, "transfer": 1}
    text = "\n".join(lines)
    for words in ("GET https://shop.test/healthz", ", 3 s ago", "41 ms", "10.0.0.7", "200", "redirects     none"):
        assert words in text


def test_a_look_that_was_cut_off_says_where_it_ended() -> None:
    sample = Sample(
        AT, "bad", SafeText("no handshake"), failure="tls", phases=Phases(dns=0.4, connect=4.0), address="10.0.0.7"
    )
    lines = [line.split() for line in explain(HTTPS, sample, AT).splitlines()]
    assert ["tls", "-", "ended", "here:", "tls"] in lines
    assert not [line for line in lines if line[:1] == ["first"]]
    silent = Sample(AT, "bad", SafeText("silence"), failure="read_timeout", phases=Phases(dns=0.1, connect=1.0))
    assert "first byte           -  ended here: read_timeout" in explain(TCP, silent, AT)
    assert "ended here" not in explain(TCP, Sample(AT, "bad", SafeText("x"), phases=Phases(connect=1.0)), AT)


def test_what_an_expired_certificate_says_is_told() -> None:
    certificate = Certificate("shop.test", "R11", ("shop.test",), AT - SECOND, AT - SECOND)
    sample = Sample(AT, "bad", SafeText("TLS"), certificate=certificate)
    text = explain(HTTPS, sample, AT)
    assert "shop.test, for shop.test" in text and ", expired" in text and "R11" in text


def test_as_data_every_age_is_there_and_it_is_json() -> None:
    certificate = Certificate("shop.test", "R11", ("shop.test",), AT, AT + 86_400 * SECOND)
    sample = Sample(
        AT, "bad", SafeText("x"), data_at=AT - 5 * SECOND, error_rate=0.3, requests=10, certificate=certificate,
        facts=((SafeText("a"), SafeText("b")),),
    )  # fmt: skip
    data = json.loads(json.dumps(as_json(TCP, sample, AT + 2 * SECOND)))
    assert (data["age"], data["data_age"], data["type"], data["outcome"]) == (2.0, 7.0, "tcp", "bad")
    assert data["asked"] == "tcp db.test:5432, sends 'PING', expects 'PONG'"
    assert data["certificate"]["days_left"] == 1.0 and data["certificate"]["not_before"].endswith("Z")
    assert data["facts"] == [{"label": "a", "text": "b"}]
