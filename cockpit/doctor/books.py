"""The runbooks: whether each can be used, and whether it may run as it is."""

from __future__ import annotations

from collections.abc import AsyncIterator

from cockpit.doctor.finding import Finding, finding
from cockpit.doctor.scene import Scene
from cockpit.runbooks.trust import trusted

THEME = "runbooks"


async def check(scene: Scene) -> AsyncIterator[Finding]:
    """Everything wrong with each runbook; one that nobody has trusted as it is now is a warning."""
    good = 0
    for entry in scene.runbooks:
        name = entry.runbook.id if entry.runbook is not None else entry.path
        for problem in entry.problems:
            where = f"line {problem.line}: " if problem.line else ""
            said = f"{where}{problem.field}: {problem.message}" if problem.field else f"{where}{problem.message}"
            mend = problem.mend or f"`cockpit runbook lint {entry.path}`"
            yield finding(THEME, name, "bad" if problem.severity == "error" else "warn", said, mend)
        if entry.runbook is not None and not trusted(scene.places.trust, entry):
            words = "is not trusted as it is now: starting it will ask you to read it first"
            yield finding(THEME, name, "warn", words, "read it and trust it while it is quiet")
        elif entry.runbook is not None and not entry.problems:
            good += 1
    if good:
        yield finding(THEME, "", "ok", f"{good} can be started")
    if not any(not entry.bundled for entry in scene.runbooks):
        yield finding(THEME, "", "warn", "none of your own", "write one, and name its directory in runbooks")
