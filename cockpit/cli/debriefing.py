"""What is talked about after a drill."""

from __future__ import annotations

import click

from cockpit.cli.drills import drill
from cockpit.cli.root import profile_name
from cockpit.cli.setting import JSON
from cockpit.endings import fail
from cockpit.exits import Exit


@drill.command(epilog="Example: cockpit drill debrief    cockpit drill debrief --list")
@click.argument("profile", required=False, callback=profile_name)
@click.option("--list", "as_list", is_flag=True, help="Which drills can be debriefed, the latest first.")
@JSON
def debrief(profile: str | None, as_list: bool, as_json: bool) -> None:
    """Show the score and the moves of a drill [the latest]."""
    from cockpit.drills import closing
    from cockpit.platform.places import state_home

    played = closing.played(state_home())
    if as_list:
        click.echo("\n".join(f"{name:<40}{when}" for name, when in played) or "no drill has been played to its end yet")
        return
    if profile is None and not played:
        fail("no drill has been played to its end yet: cockpit drill list", Exit.BAD_INPUT)
    name = profile or played[0][0]
    try:
        click.echo(closing.kept(state_home() / name, name, as_json=as_json))
    except closing.NoDebrief as error:
        fail(str(error), Exit.BAD_INPUT)
