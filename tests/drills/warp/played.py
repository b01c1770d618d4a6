"""One play of a scenario from its beginning to its end, and all that is known of it then."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from cockpit.drills.closing import DEBRIEF, close
from cockpit.drills.debrief import Debrief
from cockpit.drills.drill import perform_on
from cockpit.drills.harder import Modifier
from cockpit.drills.hidden import Hidden
from cockpit.incident.event import Event
from cockpit.incident.vocabulary import IncidentResolved
from cockpit.journal.reader import open_reader
from cockpit.protocol.client import Client
from cockpit.protocol.messages import Rows
from cockpit.protocol.views import Row
from cockpit.review.reading import every, latest
from cockpit.tasks import TaskSet
from tests.drills.warp.loop import warped
from tests.drills.warp.stage import WarpStage, staged

LONGEST = 600.0
"""Seconds of the loop's time for one play: ten hours of the drill."""


@dataclass(frozen=True)
class Played:
    """What came of a play; `events` are those of its incident, `letters` what the channel was told.

    `hidden` is the world at the end, `at_resolved` the world when it was called resolved the last time.
    """

    t0: int
    hidden: Hidden
    at_resolved: Hidden | None
    events: Sequence[Event]
    debrief: Debrief | None
    letters: str
    said: str


def played(name: str, play: str, modifiers: Sequence[Modifier] = (), home: Path | None = None) -> Played:
    """A play of the scenario of that name, or in that file, on a clock that jumps; DrillFailed when it is stuck."""
    with _somewhere(home) as place:
        return warped(_played(name, play, modifiers, place), LONGEST)


def unattended(name: str, home: Path | None = None) -> Played:
    """The scenario's whole time with nobody at the cockpit."""
    with _somewhere(home) as place:
        return warped(_watched(name, place), LONGEST)


@contextmanager
def _somewhere(home: Path | None) -> Iterator[Path]:
    """A directory with a name short enough for a socket, in memory where there is such a place: that has no syncing."""
    if home is not None:
        yield home
        return
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(prefix="warp-", dir=memory if memory.is_dir() else None) as directory:
        yield Path(directory) / "p"


async def _played(name: str, play: str, modifiers: Sequence[Modifier], home: Path) -> Played:
    said: list[str] = []
    resolved: list[Hidden] = []
    async with staged(name, home, modifiers) as stage:
        client = await Client.connect(
            stage.places.socket, actor="witness", panes=False, after=0, data=True, read_only=True
        )
        tasks = TaskSet()
        try:
            tasks.spawn(_witness(client, stage, resolved), "witness")
            await perform_on(stage, stage.scenario.plays[play], said.append, stage.commands.type_by_hand)
        finally:
            await tasks.close()
            await client.close()
        return await _seen(stage, said, resolved)


async def _witness(client: Client, stage: WarpStage, resolved: list[Hidden]) -> None:
    """Look behind the scene at the moment that somebody calls it resolved."""
    async for told in client.messages():
        if isinstance(told, Rows) and any(_kind(row) == IncidentResolved.kind for row in told.rows):
            resolved.append(await stage.hidden())


def _kind(row: Row) -> str:
    return str(msgspec.json.decode(row.data)["kind"])


async def _watched(name: str, home: Path) -> Played:
    async with staged(name, home) as stage:
        await stage.clock.sleep(stage.scenario.lead + stage.scenario.lasts)
        return await _seen(stage, [], [])


async def _seen(stage: WarpStage, said: list[str], resolved: list[Hidden]) -> Played:
    hidden = await stage.hidden()
    await close(stage, said.append)
    home = stage.places.home
    kept = home / DEBRIEF
    chat = home / "drill/chat.jsonl"
    return Played(
        t0=stage.t0,
        hidden=hidden,
        at_resolved=resolved[-1] if resolved else None,
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
