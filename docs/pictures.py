"""Takes the pictures in the README: the real screen on a real drill, once when the first rollback had no effect and
the next rung is offered, and once when the service has recovered; and, on a runbook of its own, the form that asks for
values and the last look before a destructive step; and a replay of what was played.

    make pictures

plays `good` of login-flag through the real engine up to each moment, attaches the terminal at each size, and writes
the SVGs here.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

from textual.pilot import Pilot

from cockpit.drills import shelf
from cockpit.drills.model.plays import Play
from cockpit.drills.performing import perform, type_by_hand
from cockpit.drills.play import RESPONDER
from cockpit.drills.seat import seated
from cockpit.drills.stage import Stage, staged
from cockpit.platform.places import Places
from cockpit.protocol.client import Client
from cockpit.protocol.commands import Declare, TakeRole
from cockpit.protocol.control import stop
from cockpit.protocol.launch import launch_engine
from cockpit.protocol.seeking import sought
from cockpit.replay.drawing import Drawing
from cockpit.replay.opening import opened
from cockpit.replay.player import Player
from cockpit.replay.position import beginning
from cockpit.replay.tools import playing, rows_of
from cockpit.tui.app import CockpitApp
from cockpit.tui.screens.confirm import Confirmation
from cockpit.tui.screens.starting import StartForm

HERE = Path(__file__).parent
SPEED = 20.0
SIZES = {"160x45": (160, 45), "80x24": (80, 24)}
MOMENTS = {"": ("restore.override.look", 0), "-recovered": ("watch", 1)}
"""By the picture's suffix: the step whose offer is waited for, and whether the move that takes it is still made."""
REPLAYED_AT, REPLAYED = "+4m35s", 2.0
"""The place of the replay that the picture shows, and how many times as fast it plays."""
REST = 0.6
"""Real seconds between two keys of an unhurried person."""
CONFIG = """\
version: 1
services:
  - name: orders-db
    title: Orders database
    probes:
      - {name: orders-writes, type: command, argv: ["false"], interval: 1s, failures: 2}
      - {name: standby-reads, type: command, argv: ["true"], interval: 1s}
runbooks: [runbooks]
"""
RUNBOOK = """\
version: 1
id: promote-standby
title: Promote the standby of the orders database
service: orders-db
lock: orders-db
params:
  standby: {title: The host to promote, default: orders-db-2, pattern: "[a-z0-9.-]+"}
  lag: {title: "The lag you accept, in seconds", type: integer, default: "5"}
  region: {title: Where the writers are, enum: [north, south, both]}
  fence: {title: The old primary is off, type: boolean}
steps:
  - id: lag
    title: See how far the standby is behind
    section: contain
    command: {argv: [printf, 'replay lag of %s: 1.2 s\\n', {param: standby}]}
    effect: read
  - id: promote
    title: Promote the standby
    section: contain
    role: operations
    command: {argv: [pgctl, promote, --host, {param: standby}, --max-lag, {param: lag}]}
    effect: destructive
    irreversible: A promoted standby does not follow again; the old primary has to be built anew.
    verify: {probe: orders-writes, within: 5m, hold: 30s}
"""


async def main() -> None:
    """Take a picture of each moment at each size."""
    await _of_the_drill()
    for name, size in SIZES.items():
        async with _standby() as places:
            await _of_the_standby(places, name, size)


async def _of_the_drill() -> None:
    with tempfile.TemporaryDirectory() as home:
        places = Places(Path(home) / "drill")
        async with staged("login-flag", SPEED, places, "drill") as stage, seated(stage, RESPONDER) as seat:
            for suffix, part in zip(MOMENTS, _parts(shelf.load("login-flag").plays["good"]), strict=True):
                await perform(part, stage, {"": seat}, lambda line: None, type_by_hand)
                for name, size in SIZES.items():
                    await _take(stage, size, HERE / f"cockpit-{name}{suffix}.svg")
            await _take(stage, SIZES["80x24"], HERE / "run-80x24.svg", "3")
        for name, size in SIZES.items():
            await _of_the_replay(places, name, size)


def _parts(play: Play) -> Iterator[Play]:
    offered = [move.when.offered for move in play.moves]
    ends = [offered.index(step) + made for step, made in MOMENTS.values()]
    for start, end in pairwise([0, *ends]):
        yield play.model_copy(update={"moves": play.moves[start:end], "until": 0.0})


async def _take(stage: Stage, size: tuple[int, int], path: Path, *keys: str) -> None:
    app = _terminal(stage.places)
    async with app.run_test(size=size) as pilot:
        while not app.frame.run.steps:
            await pilot.pause(0.1)
        await pilot.press(*keys)
        await pilot.pause(1.0)
        _save(path, app)


async def _of_the_replay(places: Places, name: str, size: tuple[int, int]) -> None:
    """While it plays, after the first rollback had no effect."""
    async with opened(places, "") as found:
        drawing = Drawing(found.tape, found.minutes, "drill")
        start = beginning(found.tape, REPLAYED)
        player = Player(found.tape, drawing, rows_of(found), start, profile="drill")
        player.wind(sought(REPLAYED_AT, found.tape.start, found.tape.end, found.tape.last))
        async with playing(player) as socket:
            app = CockpitApp(lambda: Client.connect(socket, actor=RESPONDER), actor=RESPONDER, read_only=True)
            async with app.run_test(size=size) as pilot:
                while app.frame.replay is None:
                    await pilot.pause(0.1)
                await _keys(pilot, "space")
                await pilot.pause(1.0)
                _save(HERE / f"replay-{name}.svg", app)


@asynccontextmanager
async def _standby() -> AsyncIterator[Places]:
    """An engine of its own that sees a database down, with an incident and one runbook beside the bundled ones."""
    with tempfile.TemporaryDirectory() as home:
        places = Places(Path(home) / "standby")
        places.make()
        (places.home / "runbooks").mkdir()
        (places.home / "runbooks" / "promote-standby.yaml").write_text(RUNBOOK, "utf-8")
        config = places.home / "config.yaml"
        config.write_text(CONFIG, "utf-8")
        await launch_engine(places, profile="standby", config=config)
        try:
            client = await Client.connect(places.socket, actor=RESPONDER)
            await client.do(Declare(title="Orders cannot be written", severity="SEV1"))
            await client.do(TakeRole())
            await client.close()
            yield places
        finally:
            await stop(places, "pictures")


async def _of_the_standby(places: Places, name: str, size: tuple[int, int]) -> None:
    app = _terminal(places)
    async with app.run_test(size=size) as pilot:
        while not app.frame.header.lead:
            await pilot.pause(0.1)
        await _keys(pilot, "r", "enter", "y")
        await _until(pilot, StartForm)
        await _keys(pilot, "tab", "tab", "right", "tab", "right")
        _save(HERE / f"values-{name}.svg", app)
        await _keys(pilot, "enter")
        while not app.frame.run.offers:
            await pilot.pause(0.1)
        await _keys(pilot, "enter", "y")
        while not any(offer.typed for offer in app.frame.run.offers):
            await pilot.pause(0.1)
        await _keys(pilot, "enter")
        await _until(pilot, Confirmation)
        await _keys(pilot, *"promo")
        _save(HERE / f"confirm-{name}.svg", app)


async def _keys(pilot: Pilot[None], *keys: str) -> None:
    for key in keys:
        await pilot.pause(REST)
        await pilot.press(key)
    await pilot.pause(REST)


async def _until(pilot: Pilot[None], kind: type) -> None:
    while not isinstance(pilot.app.screen, kind):
        await pilot.pause(0.1)


def _terminal(places: Places) -> CockpitApp:
    return CockpitApp(lambda: Client.connect(places.socket, actor=RESPONDER), actor=RESPONDER)


def _save(path: Path, app: CockpitApp) -> None:
    path.write_text(app.export_screenshot(title="cockpit"), "utf-8")
    print(path.name)


if __name__ == "__main__":
    asyncio.run(main())
