"""What becomes of a drill by hand when a part of it is killed."""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from cockpit.drills.drill import tell_from_outside
from cockpit.drills.stage import Stage, staged
from cockpit.incident.event import WATCH
from cockpit.incident.vocabulary import NoteAdded
from cockpit.journal.reader import open_reader
from cockpit.platform.places import Places
from cockpit.protocol.control import status
from cockpit.protocol.launch import launch_engine
from cockpit.review.reading import every
from cockpit.tasks import TaskSet

KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from cockpit.drills.stage import staged
from cockpit.platform.places import Places

async def main():
    async with staged("login-flag", 0.001, Places(Path(sys.argv[1])), "d"):
        os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    """A drill whose own words are minutes away, in a place whose name leaves room for a socket."""
    with tempfile.TemporaryDirectory(prefix="drill-") as home:
        async with staged("login-flag", 6, Places(Path(home) / "p"), "d") as made:
            yield made


async def _told(stage: Stage, words: str) -> list[str]:
    """The notes on the timeline, once one has these words."""
    async with asyncio.timeout(30):
        while True:
            reader = await open_reader(stage.places.journal)
            try:
                notes = [event.body.text for event in await every(reader, WATCH) if isinstance(event.body, NoteAdded)]
            finally:
                await reader.close()
            if any(words in note for note in notes):
                return notes
            await asyncio.sleep(0.05)


async def _say(stage: Stage, text: str) -> None:
    await stage.ask("/sim/effect", {"says": {"source": "chat", "text": text, "fact": "invented"}})


async def test_a_word_from_outside_comes_once_although_the_engine_was_killed(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    tasks = TaskSet()
    tasks.spawn(tell_from_outside(stage), "injects")
    try:
        await _say(stage, "before")
        await _told(stage, "before")
        os.kill((await status(stage.places))["pid"], signal.SIGKILL)
        await _say(stage, "meanwhile")
        # As the terminal does.
        await launch_engine(stage.places, profile="d", config=stage.config, env=stage.env)
        assert await _told(stage, "meanwhile") == ["before", "meanwhile"]
    finally:
        await tasks.close()
    assert not caplog.records


async def test_that_the_simulator_is_gone_is_said_on_the_timeline(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    await stage.hidden()
    tasks = TaskSet()
    tasks.spawn(tell_from_outside(stage), "injects")
    try:
        (simulator,) = _children("cockpit.drills.simulator")
        os.kill(simulator, signal.SIGKILL)
        (said,) = await _told(stage, "over")
    finally:
        await tasks.close()
    assert said == "This drill is over: the simulator went away. Nothing here is measured any more: q leaves."
    assert not caplog.records


def _children(module: str) -> list[int]:
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, IndexError):
            parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == os.getpid() and module in (entry / "cmdline").read_text().split("\0"):
                found.append(int(entry.name))
    return found


async def test_a_drill_that_was_killed_leaves_no_engine_behind() -> None:
    with tempfile.TemporaryDirectory(prefix="drill-") as home:
        places = Places(Path(home) / "p")
        ended = await asyncio.to_thread(
            subprocess.run, [sys.executable, "-c", KILLED, str(places.home)], capture_output=True, check=False
        )
        assert ended.returncode == -signal.SIGKILL
        await asyncio.to_thread(_unlocked, places)


async def test_ctrl_c_at_the_terminal_is_no_word_to_the_simulator(stage: Stage) -> None:
    (simulator,) = _children("cockpit.drills.simulator")
    assert os.getpgid(simulator) != os.getpgid(0)
    assert (await stage.hidden()).minute < 0


def _unlocked(places: Places) -> None:
    """Wait until no engine holds its lock."""
    with open(places.lock, "ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
