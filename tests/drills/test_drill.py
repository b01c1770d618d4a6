from __future__ import annotations

import fcntl
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from cockpit.clock import SECOND, moment
from cockpit.config.broadcasting import FileDestination
from cockpit.config.load import read
from cockpit.config.model import Config
from cockpit.config.probes import HttpProbeConfig
from cockpit.config.sources import FeedSource
from cockpit.drills import drill
from cockpit.drills.drill import play
from cockpit.drills.model.scenario import Scenario
from cockpit.drills.profile import prepare
from cockpit.drills.shelf import SCENARIOS
from cockpit.drills.stage import beginning
from cockpit.exits import Exit
from cockpit.platform.drillclock import ClockBroken
from cockpit.platform.places import Places


def test_the_config_written_for_a_drill_is_a_valid_one(scenario: Scenario, tmp_path: Path) -> None:
    path, _ = prepare(scenario, "http://127.0.0.1:4711", tmp_path / "drill")
    config = read(path, Config)
    probes = {probe.name: probe for service in config.services for probe in service.probes}
    assert set(probes) == {"login-synthetic", "auth-healthz", "checkout-healthz"}
    login = probes["login-synthetic"]
    assert isinstance(login, HttpProbeConfig)
    assert (login.kind, login.failures, login.successes, login.interval) == ("synthetic", 3, 2, 10.0)
    assert login.error_rate is not None and login.error_rate.path == "error_rate"
    (feed,) = config.changes
    assert isinstance(feed, FeedSource)
    assert feed.url == "http://127.0.0.1:4711/changes"
    (chat,) = config.broadcast.destinations
    assert isinstance(chat, FileDestination) and chat.path == str(tmp_path / "drill" / "chat.jsonl")
    assert config.broadcast.relief == 4 * 3600
    # Not one of those whose commands would be real.
    assert config.bundled == ("login-flag",) and not config.intake


def test_the_story_begins_two_minutes_before_the_deploy(scenario: Scenario) -> None:
    start = moment(beginning(scenario, 1_800_000_000 * SECOND))
    assert (start.hour, start.minute, start.second) == (10, 45, 0)
    assert start.date() == moment(1_800_000_000 * SECOND).date()


@pytest.mark.parametrize(
    ("name", "played", "words"),
    [("login-flag", "heroic", "choose one of: good"), ("no-such-drill", "good", "login-flag")],
)
async def test_what_does_not_exist_is_named_with_what_does(
    name: str, played: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said: list[str] = []
    assert await play(name, played, 60, Places(tmp_path / "home"), said.append) == Exit.BAD_INPUT
    assert words in capsys.readouterr().err
    assert not (tmp_path / "home").exists()


async def test_a_clock_that_is_gone_ends_it_with_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def staged(*told: object) -> None:
        raise ClockBroken("the clock is gone")

    monkeypatch.setattr(drill, "staged", staged)
    said: list[str] = []
    assert await play("login-flag", "good", 60, Places(tmp_path / "home"), said.append) == Exit.DRILL_LOST
    assert "did not come to its end: the clock is gone" in capsys.readouterr().err


def assert_no_engine(places: Places) -> None:
    """An engine holds its lock until it has ended; BlockingIOError when there still is one."""
    with open(places.lock, "ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


@pytest.fixture
def short_home() -> Iterator[Path]:
    """A directory whose name leaves room for a socket."""
    with tempfile.TemporaryDirectory(prefix="drill-") as home:
        yield Path(home) / "p"


async def test_a_play_that_is_stuck_ends_with_a_sentence_and_takes_its_engine_along(
    short_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = (SCENARIOS / "login-flag.yaml").read_text()
    source += """
  asleep:
    title: Waits for what does not come
    ending: {text: Nothing, mitigated: false}
    moves:
      - do: declare
        with: {title: Something, severity: SEV3}
      - when: {down: [checkout-healthz]}
        within: 30s
        do: note
        with: {text: It is over}
"""
    file = tmp_path / "asleep.yaml"
    file.write_text(source)
    said: list[str] = []
    places = Places(short_home)
    assert await play(str(file), "asleep", 120, places, said.append) == Exit.DRILL_LOST
    assert "for checkout-healthz down" in capsys.readouterr().err
    assert any("SEV3 Something" in line for line in said) and any("Score:" in line for line in said)
    assert json.loads((short_home / "report.json").read_text())["header"]["drill"] == "login-flag"
    assert_no_engine(places)
