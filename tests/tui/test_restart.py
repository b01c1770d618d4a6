"""An engine of another version, and one that was stopped: the screen says so and has one key for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from cockpit.exits import Exit
from cockpit.protocol.client import NoEngine, TurnedAway
from cockpit.protocol.launch import EngineFailed
from cockpit.protocol.messages import Goodbye
from cockpit.tui.app import CockpitApp


async def test_one_key_restarts_an_engine_that_does_not_fit(new_world: Callable[..., Any]) -> None:
    engine = new_world().client
    restarts = 0

    async def connect() -> Any:
        if not restarts:
            raise TurnedAway(Goodbye("version", "the engine is too old"))
        return engine

    async def restart() -> str:
        nonlocal restarts
        restarts += 1
        return "engine 2 runs"

    app = CockpitApp(connect, actor="ada", restart=restart)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:

        async def sees(words: str) -> None:
            async with asyncio.timeout(20):
                while not any(words in strip.text for strip in app.screen._compositor.render_strips()):
                    await pilot.pause(0.01)

        await sees("the engine is of another version")
        await sees("E restart it")
        await pilot.press("E")
        await sees("engine 2 runs")
        await sees("Logins fail")
        assert restarts == 1
        await pilot.press("E")
        await sees("The engine fits this terminal")
        assert restarts == 1


async def test_an_engine_that_somebody_stopped_is_started_by_a_key(
    new_world: Callable[..., Any], new_stage: Callable[..., Any]
) -> None:
    world = new_world()
    starts = 0

    async def connect() -> Any:
        nonlocal starts
        starts += 1
        if starts == 2:
            raise EngineFailed("config.yaml:3:5: no such kind of probe", Exit.BAD_INPUT)
        if starts > 2:
            world.client.told = asyncio.Queue()
        return world.client

    async def find() -> Any:
        raise NoEngine("no engine answers")

    world.app = CockpitApp(connect, find=find, actor="ada")
    async with world.app.run_test(size=(80, 24), notifications=True) as pilot:
        stage = new_stage(world, pilot)
        await stage.sees("Logins fail")
        world.client.tell(Goodbye("stopping", "the engine was stopped", by="dev-3"), None)
        await stage.sees("the engine was stopped by dev-3 at 10:58")
        await stage.sees("E start it again   q detach")
        assert starts == 1
        await stage.press("E")
        await stage.sees("config.yaml:3:5: no such kind of probe, reconnecting")
        await stage.press("E")
        await stage.sees("No engine answers; this terminal tries again by itself.")
        world.app.desk.start()
        await stage.sees("? help")
        await stage.press("E")
        await stage.sees("The engine fits this terminal")
        assert starts == 3


async def test_a_terminal_that_only_looks_starts_nothing(play: Any) -> None:
    async with play(size=(80, 24), read_only=True) as stage:
        stage.world.refuse = True
        stage.world.client.tell(Goodbye("stopping", "the engine was stopped", by="dev-3"), None)
        await stage.sees("the engine was stopped by dev-3 at 10:58")
        assert "start it again" not in stage.text
        await stage.press("E")
        await stage.sees("this terminal only looks")
        assert stage.app.frame.stopped
