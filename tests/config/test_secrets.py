"""Secrets by the names of variables."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cockpit.config.fields import EnvReference, FileReference
from cockpit.config.load import parse
from cockpit.config.model import Config
from cockpit.config.problems import ConfigError
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


SLACK = """\
version: 1
broadcast:
  destinations:
    - {kind: slack, channel: C0INCIDENT, token: {file: slack.token}}
"""


def test_a_secret_may_be_in_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    token = tmp_path / "slack.token"
    token.write_text("xoxb-correct-horse\n")
    token.chmod(0o600)
    secrets = resolve(parse(SLACK, "c", Config), {}, str(tmp_path / "config.yaml"))
    assert (secrets.problems, secrets.reveal(FileReference(file="slack.token"))) == ((), "xoxb-correct-horse")
    assert "horse" not in repr(secrets)
    token.chmod(0o400)
    assert not resolve(parse(SLACK, "c", Config), {}, str(tmp_path / "config.yaml")).problems


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o644])
def test_a_secret_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    token = tmp_path / "slack.token"
    token.write_text("xoxb-correct-horse")
    token.chmod(mode)
    secrets = resolve(parse(SLACK, "c", Config), {}, str(tmp_path / "config.yaml"))
    (problem,) = secrets.problems
    assert not secrets.values and problem.severity == "error" and f"mode {mode:o}" in problem.message
    assert f"chmod 600 {token}" in problem.mend and "horse" not in str(problem)
    with pytest.raises(KeyError):
        secrets.reveal(FileReference(file="slack.token"))


@pytest.mark.parametrize("content", [b"", b" \n", b"\xff\xfe", b"x" * 70_000, None])
def test_a_file_without_a_secret_is_named(tmp_path: Path, content: bytes | None) -> None:
    token = tmp_path / "slack.token"
    if content is not None:
        token.touch(0o600)
        token.write_bytes(content)
    secrets = resolve(parse(SLACK, "c", Config), {}, str(tmp_path / "config.yaml"))
    (problem,) = secrets.problems
    assert not secrets.values and "slack.token" in problem.message and problem.mend


def test_a_pipe_is_no_secret_and_holds_nobody_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "slack.token", 0o600)
    (problem,) = resolve(parse(SLACK, "c", Config), {}, str(tmp_path / "config.yaml")).problems
    assert "not a regular file" in problem.message


def test_a_secret_in_the_config_itself_is_refused_and_not_repeated() -> None:
    for written in ("xoxb-correct-horse", "{token: xoxb-correct-horse}", "{env: A, file: b}"):
        with pytest.raises(ConfigError) as wrong:
            parse(SLACK.replace("{file: slack.token}", written), "c", Config)
        assert "horse" not in str(wrong.value)
