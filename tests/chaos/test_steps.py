"""Kills at moments that nobody chose while a runbook with every kind of step is played over and over."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.chaos.aftermath import Tally, judged
from tests.chaos.driving import Driver
from tests.chaos.recording import services
from tests.chaos.stepping import Player, kill_some
from tests.chaos.storm import LABELS, Storm

SEED = int(os.environ.get("COCKPIT_CHAOS_SEED", "1"))
KILLS_EACH = 10
MANY_EACH = 25
PATIENCE = 150.0


@pytest.mark.parametrize("seed", range(SEED, SEED + 4))
async def test_no_kill_runs_a_step_twice_or_loses_what_it_did(seed: int, tmp_path: Path) -> None:
    print(f"seed {seed}; again with COCKPIT_CHAOS_SEED={seed}")
    tally = await storm(seed, KILLS_EACH, 0, tmp_path / "w")
    print(tally)
    assert tally.kills.total() == KILLS_EACH


@pytest.mark.chaos
@pytest.mark.timeout(0)
async def test_a_thousand_kills_over_a_thousand_steps(tmp_path: Path) -> None:
    kills = int(os.environ.get("COCKPIT_CHAOS_KILLS", "1000"))
    steps = int(os.environ.get("COCKPIT_CHAOS_STEPS", "1000"))
    at_once = asyncio.Semaphore(os.cpu_count() or 1)
    each = -(-kills // MANY_EACH)
    total = Tally()

    async def one(seed: int) -> None:
        nonlocal total
        async with at_once:
            tally = await storm(seed, MANY_EACH, -(-steps // each), tmp_path / str(seed))
            total += tally
            print(f"seed {seed}: so far {total}", flush=True)

    print()
    async with asyncio.TaskGroup() as tasks:
        for seed in range(SEED, SEED + each):
            tasks.create_task(one(seed), name=f"seed {seed}")
    print(f"seeds {SEED}-{SEED + each - 1}: {total}")
    if kills >= 10 * MANY_EACH:
        assert not sorted(LABELS - total.labels.keys()), "some kind of step was never taken"


async def storm(seed: int, kills: int, steps: int, root: Path) -> Tally:
    """One world in which so many are killed and so many steps taken, and the look at what is left."""
    chance = random.Random(seed)
    async with services() as served, answering() as (asked, answer):
        made = Storm.brewing(root, served.url("/"), asked, chance)
        answer.set_result(made)
        player = Player(Driver(made.world, chance), made, served)
        enough = asyncio.Event()
        try:
            async with asyncio.TaskGroup() as tasks:
                try:
                    playing = tasks.create_task(player.play(tasks, enough))
                    await kill_some(player, kills)
                    await taken(player, steps)
                    enough.set()
                    await rested(player, playing)
                    return await judged(player)
                finally:
                    await player.driver.close()
        finally:
            await made.world.end()


@asynccontextmanager
async def answering() -> AsyncIterator[tuple[str, asyncio.Future[Storm]]]:
    """A server whose address is known before the storm that it answers for."""
    storm: asyncio.Future[Storm] = asyncio.get_running_loop().create_future()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await (await storm).answer(reader, writer)

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", storm


async def rested(player: Player, playing: asyncio.Task[None]) -> None:
    """Until the last run is over; a supervisor that was killed before its claim is waited for a minute."""
    try:
        async with asyncio.timeout(PATIENCE):
            await playing
    except TimeoutError:
        raise AssertionError(f"it never came to rest: {player.driver.sight.run}") from None


async def taken(player: Player, steps: int) -> None:
    """Until so many steps were confirmed."""
    while True:
        if len(player.confirmed) >= steps:
            return
        await asyncio.sleep(0.1)
