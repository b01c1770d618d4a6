"""What a drill writes into its profile."""

from __future__ import annotations

import subprocess
from pathlib import Path

from cockpit.drills import tools
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
