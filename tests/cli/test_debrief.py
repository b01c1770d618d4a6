"""What is talked about after a drill can be read again, as text and as data."""

from __future__ import annotations

import json
import os
from pathlib import Path

import msgspec
import pytest

from cockpit.drills.closing import DEBRIEF
from cockpit.drills.debrief import Debrief
from cockpit.drills.shelf import load
from cockpit.exits import Exit
from tests.cli.conftest import Shell
from tests.drills.test_debrief import DECLARED, act, document


def keep(shell: Shell, profile: str, written: float) -> Debrief:
    made = document([*DECLARED, *act(9, "one", "a")], load("login-flag"))
    file = shell.home / profile / DEBRIEF
    file.parent.mkdir(parents=True)
    file.write_bytes(msgspec.json.encode(made))
    os.utime(file, (written, written))
    return made


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path, tmp_path / "state")


def test_the_latest_drill_is_shown_unless_one_is_named(shell: Shell) -> None:
    keep(shell, "drill-1", 1_000_000_000)
    made = keep(shell, "drill-2", 1_000_000_060)
    listed = shell.run("drill", "debrief", "--list").stdout.splitlines()
    assert [line.split()[0] for line in listed] == ["drill-2", "drill-1"]
    text = shell.run("drill", "debrief").stdout
    assert "Score: Auth API" in text and "An exit code is taken for an effect" in text
    data = json.loads(shell.run("drill", "debrief", "drill-1", "--json").stdout)
    assert msgspec.convert(data, Debrief) == made


@pytest.mark.parametrize("profile", ["drill-9", "../drill-1", "drill-1/.."])
def test_what_is_not_there_is_said_in_words(shell: Shell, profile: str) -> None:
    keep(shell, "drill-1", 1_000_000_000)
    done = shell.run("drill", "debrief", profile)
    assert done.returncode in {Exit.BAD_INPUT, Exit.USAGE} and done.stderr and not done.stdout


def test_before_the_first_drill_there_is_none(shell: Shell) -> None:
    assert "no drill has been played" in shell.run("drill", "debrief").stderr
    (shell.home / "drill-1").mkdir(parents=True)
    (shell.home / "drill-1" / DEBRIEF).write_text("{}")
    done = shell.run("drill", "debrief")
    assert done.returncode == Exit.BAD_INPUT and "is no debrief of this version" in done.stderr
