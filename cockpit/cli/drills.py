"""Drills."""

from __future__ import annotations

import asyncio
import sys

import click

from cockpit.cli.grouped import Grouped
from cockpit.cli.numbers import Between
from cockpit.cli.root import main
from cockpit.cli.screen import has_screen
from cockpit.cli.setting import Setting, to_act
from cockpit.config.problems import ConfigError
from cockpit.drills.harder import WORDS, Modifier
from cockpit.endings import fail
from cockpit.exits import Exit

drill = Grouped("drill", help="Rehearse an outage on a simulated service.")
main.add_command(drill)


@drill.alone(
    epilog="""\b
Example:   cockpit drill login-flag --play original --speed 60
Also:      cockpit drill list           the drills there are
           cockpit drill show NAME      what one is about
           cockpit drill new NAME       begin one of your own
           cockpit drill lint FILE...   what is wrong with it
           cockpit drill schema         its JSON Schema, for editors
           cockpit drill facilitate     lead it from a second terminal
           cockpit drill from INCIDENT  make one of what was recorded"""
)
@click.argument("name", default="login-flag")
@click.option("--speed", type=Between(0.1, 600), default=6.0, show_default=True, help="1, 6 or 60, say.")
@click.option("--play", help="Let a recorded responder play: good, original, or another named in the scenario.")
@click.option("--hints", is_flag=True, help="Say what a practised responder would do next.")
@click.option(
    "--with", "modifiers", multiple=True, type=click.Choice(list(WORDS)), help="Make it harder; may be repeated."
)
@click.pass_obj
def begin(
    setting: Setting, name: str, speed: float, play: str | None, hints: bool, modifiers: tuple[Modifier, ...]
) -> None:
    """Rehearse an outage on a simulated service.

    Real requests and real commands; nobody is paged and nothing real is touched.
    """
    from cockpit.drills import drill as drills
    from cockpit.drills import shelf

    try:
        shelf.path_of(name)
    except ConfigError as error:
        fail(str(error), Exit.BAD_INPUT)
    if play is None and not has_screen():
        fail("a drill by hand needs a terminal; without one, name a responder: --play good", Exit.USAGE)
    actor = to_act(setting).actor
    sys.exit(asyncio.run(drills.run(name, speed=speed, play=play, hints=hints, actor=actor, modifiers=modifiers)))


@main.command()
@click.pass_obj
def demo(setting: Setting) -> None:
    """Try it on a simulated outage; needs no config.

    On a terminal you play the login-flag drill by hand, with hints; otherwise it is played at 60 times the speed.
    """
    from cockpit.drills import drill as drills

    by_hand = has_screen()
    sys.exit(
        asyncio.run(
            drills.run(
                "login-flag", speed=6.0 if by_hand else 60.0, play=None if by_hand else "good", hints=by_hand,
                actor=to_act(setting).actor,
            )
        )
    )  # fmt: skip
