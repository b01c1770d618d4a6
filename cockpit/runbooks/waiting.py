"""When a wait is over, and when it has to begin again."""

from __future__ import annotations

from collections.abc import Mapping

from cockpit.clock import SECOND
from cockpit.incident.run import Run
from cockpit.incident.runs import WaitFinished, WaitStarted
from cockpit.incident.vocabulary import ProbeState
from cockpit.runbooks.plan import PlannedStep


def wait_over(
    planned: PlannedStep, run: Run, states: Mapping[str, ProbeState], now: int
) -> WaitStarted | WaitFinished | None:
    """What follows for a step that waits; `states` are those of the probes, `now` is in microseconds.

    It starts over when a watched probe is not up, and once more when all are up again; each is said once.
    """
    step = run.step(planned.outline.id)
    if planned.wait is None or step.status != "waiting":
        return None
    until = now + int(planned.wait.duration * SECOND)
    amiss = [f"{name} {states.get(name, 'unknown').upper()}" for name in planned.wait.watch if states.get(name) != "up"]
    if amiss:
        why = f"started over: {', '.join(amiss)}"
        return None if step.words == why else WaitStarted(run=run.id, step=step.outline.id, until=until, why=why)
    if step.words.startswith("started over: "):
        return WaitStarted(run=run.id, step=step.outline.id, until=until, why="counting again: all up")
    if now < step.until:
        return None
    return WaitFinished(run=run.id, step=step.outline.id, watched=planned.wait.watch)
