"""A drill that is paused while a step is being verified, with a real engine: nothing is judged until it goes on."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from cockpit.clock import SECOND
from cockpit.drills.model.plays import Move, When
from cockpit.drills.play import command
from cockpit.drills.seat import Seat, seated
from cockpit.drills.shelf import SCENARIOS
from cockpit.drills.sight import missing
from cockpit.drills.stage import Stage, staged
from cockpit.incident.event import Event
from cockpit.incident.runs import VerifyFinished, VerifyStarted
from cockpit.incident.vocabulary import NoteAdded
from cockpit.journal.reader import open_reader
from cockpit.platform.places import Places
from cockpit.protocol.commands import Note
from cockpit.review.reading import every, latest

SPEED, FAST = 60.0, 600.0
WINDOW = 180
"""Seconds for which the runbook's step is watched; 0.3 real ones when it is fast."""
MOVES = [
    {"when": {"down": ("login-synthetic",)}, "do": "declare", "with": {"title": "Logins fail", "severity": "SEV1"}},
    {"when": {"open": True}, "do": "start_run", "with": {"runbook": "login-flag"}},
    {"when": {"offered": "announce"}, "do": "finish_step", "with": {"step": "announce"}},
    {
        "when": {"offered": "decide"},
        "do": "choose",
        "with": {"step": "decide", "option": "revert", "why": "it is quick"},
    },
    {"when": {"offered": "restore.revert"}, "do": "confirm", "with": {"step": "restore.revert"}},
]
VERIFYING = When(steps={"restore.revert": "verifying"})


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    """Logins fail from the beginning, at 60 times the speed, in a place whose name leaves room for a socket."""
    source = (SCENARIOS / "login-flag.yaml").read_text()
    for late, soon in (
        ("lead: 2m", "lead: 5s"),
        ("{at: 3m, sets: {auth.flag: live}}", "{at: 1s, sets: {auth.flag: live}}"),
    ):
        assert source.count(late) == 1
        source = source.replace(late, soon)
    with tempfile.TemporaryDirectory(prefix="drill-") as home:
        file = Path(home) / "soon.yaml"
        file.write_text(source)
        async with staged(str(file), SPEED, Places(Path(home) / "p"), "d") as made:
            yield made


async def _make(move: Move, stage: Stage, seat: Seat) -> None:
    """Make the move once its condition holds."""
    async with asyncio.timeout(30):
        while missing(move.when, seat.sight):
            await seat.pause()
    answer = await seat.do(command(move, seat.sight, stage.env))
    assert answer.ok, answer.text


async def _events(stage: Stage) -> list[Event]:
    reader = await open_reader(stage.places.journal)
    try:
        return [*await every(reader, await latest(reader))]
    finally:
        await reader.close()


async def test_nothing_is_judged_while_a_drill_is_paused_and_it_goes_on_after(stage: Stage) -> None:
    async with seated(stage, "responder") as seat:
        for move in MOVES:
            await _make(Move.model_validate(move), stage, seat)
        async with asyncio.timeout(30):
            while missing(VERIFYING, seat.sight):
                await seat.pause()
        # A clock that ran on for one who did not see the pause would be fast.
        stage.turn(FAST)
        stage.turn(0)
        paused, window_over = stage.clock.now(), time.monotonic() + 2 * WINDOW / FAST
        while time.monotonic() < window_over:
            assert (await seat.do(Note(text="meanwhile"))).ok
        seen = await _events(stage)
        assert {each.occurred_at for each in seen if isinstance(each.body, NoteAdded)} == {paused}
        assert not [each for each in seen if isinstance(each.body, VerifyFinished)]
        assert not missing(VERIFYING, seat.sight)

        stage.turn(SPEED)
        async with asyncio.timeout(30):
            while not missing(VERIFYING, seat.sight):
                await seat.pause()
    seen = await _events(stage)
    (begun,) = [each.occurred_at for each in seen if isinstance(each.body, VerifyStarted)]
    (judged,) = [each for each in seen if isinstance(each.body, VerifyFinished)]
    assert judged.occurred_at >= begun + WINDOW * SECOND > paused
