"""The engine of a drill starts the drill's own commands and nothing else, whoever confirms."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from cockpit.engine.drilling import only_of_the_drill
from cockpit.execution.attempt import AttemptDir, CommandSpec
from cockpit.execution.launch import LaunchFailed


async def _started(
    tmp_path: Path, *argv: str, env: dict[str, str] | None = None, own: Mapping[str, str] | None = None
) -> Mapping[str, str]:
    """With what environment the command was started by somebody with a PATH of their own."""
    commands = tmp_path / "bin"
    commands.mkdir()
    (commands / "kubectl").write_text("#!/bin/sh\n")
    attempt = AttemptDir(tmp_path / "attempts/a-1", "a-1")
    attempt.create(CommandSpec(argv, 60.0, env=env or {}), kept=4096)
    seen: list[Mapping[str, str]] = []

    async def launch(attempt: AttemptDir, env: Mapping[str, str]) -> None:
        seen.append(env)

    await only_of_the_drill(launch, commands)(
        attempt, {"PATH": "/usr/local/bin:/usr/bin", "HOME": "/home/ana", **(own or {})}
    )
    return seen[0]


async def test_a_command_of_the_drill_is_found_there_and_nowhere_else(tmp_path: Path) -> None:
    env = await _started(tmp_path, "kubectl", "rollout", "undo")
    assert env == {"PATH": str(tmp_path / "bin"), "HOME": "/home/ana"}


@pytest.mark.parametrize("program", ["true", "bash", "/bin/true", "../bin/kubectl", "."])
async def test_anything_else_is_not_started(program: str, tmp_path: Path) -> None:
    with pytest.raises(LaunchFailed, match="no command of this drill"):
        await _started(tmp_path, program, "x")


@pytest.mark.parametrize("name", ["PATH", "LD_PRELOAD", "SHELLOPTS", "PS4", "BASH_ENV", "COCKPIT_DRILL_URL"])
async def test_nothing_is_started_with_what_would_make_it_another_command(name: str, tmp_path: Path) -> None:
    """A runbook that was changed after the drill began is not looked through again before it is run."""
    with pytest.raises(LaunchFailed, match=f"{name} is not set for a command of a drill"):
        await _started(tmp_path, "kubectl", env={name: "x"})


async def test_what_the_person_has_of_it_is_left_out(tmp_path: Path) -> None:
    env = await _started(tmp_path, "kubectl", env={"REGION": "eu"}, own={"SHELLOPTS": "xtrace", "PS4": "$(touch x)"})
    assert env == {"PATH": str(tmp_path / "bin"), "HOME": "/home/ana"}
