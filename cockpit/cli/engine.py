"""The engine: whether it runs, and ending it."""

from __future__ import annotations

import asyncio
import sys

import click

from cockpit.cli.root import main
from cockpit.cli.setting import JSON, Setting, to_act
from cockpit.exits import Exit
from cockpit.protocol import control


@main.command()
@JSON
@click.pass_obj
def status(setting: Setting, as_json: bool) -> None:
    """Say whether an engine runs, and what it shows.

    Starts none; without one the exit code is 4.
    """
    found = asyncio.run(control.status(setting.places))
    click.echo(control.status_text(found, as_json=as_json))
    sys.exit(Exit.OK if found["running"] else Exit.NO_ENGINE)


@main.command()
@JSON
@click.pass_obj
def stop(setting: Setting, as_json: bool) -> None:
    """Stop the engine; running steps go on.

    The next engine takes them up. Screens that are attached stay, and start none by themselves.
    """
    stopped = asyncio.run(control.stop(to_act(setting).places, setting.actor))
    click.echo(control.stopped_text(stopped, as_json=as_json))


@main.command()
@JSON
@click.pass_obj
def restart(setting: Setting, as_json: bool) -> None:
    """Start this version's engine instead.

    It takes the config of the engine that runs, unless --config names one. Running steps go on.
    """
    from cockpit import restarting

    places = to_act(setting).places
    asyncio.run(
        restarting.restart(
            places, actor=setting.actor, profile=setting.profile, chosen=setting.chosen, found=setting.config
        )
    )
    click.echo(control.status_text(asyncio.run(control.status(places)), as_json=as_json))
