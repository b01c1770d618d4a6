"""Secrets by the names of variables."""

from __future__ import annotations

from cockpit.config.fields import EnvReference
from cockpit.config.load import parse
from cockpit.config.model import Config
from cockpit.config.secrets import resolve
from cockpit.text import MASK, Redactor

TEXT = """\
version: 1
services:
  - name: a
    probes:
      - name: p
        url: http://127.0.0.1/
        headers: {x-one: {env: ONE}, x-two: {env: TWO}, x-three: {env: THREE}, accept: text/plain}
"""


def test_values_are_found_and_what_is_unset_is_named() -> None:
    config = parse(TEXT, "config.yaml", Config)
    secrets = resolve(config, {"ONE": "correct horse", "TWO": "", "OTHER": "x"}, "config.yaml")
    assert secrets.values == {"ONE": "correct horse"}
    assert [str(problem) for problem in secrets.problems] == [
        "config.yaml: services.0.probes.0.headers.x-two: "
        "the environment variable TWO is not set; export TWO, then `cockpit restart`",
        "config.yaml: services.0.probes.0.headers.x-three: "
        "the environment variable THREE is not set; export THREE, then `cockpit restart`",
    ]
    assert secrets.reveal(EnvReference(env="ONE")) == "correct horse"
    assert secrets.reveal("plain") == "plain"


def test_what_surrounds_a_secret_is_none_of_it_and_a_blank_one_is_unset() -> None:
    secrets = resolve(parse(TEXT, "c", Config), {"ONE": "correct horse\n", "TWO": " \n", "THREE": "staple"}, "c")
    assert secrets.values == {"ONE": "correct horse", "THREE": "staple"}
    assert "TWO is not set" in str(secrets.problems[0])


def test_values_can_be_redacted_and_are_in_no_representation() -> None:
    secrets = resolve(parse(TEXT, "c", Config), {"ONE": "correct horse", "TWO": "battery", "THREE": "staple"}, "c")
    assert not secrets.problems
    assert "horse" not in repr(secrets)
    assert Redactor(secrets.values.values())("sent correct horse") == f"sent {MASK}"


def test_a_secret_too_short_to_redact_is_a_warning() -> None:
    secrets = resolve(parse(TEXT, "c", Config), {"ONE": "abc", "TWO": "battery", "THREE": "staple"}, "c")
    assert [problem.severity for problem in secrets.problems] == ["warning"]
    assert secrets.values["ONE"] == "abc"
