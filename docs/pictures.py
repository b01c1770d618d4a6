"""Takes the pictures in the README: the real screen on a real drill, once when the first rollback had no effect and
the next rung is offered, and once when the service has recovered.

    make pictures

plays `good` of login-flag through the real engine up to each moment, attaches the terminal at each size, and writes
the SVGs here.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from cockpit.drills import shelf
from cockpit.drills.drill import RESPONDER
from cockpit.drills.model import Play
from cockpit.drills.performing import perform
from cockpit.drills.seat import seated
from cockpit.drills.stage import Stage, staged
from cockpit.platform.places import Places
from cockpit.protocol.client import Client
from cockpit.tui.app import CockpitApp

HERE = Path(__file__).parent
SPEED = 20.0
SIZES = {"cockpit-160x45": (160, 45), "cockpit-80x24": (80, 24)}
MOMENTS = {"": ("restore.override.look", 0), "-recovered": ("watch", 1)}
"""By the picture's suffix: the step whose offer is waited for, and whether the move that takes it is still made."""


async def main() -> None:
    """Play up to each moment, and take a picture at each size."""
    with tempfile.TemporaryDirectory() as home:
        places = Places(Path(home) / "drill")
        async with staged("login-flag", SPEED, places, "drill") as stage, seated(stage, RESPONDER) as seat:
            for suffix, part in zip(MOMENTS, _parts(shelf.load("login-flag").plays["good"]), strict=True):
                await perform(part, stage, seat, lambda line: None)
                for name, size in SIZES.items():
                    await _take(stage, size, HERE / f"{name}{suffix}.svg")


def _parts(play: Play) -> Iterator[Play]:
    offered = [move.when.offered for move in play.moves]
    ends = [offered.index(step) + made for step, made in MOMENTS.values()]
    for start, end in pairwise([0, *ends]):
        yield play.model_copy(update={"moves": play.moves[start:end], "until": 0.0})


async def _take(stage: Stage, size: tuple[int, int], path: Path) -> None:
    app = CockpitApp(lambda: Client.connect(stage.places.socket, actor=RESPONDER), actor=RESPONDER)
    async with app.run_test(size=size) as pilot:
        while not app.frame.run.steps:
            await pilot.pause(0.1)
        await pilot.pause(1.0)
        _save(path, app.export_screenshot(title="cockpit"))


def _save(path: Path, svg: str) -> None:
    path.write_text(svg, "utf-8")
    print(path.name)


if __name__ == "__main__":
    asyncio.run(main())
