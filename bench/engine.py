"""A real engine in a home of its own, to be measured from outside."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import yaml

from cockpit.clock import SystemClock
from cockpit.platform.drill import DrillMark
from cockpit.platform.drillclock import begin
from cockpit.platform.places import Places
from cockpit.protocol import control
from cockpit.protocol.client import Client
from cockpit.protocol.launch import launch_engine


@asynccontextmanager
async def engine(probes: list[dict[str, Any]]) -> AsyncIterator[Client]:
    """A client of an engine with these probes; both end with the block."""
    async with configured({"services": [{"name": "all", "probes": probes}]}) as client:
        yield client


@asynccontextmanager
async def configured(settings: dict[str, Any], speed: float = 1.0) -> AsyncIterator[Client]:
    """A client of an engine that works by this config; at any other speed than one its clock is that of a drill."""
    with TemporaryDirectory() as directory:
        config = Path(directory) / "config.yaml"
        config.write_text(yaml.safe_dump({"version": 1, **settings}))
        places = Places(Path(directory) / "home")
        places.make()
        if speed != 1.0:
            begin(places.drill_clock, speed, SystemClock().now())
            DrillMark("bench").write(places.drill)
        await launch_engine(places, profile="bench", config=config)
        try:
            client = await Client.connect(places.socket, actor="bench", panes=False)
            try:
                yield client
            finally:
                await client.close()
        finally:
            await control.stop(places, "bench")


def lateness(asked: dict[str, list[float]], interval: float) -> list[float]:
    """By how many milliseconds each look was later than its place on the grid, which the earliest of a path fixes."""
    late = []
    for moments in asked.values():
        offsets = [moment - number * interval for number, moment in enumerate(sorted(moments))]
        late += [(offset - min(offsets)) * 1000 for offset in offsets]
    return late


async def settle(seconds: float) -> None:
    """Time for the engine to do what is measured."""
    await asyncio.sleep(seconds)
