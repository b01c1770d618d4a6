"""The screen, and the timeline in plain lines."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import NoReturn

import click

from cockpit.cli.root import main
from cockpit.cli.setting import Setting
from cockpit.endings import fail
from cockpit.exits import Exit
from cockpit.platform.hangup import on_hangup
from cockpit.protocol import plain
from cockpit.protocol.client import TurnedAway


@main.command("open")
@click.option("--hints", is_flag=True, help="Say what a practised responder would do next.")
@click.pass_obj
def open_screen(setting: Setting, hints: bool = False) -> None:
    """Open the screen, or watch without a terminal."""
    if not has_screen():
        asyncio.run(_watch(setting, as_json=False, after=0))
    from cockpit.tui.app import CockpitApp

    # Started here, where what is wrong with a config can still be said in plain lines.
    asyncio.run(_greet(setting))
    app = CockpitApp(
        lambda: setting.client(panes=True), find=setting.find, actor=setting.actor, hints=hints,
        restart=setting.restart, read_only=setting.read_only,
    )  # fmt: skip
    on_hangup(sys.stdin.fileno(), lambda: os._exit(Exit.HUNG_UP))
    app.run()
    sys.exit(app.return_code or Exit.OK)


def has_screen() -> bool:
    """Whether this is a terminal that a screen can be drawn on."""
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"


async def _greet(setting: Setting) -> None:
    try:
        client = await setting.aloud()
    except TurnedAway as away:
        if away.why != "version":
            raise
        # The screen says so too, and has a key for it.
        return
    await client.close()


@main.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, the event within.")
@click.option("--after", type=int, default=0, show_default=True, help="Begin after this event number.")
@click.pass_obj
def watch(setting: Setting, as_json: bool, after: int) -> None:
    """Print the timeline, a line per event.

    It goes on until Ctrl+C, and ends with code 4 when the engine goes.
    """
    asyncio.run(_watch(setting, as_json=as_json, after=after))


async def _watch(setting: Setting, *, as_json: bool, after: int) -> NoReturn:
    client = await setting.aloud(after=after, data=as_json)
    try:
        said = await plain.follow(client, as_json=as_json)
    finally:
        await client.close()
    fail(said, Exit.NO_ENGINE)
