"""A replay as an asciicast of version 2: the real screen, with the steps and the changes of state as markers."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field

import msgspec
from rich.console import Console
from textual.pilot import Pilot

from cockpit.clock import SECOND
from cockpit.engine.rows import Rows
from cockpit.protocol import messages
from cockpit.protocol.client import Told
from cockpit.protocol.commands import AnyCommand
from cockpit.protocol.messages import Answer, Fetch, FetchRows, Shutdown, Welcome, Wind
from cockpit.protocol.older import REPLAY
from cockpit.replay.drawing import Drawing, mark
from cockpit.replay.position import Position, to_event
from cockpit.replay.tape import Tape
from cockpit.text import SafeText
from cockpit.tui.app import CockpitApp

GAP = 0.25
"""Seconds of the cast between two pictures at least: what happens in between is in the later one."""
LAST = 2.0
"""Seconds that the last picture stays."""


class Shape(msgspec.Struct, frozen=True):
    """Columns and rows of the screen, the longest pause in seconds, and how many times as fast as it was."""

    width: int
    height: int
    idle: float
    speed: float


class Shot(msgspec.Struct, frozen=True):
    """A picture at that second of the cast, after event `seq`; `marks` are the events to mark there."""

    at: float
    seq: int
    marks: tuple[int, ...] = ()


def shots(tape: Tape, start: Position, shape: Shape) -> Iterator[Shot]:
    """Which pictures to take, in order. Pure."""
    marked = {*tape.steps, *tape.changes}
    second, taken = 0.0, 0.0
    moment = start.at
    waiting: list[int] = []
    yield Shot(0.0, start.seq, tuple(each for each in (start.seq,) if each in marked))
    for seq in range(start.seq + 1, tape.last + 1):
        step = min((tape.moments[seq - 1] - moment) / SECOND / shape.speed, shape.idle)
        if waiting and second + step - taken > GAP:
            # What happened since the last picture is shown before the pause, not after it.
            taken = max(second, taken + GAP)
            yield Shot(taken, waiting[-1], tuple(each for each in waiting if each in marked))
            waiting = []
        second, moment = max(second + step, taken), tape.moments[seq - 1]
        waiting.append(seq)
    if waiting:
        yield Shot(max(second, taken + GAP), waiting[-1], tuple(each for each in waiting if each in marked))


async def filmed(
    tape: Tape, drawing: Drawing, rows: Rows, start: Position, shape: Shape, profile: str
) -> AsyncIterator[str]:
    """The lines of the cast, each with its newline: the header, then pictures and marks by their second."""
    incident = drawing.state(start).lifecycle
    title = f"{tape.stream} {incident.title}".strip()
    header = {
        "version": 2, "width": shape.width, "height": shape.height, "timestamp": tape.start // SECOND,
        "title": str(SafeText(title, 200).line), "env": {"TERM": "xterm-256color", "SHELL": "/bin/sh"},
    }  # fmt: skip
    yield _line(header)
    client = _Projector(_welcome(tape, start, profile), tape, rows)
    # Its clock stands: each picture is of the moment that it is told.
    app = CockpitApp(client.connect, actor="replay", read_only=True, monotonic=lambda: 0.0)
    screen = _Picture()
    async with app.run_test(size=(shape.width, shape.height), notifications=False) as pilot:
        at = 0.0
        for shot in shots(tape, start, shape):
            at = shot.at
            playing = shot.seq < tape.last
            there = msgspec.structs.replace(to_event(start, shot.seq, tape), playing=playing, speed=shape.speed)
            client.tell(*drawing.panes(there))
            await _settled(app, pilot, client, shot.seq)
            for seq in shot.marks:
                yield _line((round(at, 3), "m", str(mark(tape.events[seq - 1]))))
            if changed := screen.changed(app):
                yield _line((round(at, 3), "o", changed))
        # A prompt that comes after it stands at the foot of the picture.
        yield _line((round(at + LAST, 3), "o", f"\x1b[{shape.height};1H\x1b[?25h"))


def _line(told: object) -> str:
    return json.dumps(told, ensure_ascii=False) + "\n"


def _welcome(tape: Tape, start: Position, profile: str) -> Welcome:
    return Welcome(messages.VERSION, "", 0, profile, "", tape.stream, tape.last, start.at, 0.0, replay=True)


async def _settled(app: CockpitApp, pilot: Pilot[None], client: _Projector, seq: int) -> None:
    """Until the screen shows that event with every row that is in sight."""
    while app.frame.header.head != seq or app.frame.replay is None or app.frame.replay.seq != seq:
        await pilot.pause()
    app.board.paint()
    await pilot.pause()
    while client.asked:
        await pilot.pause()
    app.board.paint()
    await pilot.pause()


@dataclass
class _Projector:
    """The other end of the terminal that is filmed: no socket in between, so that every picture is on time."""

    welcome: Welcome
    tape: Tape
    rows: Rows
    asked: int = 0
    told: asyncio.Queue[Told | None] = field(default_factory=asyncio.Queue)

    async def connect(self) -> _Projector:
        return self

    async def messages(self) -> AsyncIterator[Told]:
        while (message := await self.told.get()) is not None:
            yield message

    async def do(self, command: AnyCommand, decided_on: tuple[str, int] | None = None, command_id: str = "") -> Answer:
        return Answer(command_id, False, SafeText(REPLAY), "invalid")

    async def send(self, message: Fetch | Wind | Shutdown) -> None:
        if isinstance(message, FetchRows):
            self.asked += 1
            try:
                found = await self.rows.between(message.stream, message.first, message.last, False)
                self.tell(messages.Rows(message.stream, found))
            finally:
                self.asked -= 1

    async def close(self) -> None:
        self.told.put_nowait(None)

    def tell(self, *told: Told) -> None:
        for each in told:
            self.told.put_nowait(each)


class _Picture:
    """The screen as it was filmed last."""

    def __init__(self) -> None:
        self._console = Console(file=io.StringIO(), color_system="truecolor", force_terminal=True, legacy_windows=False)
        self._lines: list[str] = []

    def changed(self, app: CockpitApp) -> str:
        """What a terminal is to be sent so that it shows the screen as it is now."""
        lines = [strip.render(self._console) for strip in app.screen._compositor.render_strips()]
        first = not self._lines
        before = [""] * len(lines) if first else self._lines
        both = enumerate(zip(before, lines, strict=True), 1)
        parts = [f"\x1b[{row};1H{new}" for row, (old, new) in both if old != new]
        self._lines = lines
        return ("\x1b[?25l\x1b[2J" if first else "") + "".join(parts)
