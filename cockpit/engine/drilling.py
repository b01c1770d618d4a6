"""Commands of a drill: nothing but what the drill itself has put there is ever started."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cockpit.engine.running import Launch
from cockpit.execution.attempt import AttemptDir
from cockpit.execution.launch import LaunchFailed
from cockpit.platform.drill import STEERING


def only_of_the_drill(launch: Launch, commands: Path) -> Launch:
    """Starts what is in that directory, wherever the PATH of whoever confirms leads; LaunchFailed for all else.

    A second terminal has a PATH of its own, on which the name of a drill's command may be a real program.
    """

    async def start(attempt: AttemptDir, env: Mapping[str, str]) -> None:
        spec = attempt.spec()
        program = spec.argv[0]
        if "/" in program or not (commands / program).is_file():
            raise LaunchFailed(f"{program} is no command of this drill, and in a drill nothing else is run")
        # A runbook may have been changed since the drill began, and these stand above the environment.
        if steering := next(filter(STEERING.fullmatch, spec.env), ""):
            raise LaunchFailed(f"{steering} is not set for a command of a drill: it might run something else")
        given = {name: value for name, value in env.items() if not STEERING.fullmatch(name)}
        await launch(attempt, {**given, "PATH": str(commands)})

    return start
