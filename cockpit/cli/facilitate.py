"""Leading a drill from a second terminal."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from cockpit.cli.drills import drill
from cockpit.cli.numbers import Between
from cockpit.cli.screen import has_screen
from cockpit.cli.setting import JSON
from cockpit.endings import fail
from cockpit.exits import Exit
from cockpit.platform.hangup import on_hangup
from cockpit.text import SafeText

if TYPE_CHECKING:
    from cockpit.drills.model.values import Source
    from cockpit.facilitator.backstage import Backstage


@drill.command(
    epilog="""\b
Examples:  cockpit drill facilitate
           cockpit drill facilitate --inject "Is it back?" --source executive
           cockpit drill facilitate --pause --state"""
)
@click.argument("profile", default="")
@click.option("--state", is_flag=True, help="Print what is hidden, and what is to come.")
@JSON
@click.option("--inject", "text", metavar="TEXT", help="Say this from outside.")
@click.option(
    "--source", type=click.Choice(("page", "chat", "phone", "executive")), default="chat", show_default=True,
    help="Where the words come from.",
)  # fmt: skip
@click.option("--who", default="", metavar="NAME", help="Who says it.")
@click.option("--pause", is_flag=True, help="Have the drill stand still.")
@click.option("--resume", is_flag=True, help="Have it go on as before.")
@click.option("--speed", type=Between(0.1, 600), help="Have it run so fast.")
def facilitate(
    profile: str, state: bool, as_json: bool, text: str | None, source: Source, who: str, pause: bool, resume: bool,
    speed: float | None,
) -> None:  # fmt: skip
    """Lead a drill that runs, from a second terminal.

    See what is hidden, pause it, speed it up, and say words from outside. PROFILE is the drill's, needed only where
    several run. Without an option a screen opens.
    """
    if pause + resume + (speed is not None) > 1:
        raise click.UsageError("choose one of --pause, --resume and --speed")
    if text is not None and not text.strip():
        raise click.UsageError("--inject needs something to say")
    turn = _turn(pause, resume, speed)
    plain = state or as_json or text is not None or turn is not None
    if not plain and not has_screen():
        fail("the facilitator's screen needs a terminal; without one: --state, --inject, --pause, --speed", Exit.USAGE)
    from cockpit.drills.stage import DrillFailed
    from cockpit.facilitator.backstage import NoDrill
    from cockpit.platform.drillclock import ClockBroken

    try:
        if plain:
            said = (text, source, who) if text is not None else None
            asyncio.run(_plainly(profile, turn, said, state=state, as_json=as_json))
        else:
            sys.exit(_on_screen(profile))
    except NoDrill as none:
        fail(str(none), Exit.NO_ENGINE)
    except (DrillFailed, ClockBroken) as failed:
        fail(str(failed), Exit.DRILL_LOST)


def _turn(pause: bool, resume: bool, speed: float | None) -> Callable[[Backstage], float] | None:
    """What is done to the clock, None for nothing."""
    if resume:
        return lambda stage: stage.resume()
    wanted = 0.0 if pause else speed
    return None if wanted is None else lambda stage: stage.turn(wanted)


async def _plainly(
    profile: str, turn: Callable[[Backstage], float] | None, said: tuple[str, Source, str] | None, *, state: bool,
    as_json: bool,
) -> None:  # fmt: skip
    import msgspec

    from cockpit.facilitator import words
    from cockpit.facilitator.backstage import behind

    stage = await behind(profile)
    if said is not None:
        text, source, who = said
        await stage.say(text, source, who)
    if turn is not None:
        turn(stage)
    if as_json:
        click.echo(msgspec.json.encode(await stage.look()))
    elif state:
        for line in words.lines(await stage.look()):
            click.echo(SafeText(line).line)
    else:
        spoken = "said" if said is not None else ""
        pace = f"the drill runs at {words.pace(stage.speed)}" if stage.speed else "the drill is paused"
        click.echo(", ".join(filter(None, [spoken, pace])))


def _on_screen(profile: str) -> int:
    from cockpit.facilitator.app import FacilitatorApp
    from cockpit.facilitator.backstage import behind

    async def led() -> str | None:
        # Looked at here, where what is wrong can still be said in plain lines.
        stage = await behind(profile)
        app = FacilitatorApp(stage, await stage.look())
        on_hangup(sys.stdin.fileno(), lambda: os._exit(Exit.HUNG_UP))
        return await app.run_async()

    if said := asyncio.run(led()):
        click.echo(said)
    return Exit.OK
