"""What the probes have counted, over a restart."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from cockpit.clock import SECOND
from cockpit.config.load import parse
from cockpit.config.model import Config
from cockpit.engine.board import Board
from cockpit.engine.remembering import FILE, Memory, remembered
from cockpit.incident.vocabulary import Figures, ProbeChanged, ProbeState
from cockpit.incident.watching import Watched, Watching
from cockpit.probes.machine import observe
from cockpit.probes.sample import Outcome, Sample
from cockpit.text import SafeText

NOW = 1_700_000_000 * SECOND
CONFIG = parse(
    """\
version: 1
services:
  - {name: auth, probes: [{name: login, url: "http://127.0.0.1:9/"}, {name: other, url: "http://127.0.0.1:9/"}]}
""",
    "config.yaml",
    Config,
)


def watching(state: ProbeState) -> Watching:
    """As the journal tells it."""
    return Watching({"login": Watched("login", "auth", state, NOW, NOW, "", Figures())})


def see(board: Board, second: int, outcome: Outcome) -> ProbeChanged | None:
    lane = board.lanes["login"]
    sample = Sample(NOW + second * SECOND, outcome, SafeText(f"was {outcome}"))
    lane.take(sample)
    lane.track, turned = observe(lane.track, sample, lane.target.config, "login", "auth", Figures())
    return turned


def reopened(home: Path, second: int) -> Board:
    return Board(CONFIG, watching("up"), remembered(home), NOW + second * SECOND)


async def test_two_fails_restart_one_fail_turns_down(tmp_path: Path) -> None:
    board = Board(CONFIG, watching("up"))
    assert see(board, 10, "bad") is None and see(board, 20, "bad") is None
    await Memory(tmp_path, board).write()
    board = reopened(tmp_path, 40)
    lane = board.lanes["login"]
    assert (lane.state(NOW + 40 * SECOND), lane.track.state) == ("unknown", "up"), "stale until its first sample"
    turned = see(board, 45, "bad")
    assert turned is not None and (turned.state, turned.since) == ("down", NOW + 10 * SECOND)


async def test_what_is_ten_minutes_old_is_dropped_to_the_state_alone(tmp_path: Path) -> None:
    board = Board(CONFIG, watching("up"))
    see(board, 10, "bad"), see(board, 20, "bad")
    await Memory(tmp_path, board).write()
    board = reopened(tmp_path, 20 + 601)
    assert see(board, 630, "bad") is None and board.lanes["login"].track.state == "up"


async def test_it_is_for_its_owner_alone_and_whole_or_not_there(tmp_path: Path) -> None:
    board = Board(CONFIG, watching("up"))
    memory = Memory(tmp_path, board)
    see(board, 10, "bad")
    await memory.write()
    first = (tmp_path / FILE).stat()
    assert stat.S_IMODE(first.st_mode) == 0o600
    await memory.write()
    assert (tmp_path / FILE).stat().st_ino == first.st_ino, "nothing new, nothing written"
    see(board, 20, "bad")
    await memory.write()
    assert os.listdir(tmp_path) == [FILE]
    assert remembered(tmp_path)["login"].bad.count == 2


async def test_a_disk_that_takes_nothing_is_an_alarm_and_no_fault(tmp_path: Path) -> None:
    board = Board(CONFIG, watching("up"))
    memory = Memory(tmp_path / "gone", board)
    see(board, 10, "bad")
    await memory.write()
    assert memory.alarm.startswith("what the probes have counted would not survive a restart: ")
    (tmp_path / "gone").mkdir()
    await memory.write()
    assert memory.alarm == ""


@pytest.mark.parametrize("content", [b"", b"junk", b"\x81\xa5login\xc0"])
def test_a_damaged_file_is_as_good_as_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / FILE).write_bytes(content)
    assert remembered(tmp_path) == {}
    assert remembered(tmp_path / "nowhere") == {}
