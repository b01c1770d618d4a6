"""What `cockpit replay` does: on the screen, in plain lines, as a check, and as a cast."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from cockpit.engine.rows import Rows
from cockpit.engine.serving import Server
from cockpit.exits import Exit
from cockpit.journal.errors import JournalError
from cockpit.platform.hangup import on_hangup
from cockpit.platform.places import Places
from cockpit.protocol.client import Client
from cockpit.protocol.seeking import sought
from cockpit.protocol.views import Row
from cockpit.replay import comparing, saying
from cockpit.replay.cast import Shape, filmed
from cockpit.replay.drawing import Drawing
from cockpit.replay.opening import Opened, opened
from cockpit.replay.player import Player
from cockpit.replay.position import Position, beginning, to_event, wind
from cockpit.replay.room import room
from cockpit.replay.tape import Tape
from cockpit.tasks import TaskSet
from cockpit.text import Redactor
from cockpit.tui.app import CockpitApp

AT_ONCE = 1_000


async def check(places: Places, incident: str, *, as_json: bool = False) -> tuple[str, bool]:
    """Whether the incident comes to what was recorded, in words or as JSON."""
    async with opened(places, incident) as found:
        chain = await found.chain()
        finding = found.tape.finding
        told = saying.checked_as_json(found.tape.stream, finding, chain) if as_json else comparing.words(finding, chain)
        return told, comparing.sound(finding, chain)


async def show(places: Places, incident: str, at: str, profile: str, *, as_json: bool) -> tuple[str, bool]:
    """The timeline up to that place and what was so there; ValueError for a place that is none."""
    async with opened(places, incident) as found:
        tape = found.tape
        position = _place(at, tape, to_event(beginning(tape), tape.last, tape))
        panes = Drawing(tape, found.minutes, profile).panes(position)
        rows = await _rows(found, position.seq)
        chain = await found.chain()
        said, sound = comparing.words(tape.finding, chain), comparing.sound(tape.finding, chain)
        if as_json:
            return saying.as_json(panes, rows, said, sound=sound), sound
        return saying.as_text(panes, rows, said), sound


async def screen(places: Places, incident: str, at: str, speed: float, profile: str, actor: str) -> int:
    """Open it on the screen; the exit code of that."""
    async with opened(places, incident) as found:
        tape = found.tape
        start = _place(at, tape, beginning(tape, speed))
        drawing = Drawing(tape, found.minutes, profile)
        player = Player(tape, drawing, rows_of(found), start, profile=profile)
        async with playing(player, partial(_verified, found, drawing, player.wake)) as socket:
            app = CockpitApp(lambda: Client.connect(socket, actor=actor), actor=actor, read_only=True)
            on_hangup(sys.stdin.fileno(), partial(_hung_up, socket.parent))
            await app.run_async()
        return app.return_code or 0


@asynccontextmanager
async def playing(player: Player, *besides: Callable[[], Coroutine[Any, Any, None]]) -> AsyncIterator[Path]:
    """Play it to whoever connects to this socket, with this work beside it."""
    with room() as socket:
        server, tasks = Server(socket, player.show()), TaskSet()
        await server.start()
        try:
            for work in (player.run, *besides):
                tasks.spawn(work(), "replay")
            yield socket
        finally:
            await tasks.close()
            await server.close()


async def cast(
    places: Places, incident: str, at: str, speed: float, profile: str, file: Path, size: tuple[int, int], idle: float
) -> str:
    """Film it into that new file, from that place on; what it came to in words."""
    async with opened(places, incident) as found:
        start = _place(at, found.tape, beginning(found.tape, speed))
        drawing = Drawing(found.tape, found.minutes, profile)
        # Made before the filming, which takes its time.
        film = await asyncio.to_thread(file.open, "x", encoding="utf-8", newline="\n")
        try:
            with film:
                shape = Shape(*size, idle, speed)
                async for line in filmed(found.tape, drawing, rows_of(found), start, shape, profile):
                    await asyncio.to_thread(film.write, line)
        except BaseException:
            await asyncio.to_thread(file.unlink)
            raise
        return f"written to {file}"


def rows_of(found: Opened) -> Rows:
    """The rows of the timeline, read from the journal when they are asked for."""
    # What was secret was masked before it was recorded.
    return Rows(found.reader, Redactor(()))


def _place(at: str, tape: Tape, otherwise: Position) -> Position:
    return wind(otherwise, sought(at, tape.start, tape.end, tape.last), tape) if at else otherwise


async def _rows(found: Opened, seq: int) -> list[Row]:
    rows, told = rows_of(found), list[Row]()
    while page := await rows.between(found.tape.stream, len(told) + 1, min(seq, len(told) + AT_ONCE), False):
        told += page
    return told


async def _verified(found: Opened, drawing: Drawing, wake: Callable[[], None]) -> None:
    """Look whether the record is whole, while it plays already."""
    finding = found.tape.finding
    if finding.divergence is not None:
        drawing.warning = finding.divergence.words
        wake()
    try:
        chain = await found.chain()
    except JournalError as error:
        drawing.doubt = error.message
        wake()
        return
    if not chain.ok:
        drawing.warning = f"the record was altered: event {chain.broken}: {chain.why}"
        wake()


def _hung_up(home: Path) -> None:
    """End at once: a loop that is stuck in writing to the dead terminal would never tidy up."""
    shutil.rmtree(home, ignore_errors=True)
    os._exit(Exit.HUNG_UP)
