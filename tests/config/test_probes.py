"""Probes that can never be asked, or never tell, are refused where they are written."""

from __future__ import annotations

import pytest

from cockpit.config.load import parse
from cockpit.config.model import Config
from cockpit.config.problems import ConfigError
from cockpit.probes.targets import targets


@pytest.mark.parametrize(
    "probe, why",
    [
        ('url: "http://x/", instances: [10.0.0.1, 10.0.0.1]', "each may be there once: 10.0.0.1"),
        ('url: "http://x/", instances: ["10.0.0.1:99999"]', "there is no port 99999"),
        ('url: "http://x/", instances: {a: "10.0.0.1:99999"}', "there is no port 99999"),
        ('type: tcp, address: "x:0"', "there is no port 0"),
        ('type: tcp, address: "x:70000"', "there is no port 70000"),
        ('type: tcp, address: "x:1", instances: [10.0.0.1], ip_protocol: each', "either instances or ip_protocol"),
        ('type: tls, address: "x:1", warn_days: 1, crit_days: 10', "warn_days must not be below crit_days"),
    ],
)
def test_what_can_never_work_is_refused(probe: str, why: str) -> None:
    with pytest.raises(ConfigError, match=why):
        parse(f"version: 1\nservices: [{{name: s, probes: [{{name: a, {probe}}}]}}]", "c.yaml", Config)


@pytest.mark.parametrize("instance", ["[::1]", "[2001:db8::1]:8080", "10.0.0.1", "host:65535"])
def test_an_instance_is_a_host_with_or_without_a_port(instance: str) -> None:
    text = f'version: 1\nservices: [{{name: s, probes: [{{name: a, url: "http://x/", instances: ["{instance}"]}}]}}]'
    assert parse(text, "c.yaml", Config).services[0].probes[0].name == "a"


def test_an_instance_with_a_name_is_shown_by_it_and_asked_at_its_address() -> None:
    text = (
        'version: 1\nservices: [{name: s, probes: [{name: p, url: "http://x/", instances: {a: "10.0.0.1:81", b: h}}]}]'
    )
    lanes = targets(parse(text, "c.yaml", Config).services)
    assert [(lane.name, lane.instance, lane.address) for lane in lanes] == [
        ("p@a", "a", "10.0.0.1:81"), ("p@b", "b", "h"),
    ]  # fmt: skip
