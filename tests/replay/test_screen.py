"""A replay on the real screen and as a cast: it shows what was, and does nothing."""

from __future__ import annotations

import asyncio
import json
import os
import pty
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from textual.pilot import Pilot

from cockpit.cli import main
from cockpit.exits import Exit
from cockpit.incident.vocabulary import IncidentRecalled, Past
from cockpit.journal.chain import Verified
from cockpit.journal.errors import Busy
from cockpit.platform.places import Places
from cockpit.probes.rollup import MINUTE, Minute
from cockpit.protocol.client import Client
from cockpit.protocol.commands import Note
from cockpit.protocol.messages import VERSION, Welcome
from cockpit.protocol.views import BroadcastView, ReplayView, SeenBeforeView
from cockpit.replay import tools
from cockpit.replay.cast import Shape, shots
from cockpit.replay.drawing import Drawing
from cockpit.replay.lanes import Minutes
from cockpit.replay.opening import Opened, opened
from cockpit.replay.player import Player
from cockpit.replay.position import beginning, to_event
from cockpit.replay.tape import Tape
from cockpit.tui.actions import actions
from cockpit.tui.app import CockpitApp
from cockpit.tui.frame import Frame
from cockpit.tui.widgets.transport import Transport


class Seat:
    """The screen of a replay, with somebody at its keys."""

    def __init__(self, app: CockpitApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    @property
    def text(self) -> str:
        strips = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip) for strip in strips)

    async def sees(self, *words: str, gone: str = "") -> None:
        for _ in range(2_000):
            if all(each in self.text for each in words) and not (gone and gone in self.text):
                return
            await self.pilot.pause(0.01)
        raise AssertionError(f"{words} never came:\n{self.text}")


@asynccontextmanager
async def _screen(places: Places, size: tuple[int, int] = (160, 45)) -> AsyncIterator[Seat]:
    async with opened(places, "INC-1") as found:
        player = Player(
            found.tape, Drawing(found.tape, found.minutes, "default"), tools.rows_of(found), beginning(found.tape),
            profile="default",
        )  # fmt: skip
        async with tools.playing(player) as socket:
            app = CockpitApp(lambda: Client.connect(socket, actor="ada"), actor="ada", read_only=True)
            async with app.run_test(size=size) as pilot:
                yield Seat(app, pilot)


async def test_the_keys_wind_it_forth_and_back(recorded: Places) -> None:
    async with _screen(recorded) as seat:
        await seat.sees("REPLAY", "PAUSED", "event 1 of 12", "Logins fail", "1 events")
        await seat.pilot.press("greater_than_sign")
        await seat.sees("event 2 of 12", "DOWN  login", "says down", "4 min before the first bad sample: deploy")
        await seat.pilot.press("right_square_bracket", "right_square_bracket")
        await seat.sees("event 5 of 12", "configctl revert", "what it printed meanwhile is not recorded")
        await seat.pilot.press("end")
        await seat.sees("event 12 of 12", "RESOLVED", "well again", "the end", "| reverted")
        await seat.pilot.press("g", *"#3", "enter")
        # What lies behind its place has not happened yet.
        await seat.sees("event 3 of 12", "3 events", "support sees it too", gone="well again")
        assert "RESOLVED" not in seat.text
        await seat.pilot.press("g", *"noon", "enter")
        await seat.sees("write 10:55")
        await seat.pilot.press("escape", "plus", "plus")
        await seat.sees("5x")


async def test_it_plays(recorded: Places) -> None:
    async with _screen(recorded) as seat:
        await seat.sees("event 1 of 12")
        for _ in range(8):
            await seat.pilot.press("plus")
        await seat.pilot.press("space")
        await seat.sees("event 12 of 12", "PAUSED", "RESOLVED")


async def test_whatever_would_change_something_says_that_it_is_a_replay(recorded: Places) -> None:
    async with _screen(recorded) as seat:
        await seat.sees("event 1 of 12")
        for key in ("n", "d", "u", "R", "r", "l"):
            await seat.pilot.press(key)
            await seat.sees("this is a replay of what was recorded: nothing can be done in it")
            assert seat.app.screen is seat.app.board
        await seat.pilot.press("question_mark")
        await seat.sees("Play, or stand still", "Go to a time or an event")
        assert "Declare an incident" not in seat.text


async def test_it_is_whole_on_a_small_screen(recorded: Places) -> None:
    async with _screen(recorded, (80, 24)) as seat:
        await seat.pilot.press("end")
        await seat.sees("REPLAY", "PAUSED", "00:00:11 of 00:00:11", "event 12 of 12", "1x", "Space play", "q leave")


async def test_a_client_that_asks_for_a_change_is_refused(recorded: Places) -> None:
    async with _screen(recorded) as seat:
        await seat.sees("event 1 of 12")
        client: Any = seat.app.desk._client
        answer = await client.do(Note(text="now"))
        assert not answer.ok
        assert answer.text == "this is a replay of what was recorded: nothing can be done in it"


async def test_nothing_is_started_sent_or_written(
    recorded: Places, journal: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    await journal.close()
    before = _files(recorded.home)
    started: list[object] = []
    asked: list[object] = []

    def count(*what: object, **more: object) -> None:
        started.append(what)
        raise AssertionError("a replay starts nothing")

    connect = socket.socket.connect

    def connecting(one: socket.socket, address: Any) -> None:
        if one.family != socket.AF_UNIX:
            asked.append(address)
        connect(one, address)

    for name in ("Popen",):
        monkeypatch.setattr(subprocess, name, count)
    monkeypatch.setattr(asyncio, "create_subprocess_exec", count)
    monkeypatch.setattr(os, "posix_spawn", count)
    monkeypatch.setattr(socket.socket, "connect", connecting)
    async with _screen(recorded) as seat:
        await seat.pilot.press("end", "home", "space", "enter", "x", "ctrl+k", "o")
        await seat.sees("event ")
    await tools.show(recorded, "INC-1", "", "default", as_json=True)
    assert (started, asked) == ([], [])
    assert _files(recorded.home) == before


def _files(home: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in home.rglob("*") if path.is_file()}


async def test_without_a_terminal_it_prints_the_timeline_and_the_state_there(recorded: Places) -> None:
    said, sound = await tools.show(recorded, "INC-1", "#7", "default", as_json=False)
    assert sound
    lines = said.splitlines()
    assert sum("  step  " in line for line in lines) == 3
    assert "event 7 of 12" in said
    assert "INC-1  SEV1  Logins fail  investigating  nobody leads" in lines
    assert any(line.startswith("DOWN      login  since 10:50:00  says down") for line in lines)
    assert "samples not recorded" in said
    told = json.loads((await tools.show(recorded, "INC-1", "#7", "default", as_json=True))[0])
    assert (told["event"], told["as_recorded"], len(told["timeline"])) == (7, True, 7)
    assert [(each["probe"], each["state"]) for each in told["services"]] == [("login", "down"), ("healthz", "up")]
    assert told["run"]["steps"][0]["state"] == "ok"


def test_what_cannot_be_replayed_is_said(recorded: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COCKPIT_HOME", str(recorded.home.parent))
    runner = CliRunner()
    missing = runner.invoke(main, ["replay", "INC-9"])
    assert (missing.exit_code, missing.stderr) == (
        Exit.BAD_INPUT, "there is no incident INC-9: recorded here are INC-1\n",
    )  # fmt: skip
    # A drill says "Step by step: cockpit --profile NAME replay": without a name it is the latest.
    assert runner.invoke(main, ["replay"]).stdout == runner.invoke(main, ["replay", "INC-1"]).stdout != ""
    assert "there is no event 99" in runner.invoke(main, ["replay", "INC-1", "--at", "#99"]).stderr
    assert runner.invoke(main, ["replay", "INC-1", "--check"]).exit_code == Exit.OK
    assert runner.invoke(main, ["--profile", "other", "replay", "INC-1"]).exit_code == Exit.STORAGE
    for wrong in (
        ["--cast", "x", "--check"], ["--cast", "x", "--json"], ["--check", "--at", "#1"], ["--speed", "nan"],
        ["--at", "#99"],
    ):  # fmt: skip
        assert runner.invoke(main, ["replay", "INC-1", *wrong]).exit_code == Exit.USAGE, wrong
    # Without a name it is the latest.
    assert json.loads(runner.invoke(main, ["replay", "--check", "--json"]).stdout)["incident"] == "INC-1"


async def test_a_deep_temporary_directory_is_too_long_for_a_socket(
    recorded: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path / ("x" * 100)
    deep.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(deep))
    async with _screen(recorded) as seat:
        await seat.sees("event 1 of 12")


@pytest.fixture
def temporary() -> Iterator[Path]:
    """Not below the tests' own, whose path is too long for a socket."""
    with tempfile.TemporaryDirectory() as made:
        yield Path(made)


def test_a_terminal_that_is_gone_leaves_nothing_behind(recorded: Places, temporary: Path) -> None:
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "cockpit", "replay", "INC-1"],
        env={**os.environ, "COCKPIT_HOME": str(recorded.home.parent), "TERM": "xterm", "TMPDIR": str(temporary)},
        stdin=theirs, stdout=theirs, stderr=theirs,
    ) as process:  # fmt: skip
        os.close(theirs)
        drawn = b""
        while b"PAUSED" not in drawn:
            drawn += os.read(ours, 65_536)
        assert list(temporary.iterdir())
        os.close(ours)
        assert process.wait() == Exit.HUNG_UP
    assert list(temporary.iterdir()) == []


async def test_that_the_record_could_not_be_verified_is_said(recorded: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    async def busy(found: Opened) -> Verified:
        raise Busy("Another process has held the journal for 5 s.")

    monkeypatch.setattr(Opened, "chain", busy)
    async with opened(recorded, "INC-1") as found:
        drawing = Drawing(found.tape, found.minutes, "default")
        await tools._verified(found, drawing, lambda: None)
        pane = next(pane for pane in drawing.panes(beginning(found.tape)) if isinstance(pane, ReplayView))
        assert not pane.diverged
        frame = Frame()
        frame.take(pane)
        bar = Transport(frame, "transport").draw(160, 1)[0].plain
        assert "NOT VERIFIED" in bar and "Another process has held the journal" in bar


async def test_the_card_is_as_old_as_it_was_then(recorded: Places, as_tape: Any) -> None:
    """What was measured until a moment before is not stale, although the last event is long past."""
    tape: Tape = as_tape(apart=600.0)
    minutes = [Minute("login", each, good=1, bad=4, error_rate=0.8) for each in range(tape.start, tape.end, MINUTE)]
    for kept, age in ((minutes, "data 0 s old)"), ([], "STALE")):
        drawing = Drawing(tape, Minutes(kept), "default")
        there = to_event(beginning(tape), 8, tape)
        card = next(pane.preview for pane in drawing.panes(there) if isinstance(pane, BroadcastView))
        assert age in card
        assert age in drawing.preview(there).card


async def test_what_was_seen_before_is_shown_again(story: tuple[Any, ...], as_tape: Any) -> None:
    past = Past(incident="INC-0", title="Logins failed", declared=1, why="login DOWN")
    tape: Tape = as_tape((*story, IncidentRecalled(past=past)))
    drawing = Drawing(tape, Minutes(), "default")
    last = to_event(beginning(tape), tape.last, tape)
    (seen,) = [pane for pane in drawing.panes(last) if isinstance(pane, SeenBeforeView)]
    assert [each.incident for each in seen.past] == ["INC-0"]


def test_there_is_nothing_on_offer_that_a_replay_refuses() -> None:
    frame = Frame()
    assert "declare" in {each.name for each in actions(frame)}
    frame.welcome = Welcome(VERSION, "", 0, "default", "", "INC-1", 1, 1, 0.0, replay=True)
    offered = actions(frame)
    assert all(each.looks for each in offered)
    assert len({each.title for each in offered}) == len(offered)
    shown = [each.shown for each in offered]
    assert len(set(shown)) == len(shown)
    assert not any("engine" in each.title for each in offered)


async def test_a_cast_is_an_asciicast_of_version_2(recorded: Places, tmp_path: Path) -> None:
    file = tmp_path / "inc.cast"
    await tools.cast(recorded, "INC-1", "", 60.0, "default", file, (100, 30), 2.0)
    header, *events = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert (header["version"], header["width"], header["height"]) == (2, 100, 30)
    assert set(header) == {"version", "width", "height", "timestamp", "title", "env"}
    assert all(isinstance(value, str) for value in header["env"].values())
    times = [at for at, _, _ in events]
    assert times == sorted(times) and times[0] == 0
    assert {kind for _, kind, _ in events} == {"o", "m"}
    marks = [said for _, kind, said in events if kind == "m"]
    assert marks[0].startswith("declare: SEV1 Logins fail")
    assert "step: s1  configctl revert  confirmed by ana" in marks
    assert marks[-1] == "status: resolved  well again"
    # What a shell says next stands at the foot of the picture.
    assert events[-1][2] == "\x1b[30;1H\x1b[?25h"
    asciinema = Path(sys.executable).with_name("asciinema")
    process = await asyncio.create_subprocess_exec(
        asciinema, "cat", file, stdout=asyncio.subprocess.PIPE, stdin=asyncio.subprocess.DEVNULL
    )
    printed, _ = await process.communicate()
    assert process.returncode == 0
    assert printed.decode() == "".join(said for _, kind, said in events if kind == "o")
    with pytest.raises(FileExistsError):
        await tools.cast(recorded, "INC-1", "", 60.0, "default", file, (100, 30), 2.0)


def test_a_pause_is_cut_and_every_event_is_in_a_picture(as_tape: Any) -> None:
    tape: Tape = as_tape(apart=3600.0)
    taken = list(shots(tape, beginning(tape), Shape(100, 30, 2.0, 60.0)))
    assert [shot.seq for shot in taken] == list(range(1, 13))
    assert max(b.at - a.at for a, b in zip(taken, taken[1:], strict=False)) <= 2.0 + 0.25
    crowded: Tape = as_tape(apart=0.1)
    few = list(shots(crowded, beginning(crowded), Shape(100, 30, 2.0, 1.0)))
    assert few[-1].seq == crowded.last
    assert len(few) < 8
    marked = [seq for shot in few for seq in shot.marks]
    assert marked == sorted({*crowded.steps, *crowded.changes})
