"""One play of a scenario from its beginning to its end, and all that is known of it then."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import msgspec

from cockpit.drills.closing import DEBRIEF, close
from cockpit.drills.debrief import Debrief
from cockpit.drills.drill import perform_on
from cockpit.drills.model import Scenario
from cockpit.drills.world import Hidden
from cockpit.incident.event import Event
from cockpit.journal.reader import open_reader
from cockpit.review.writing import every, latest
from tests.drills.warp.loop import warped
from tests.drills.warp.stage import SPEED, WarpStage, staged

MARGIN = 60.0
"""Minutes of the drill that a play may last longer than its scenario does."""


@dataclass(frozen=True)
class Played:
    """What came of a play; `events` are those of its incident, `letters` what the channel was told."""

    t0: int
    hidden: Hidden
    events: Sequence[Event]
    debrief: Debrief | None
    letters: str
    said: str


def played(scenario: Scenario, play: str, home: Path | None = None) -> Played:
    """The play on a clock that jumps; DrillFailed when it is stuck."""
    with ExitStack() as stack:
        # A short name leaves room for a socket, and memory needs no syncing.
        home = home or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="warp-", dir=_memory()))) / "p"
        return warped(_played(scenario, play, home), _longest(scenario))


def unattended(scenario: Scenario, home: Path | None = None) -> Played:
    """The scenario's whole time with nobody at the cockpit."""
    with ExitStack() as stack:
        home = home or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="warp-", dir=_memory()))) / "p"
        return warped(_watched(scenario, home), _longest(scenario))


def _memory() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


def _longest(scenario: Scenario) -> float:
    return (scenario.lead + scenario.lasts + MARGIN * 60) / SPEED


async def _played(scenario: Scenario, play: str, home: Path) -> Played:
    said: list[str] = []
    async with staged(scenario, home) as stage:
        await perform_on(stage, scenario.plays[play], said.append, stage.commands.type_by_hand)
        return await _seen(stage, said)


async def _watched(scenario: Scenario, home: Path) -> Played:
    async with staged(scenario, home) as stage:
        await stage.clock.sleep(scenario.lead + scenario.lasts)
        return await _seen(stage, [])


async def _seen(stage: WarpStage, said: list[str]) -> Played:
    hidden = await stage.hidden()
    await close(stage, said.append)
    home = stage.places.home
    kept = home / DEBRIEF
    chat = home / "drill/chat.jsonl"
    return Played(
        t0=stage.t0,
        hidden=hidden,
        events=await _events(stage),
        debrief=msgspec.json.decode(kept.read_bytes(), type=Debrief) if kept.exists() else None,
        letters=chat.read_text("utf-8") if chat.exists() else "",
        said="\n".join(said),
    )


async def _events(stage: WarpStage) -> Sequence[Event]:
    reader = await open_reader(stage.places.journal)
    try:
        return await every(reader, await latest(reader))
    finally:
        await reader.close()
