"""How long `cockpit report` takes for an incident of 100,000 events, in each form, from its start to its end."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import product
from pathlib import Path

from cockpit.clock import SECOND, SystemClock
from cockpit.incident.attendance import RoleTaken
from cockpit.incident.broadcasts import UpdateDelivered, UpdatePosted
from cockpit.incident.event import Body, Draft
from cockpit.incident.runs import AttemptFinished, AttemptIntended, AttemptStarted, RunStarted, StepOutline
from cockpit.incident.vocabulary import ChangeSeen, Figures, IncidentDeclared, NoteAdded, ProbeChanged, ProbeState
from cockpit.journal.store import Journal

EVENTS = 100_000
PROFILE = "bench"
LIMIT = 5.0
"""Seconds that it may take."""
BATCH = 2_000
T0 = 1_800_000_000 * SECOND
STEP = 36 * SECOND // 100
"""Microseconds from one event to the next: ten hours in all."""
PROBES = 60
BATCHES = 500
"""Commands in all: people confirm each."""


def main() -> None:
    """Measure each form: written anew, and written again over what people may have written there."""
    asyncio.run(_measure())


async def _measure() -> None:
    with tempfile.TemporaryDirectory() as directory:
        home = Path(directory)
        (home / PROFILE).mkdir()
        journal = await Journal.open(home / PROFILE / "journal.sqlite", clock=SystemClock(), host="bench")
        stream = await journal.reserve("INC")
        drafts = list(_drafts())
        for start in range(0, len(drafts), BATCH):
            await journal.append(stream, drafts[start : start + BATCH])
        await journal.close()
        for suffix, how in product(("json", "md", "html"), ("anew", "again")):
            target = home / suffix / f"report.{suffix}"
            target.parent.mkdir(exist_ok=True)
            wall, own = _command(home, stream, target)
            size = target.stat().st_size / 1e6
            said = f"{len(drafts):,} events in {wall:.2f} s ({own:.2f} s of one core), {size:.1f} MB"
            verdict = "" if wall <= LIMIT else f"  OVER {LIMIT:g} s"
            print(f"  {suffix:<5} {how:<6} {said}{verdict}", flush=True)


def _command(home: Path, stream: str, target: Path) -> tuple[float, float]:
    """The whole command, as people give it, from its start to its end: seconds on the clock, and of the processor."""
    command: list[str | Path] = [Path(sys.executable).with_name("cockpit"), "--profile", PROFILE, "report", stream]
    before, began = os.times(), time.perf_counter()
    subprocess.run(
        [*command, "-o", target], env=os.environ | {"COCKPIT_HOME": str(home)}, cwd=home, check=True,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    wall, after = time.perf_counter() - began, os.times()
    used = after.children_user - before.children_user + after.children_system - before.children_system
    return wall, used


def _drafts() -> Iterator[Draft]:
    bodies = _bodies()
    for number in range(EVENTS):
        yield Draft(body=next(bodies), actor=f"dev-{number % 7}", occurred_at=T0 + number * STEP)


def _bodies() -> Iterator[Body]:
    """A very long night: probes that flap, steps in batches, updates, changes and what people say."""
    yield IncidentDeclared(title="A very long night", severity="SEV1", began=T0, impact="half of it")
    yield RoleTaken(person="dev-1", role="incident_commander")
    outline = StepOutline(id="batch", title="Reconcile", kind="repeat", effect="write")
    yield RunStarted(run="r", runbook="b", title="B", digest="", source="", path="", steps=(outline,))
    number = 0
    while True:
        number += 1
        state: ProbeState = "down" if number // PROBES % 2 else "up"
        yield ProbeChanged(
            probe=f"api@10.0.0.{number % PROBES}", service="api", state=state, previous="up", since=0,
            verdict="3/3 HTTP 500 in 12 ms", figures=Figures(error_rate=number % 100 / 100, samples=12),
        )  # fmt: skip
        if number <= BATCHES:
            attempt, command = f"a{number}", f"reconcile --from {number}"
            yield AttemptIntended(run="r", step="batch", attempt=attempt, command=command, digest="d")
            yield AttemptStarted(run="r", step="batch", attempt=attempt, pid=number)
            yield AttemptFinished(run="r", step="batch", attempt=attempt, ok=True, exit_code=0, seconds=1.0)
        yield NoteAdded(text=f"looked at shard {number}: | nothing *strange* there, see http://logs.example/{number}")
        update = f"u{number}"
        due = T0 + number * STEP * 9 + 20 * SECOND
        yield UpdatePosted(update=update, reason="update", headline=f"{number} shards done", next_due=due)
        yield UpdateDelivered(update=update, destination="chat")
        yield ChangeSeen(change=f"c{number}", source="ci", what=f"deploy {number}", service="api")
        yield NoteAdded(text="still at it")
