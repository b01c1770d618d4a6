"""The config file: whether there is one, whether it can be used, and what is doubtful in it."""

from __future__ import annotations

from collections.abc import AsyncIterator

from cockpit.config.checking import doubts
from cockpit.doctor.finding import Finding, finding
from cockpit.doctor.scene import Scene
from cockpit.platform.places import no_config
from cockpit.probes.targets import targets

THEME = "config"


async def check(scene: Scene) -> AsyncIterator[Finding]:
    """Every problem with its line, or that there is none."""
    if scene.path is None:
        first, _, mend = no_config().partition("\n")
        yield finding(THEME, "", "bad", first, mend)
        return
    if scene.error is not None:
        for problem in scene.error.problems:
            where = f"{problem.path}:{problem.line}:{problem.column}" if problem.line else problem.path
            said = f"{problem.field}: {problem.message}" if problem.field else problem.message
            yield finding(THEME, where, "bad", said, problem.mend or "mend the line, then `cockpit config check`")
        return
    lanes = len(targets(scene.config.services))
    if not lanes:
        yield finding(THEME, str(scene.path), "warn", "watches nothing: it has no probe", "add services with probes")
    else:
        yield finding(
            THEME, str(scene.path), "ok", f"can be used: {len(scene.config.services)} services, {lanes} lanes"
        )
    for problem in doubts(scene.config, scene.path):
        where = f"{problem.path}:{problem.line}:{problem.column}" if problem.line else problem.field
        yield finding(THEME, where, "warn", problem.message, problem.mend)
