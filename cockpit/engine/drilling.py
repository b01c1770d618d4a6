"""Commands of a drill: nothing but what the drill itself has put there is ever started."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cockpit.engine.running import Launch
from cockpit.execution.attempt import AttemptDir
from cockpit.execution.launch import LaunchFailed


def only_of_the_drill(launch: Launch, commands: Path) -> Launch:
    """Starts what is in that directory, wherever the PATH of whoever confirms leads; LaunchFailed for all else.

    A second terminal has a PATH of its own, on which the name of a drill's command may be a real program.
    """

    async def start(attempt: AttemptDir, env: Mapping[str, str]) -> None:
        program = attempt.spec().argv[0]
        if "/" in program or not (commands / program).is_file():
            raise LaunchFailed(f"{program} is no command of this drill, and in a drill nothing else is run")
        await launch(attempt, {**env, "PATH": str(commands)})

    return start
