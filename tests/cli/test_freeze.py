"""The freeze from the command line, and the pipelines that ask."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cockpit.exits import Exit
from cockpit.freeze.document import Document
from cockpit.freeze.signing import encoded
from cockpit.moments import SECOND
from tests.cli.conftest import CONFIG, Shell

KEY = "0123456789abcdef0123"


@pytest.fixture
def document(tmp_path: Path) -> Path:
    """A signed document that freezes ci."""
    now = time.time_ns() // 1000
    frozen = Document("prod", "frozen", ("ci",), "db", "ada", 0, now, now, now + 600 * SECOND)
    path = tmp_path / "freeze.json"
    path.write_bytes(encoded(frozen, KEY))
    return path


def check(home: Path, *words: str, key: str | None = KEY) -> subprocess.CompletedProcess[str]:
    """As in a pipeline: an empty home, and nobody has ever heard of an engine."""
    env = {"PATH": os.environ["PATH"], "HOME": str(home)} | ({"COCKPIT_FREEZE_KEY": key} if key else {})
    done = subprocess.run(
        [sys.executable, "-m", "cockpit", "freeze", "check", *words], cwd=Path(__file__).parents[2], env=env,
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    return done


def test_a_pipeline_learns_the_answer_from_the_code_alone(tmp_path: Path, document: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    asked = check(home, "--from", str(document), "--scope", "ci")
    assert (asked.returncode, asked.stdout.splitlines()[0]) == (2, "frozen: ci until lifted: db")
    assert check(home, "--from", str(document), "--scope", "flags").returncode == 0
    assert check(home, "--from", str(document), key=None).returncode == 3
    assert check(home, "--from", str(home / "none"), "--unknown", "open").returncode == 0
    told = check(home, "--from", str(home / "none"), "--unknown", "frozen", "--json")
    assert told.returncode == 2 and json.loads(told.stdout)["assumed"]
    assert list(home.iterdir()) == []


@pytest.mark.parametrize("words", [(), ("--from", "x", "--scoop", "ci"), ("--from", "x", "--unknown", "closed")])
def test_a_mistyped_question_does_not_look_like_an_answer(tmp_path: Path, words: tuple[str, ...]) -> None:
    assert check(tmp_path, *words).returncode == 3


def test_a_mistyped_question_says_what_is_missing(tmp_path: Path) -> None:
    assert "Missing option '--from'" in check(tmp_path).stderr


def test_the_code_tells_the_answer_when_there_is_nowhere_to_write_it(tmp_path: Path, document: Path) -> None:
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "COCKPIT_FREEZE_KEY": KEY}
    for closed in (">&-", ">&- 2>&-", ">/dev/full"):
        asked = f'exec "$0" -m cockpit freeze check --from "$1" {closed}'
        done = subprocess.run(
            ["sh", "-c", asked, sys.executable, str(document)], cwd=Path(__file__).parents[2], env=env,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30,
        )  # fmt: skip
        assert (done.returncode, done.stderr) == (2, ""), closed


def test_a_reader_who_left_does_not_open_the_gate(tmp_path: Path, document: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "COCKPIT_FREEZE_KEY": KEY}
    argv = [sys.executable, "-m", "cockpit", "freeze", "check", "--from", str(document)]
    with os.fdopen(writing, "wb") as pipe:
        assert subprocess.run(argv, cwd=Path(__file__).parents[2], env=env, stdout=pipe, timeout=30).returncode == 2


def test_a_freeze_is_set_let_through_shown_and_lifted(shell: Shell) -> None:
    shell.write(CONFIG)
    done = shell.run("freeze", "on", "--scope", "ci,terrafrom", "--reason", "db", "--until", "2h")
    assert done.returncode == Exit.OK, done.stderr
    assert "terrafrom is none of the scopes in the config" in done.stderr
    assert "in 2 h 00 m" in done.stderr
    assert shell.run("freeze", "override", "deploy 2", "--reason", "fix").returncode == Exit.OK
    status = shell.run("freeze", "status").stdout
    assert "frozen: ci, terrafrom, until" in status and "let through: deploy 2: fix" in status
    view = json.loads(shell.run("freeze", "status", "--json").stdout)
    assert view["frozen"] and view["by"] == "ada" and view["until"] > view["now"]
    assert shell.run("freeze", "off").returncode == Exit.OK
    assert "nothing is frozen" in shell.run("freeze", "status").stdout
    assert shell.run("freeze", "off").returncode == Exit.REFUSED
    late = shell.run("freeze", "on", "--scope", "ci", "--reason", "x", "--until", "2020-01-01T00:00:00Z")
    assert late.returncode == Exit.USAGE and "has passed already" in late.stderr
