"""Who depends on whom, and what a config may not say of it."""

from __future__ import annotations

import pytest

from cockpit.config.load import parse
from cockpit.config.model import Config
from cockpit.config.problems import ConfigError

PROBE = '{{name: {name}, type: tcp, address: "127.0.0.1:1"{more}}}'


def config(*services: str) -> Config:
    return parse("version: 1\nservices:\n" + "".join(f"  - {service}\n" for service in services), "c.yaml", Config)


def service(name: str, probes: str, more: str = "") -> str:
    return f"{{name: {name}, probes: [{probes}]{more}}}"


def test_a_service_stands_for_all_its_probes() -> None:
    db = service("db", ", ".join(PROBE.format(name=name, more="") for name in ("db-port", "db-name")))
    shop = service("shop", PROBE.format(name="front", more=", depends_on: [cache]"), ", depends_on: [db]")
    cache = service("cache-host", PROBE.format(name="cache", more=""))
    assert config(db, shop, cache).parents["front"] == {"db-port", "db-name", "cache"}


@pytest.mark.parametrize(
    ("services", "words"),
    [
        (
            [service("a", PROBE.format(name="p", more=", depends_on: [q]")),
             service("b", PROBE.format(name="q", more=", depends_on: [a]"))],
            "depends_on goes in a circle: ",
        ),
        ([service("a", PROBE.format(name="p", more=", depends_on: [p]"))], "depends_on goes in a circle: p -> p"),
        (
            [service("a", PROBE.format(name="p", more=", depends_on: [nowhere]"))],
            "p depends on what is not here: nowhere",
        ),
    ],
)  # fmt: skip
def test_a_circle_and_an_unknown_name_are_refused(services: list[str], words: str) -> None:
    with pytest.raises(ConfigError) as raised:
        config(*services)
    assert words in str(raised.value)
