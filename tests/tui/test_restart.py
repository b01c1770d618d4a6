"""An engine of another version: the screen says so and has one key for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from cockpit.protocol.client import TurnedAway
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
