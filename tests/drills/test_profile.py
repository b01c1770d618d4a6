"""What a drill writes into its profile."""

from __future__ import annotations

import subprocess
from pathlib import Path

from cockpit.config.load import read
from cockpit.config.model import Config
from cockpit.drills import tools
from cockpit.drills.model.plays import Move
from cockpit.drills.profile import prepare
from cockpit.drills.shelf import load


def test_a_command_finds_its_simulator_whatever_it_is_told(tmp_path: Path) -> None:
    """A recorded runbook does not ask for the drill's variable, and must not lead its commands elsewhere."""
    _, commands = prepare(load("login-flag"), "http://127.0.0.1:1", tmp_path)
    for env in ({}, {"COCKPIT_DRILL_URL": "http://prod.invalid:80"}):
        done = subprocess.run(
            [commands / "configctl", "revert", "4711"], env=env, capture_output=True, text=True, check=False
        )  # fmt: skip
        assert done.returncode == tools.UNAVAILABLE
        assert "the simulator does not answer: Connection refused" in done.stderr


def test_a_runbook_that_only_a_play_starts_is_the_one_beside_the_scenario_also_where_its_own_is_bundled(
    tmp_path: Path,
) -> None:
    """It is the one that was looked through for what would be real."""
    scenario, beside = load("login-flag"), tmp_path / "runbooks"
    play = scenario.plays["good"]
    other = Move.model_validate({"do": "start_run", "with": {"runbook": "helm-rollback"}})
    play = play.model_copy(update={"moves": (*play.moves, other)})
    beside.mkdir()
    (beside / "helm-rollback.yaml").write_text("version: 1\n")
    config, _ = prepare(
        scenario.model_copy(update={"plays": {"good": play}}), "http://127.0.0.1:1", tmp_path / "drill", beside=beside
    )
    assert [str(each) for each in read(config, Config).runbooks] == [str(beside / "helm-rollback.yaml")]
