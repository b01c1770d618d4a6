"""From files to models, or to everything wrong with them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cockpit.config.load import parse, read, schema
from cockpit.config.model import Config
from cockpit.config.probes import HttpProbeConfig
from cockpit.config.problems import ConfigError
from cockpit.runbooks.model.runbook import Runbook

ROOT = Path(__file__).parents[2]

BROKEN = """\
version: 1
services:
  - name: Auth Service
    probes:
      - name: login
        intervall: 3s
        interval: 10
        headers: {a: {evn: X}, b: 5}
        valid_status_codes: ["200"]
        conditions: [{json: a}, {jsn: a, equals: 1}]
  - 7
broadcast:
  destinations: [{kind: smoke, path: no}]
"""


def problems_of(text: str) -> list[str]:
    with pytest.raises(ConfigError) as raised:
        parse(text, "config.yaml", Config)
    return str(raised.value).splitlines()


def test_every_mistake_of_a_file_is_told_at_once_with_its_place() -> None:
    assert problems_of(BROKEN) == [
        "config.yaml:3:11: services.0.name: must be lower-case letters, digits, `.`, `_` and `-`, at most 63",
        "config.yaml:5:9: services.0.probes.0.url: is missing",
        "config.yaml:6:9: services.0.probes.0.intervall: unknown key; did you mean interval?",
        "config.yaml:7:19: services.0.probes.0.interval: a duration needs its unit, as in 250ms, 90s, 3m or 1h30m",
        "config.yaml:8:22: services.0.probes.0.headers.a.env: is missing",
        "config.yaml:8:23: services.0.probes.0.headers.a.evn: unknown key; did you mean env?",
        "config.yaml:8:35: services.0.probes.0.headers.b: must be text, not a number (quote it), "
        "or must be a mapping (lines of `key: value`), not a number",
        "config.yaml:9:30: services.0.probes.0.valid_status_codes.0: must be a whole number, not text, "
        "or must be a class such as 2xx",
        "config.yaml:10:22: services.0.probes.0.conditions.0: "
        "needs exactly one of equals, one_of, matches, below, above, exists",
        "config.yaml:10:33: services.0.probes.0.conditions.1: a condition begins with one of json, header, "
        "body_contains, body_lacks, body_matches, response_time_below, certificate_days_above",
        "config.yaml:11:5: services.1: must be a mapping (lines of `key: value`), not a number",
        "config.yaml:13:18: broadcast.destinations.0: kind must be one of file, slack, slack_webhook, webhook, "
        "mattermost, zulip, discord",
        "config.yaml:13:38: broadcast.destinations.0.path: no is a truth value to some readers and a word to others; "
        "quote it",
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "config.yaml: the file is empty"),
        ("# nothing\n", "config.yaml: the file is empty"),
        ("7", "config.yaml:1:1: must be a mapping (lines of `key: value`), not a number"),
        ("version: 2", "config.yaml:1:10: version: must be 1"),
        ("services: []", "config.yaml:1:1: version: is missing"),
        ("version: 1\nservices: {}", "config.yaml:2:11: services: must be a list (lines that begin with `- `), "
         "not a mapping"),
        ("version: 1\nservices:", "config.yaml:2:10: services: must be a list (lines that begin with `- `), "
         "not nothing"),
        ("version: 1\nxyz: 1", "config.yaml:2:1: xyz: unknown key; "
         "known here: broadcast, bundled, changes, freeze, gates, intake, runbooks, self_check, services, telemetry, "
         "version"),
        ("version: 1\nservices: [{name: a}, {name: a}]", "config.yaml:1:1: a service's name must be its own: a"),
        ("version: 1\nbroadcast: {cadence: {SEV1: 0s}}", "config.yaml:2:29: broadcast.cadence.SEV1: "
         "must be more than 0"),
    ],
)  # fmt: skip
def test_plain_words_for(text: str, line: str) -> None:
    assert problems_of(text) == [line]


def test_a_value_is_never_repeated_in_a_model_error() -> None:
    assert "hunter2" not in "\n".join(problems_of("version: hunter2\nservices: hunter2"))


def test_the_example_is_valid_and_complete() -> None:
    config = read(ROOT / "config.example.yaml", Config)
    said: set[str] = set()
    for service in config.services:
        for probe in service.probes:
            if isinstance(probe, HttpProbeConfig):
                said |= probe.model_fields_set
    assert said == set(HttpProbeConfig.model_fields)
    assert config.model_fields_set == set(Config.model_fields)


def test_files_that_cannot_be_read_are_explained(tmp_path: Path) -> None:
    def why(path: Path) -> str:
        with pytest.raises(ConfigError) as raised:
            read(path, Config)
        return str(raised.value).removeprefix(str(path))

    latin = tmp_path / "latin.yaml"
    latin.write_bytes(b"version: 1\n# na\xefve\n")
    os.mkfifo(tmp_path / "pipe.yaml")
    huge = tmp_path / "huge.yaml"
    huge.write_bytes(b"#" * 300_000)
    assert why(tmp_path / "none.yaml") == ": there is no such file"
    assert why(tmp_path) == ": is a directory; name the file in it"
    assert why(latin) == ":2:5: is not UTF-8; save it as UTF-8"
    assert why(tmp_path / "pipe.yaml") == ": is not a regular file"
    assert why(huge) == ": is larger than 256 KB; split it"
    assert why(latin / "below") == ": cannot be read: Not a directory"


def test_a_schema_names_the_keys_people_write() -> None:
    assert "json" in schema(Config)["$defs"]["JsonCondition"]["properties"]
    assert "for" in schema(Config)["$defs"]["PrometheusConfig"]["properties"]


def test_a_list_is_not_called_too_short_for_what_is_wrong_with_its_items() -> None:
    text = "version: 1\nid: a\ntitle: A\nsteps:\n  - {id: one, title: One, manual: look, efect: read}\n"
    with pytest.raises(ConfigError) as caught:
        parse(text, "a.yaml", Runbook)
    assert [str(problem) for problem in caught.value.problems] == [
        "a.yaml:5:41: steps.0.efect: unknown key; did you mean effect?"
    ]
