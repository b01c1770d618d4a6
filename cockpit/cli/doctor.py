"""What would fail in a bad night, found out before it."""

from __future__ import annotations

import asyncio
import os
import sys

import click

from cockpit.cli.root import main
from cockpit.cli.setting import JSON, Setting
from cockpit.exits import Exit


@main.command(epilog="Exit codes: 0 nothing is bad, 1 something is")
@JSON
@click.pass_obj
def doctor(setting: Setting, as_json: bool) -> None:
    """Find what would fail in a bad night.

    Looks at everything the config names, in your own environment. It needs no engine and changes nothing.
    """
    from cockpit.doctor import telling
    from cockpit.doctor.examine import examine
    from cockpit.doctor.finding import Finding

    live = sys.stdout.isatty() and not as_json
    found: list[Finding] = []

    async def look() -> None:
        async for _, findings in examine(setting.config, setting.places, os.environ):
            found.extend(findings)
            if live:
                click.echo(telling.lines(findings))

    asyncio.run(look())
    if as_json:
        click.echo(telling.document(found))
    else:
        worst = [each for each in found if each.state == "bad"] if live else found
        click.echo("\n".join(filter(None, (telling.lines(worst), telling.summary(found)))))
    sys.stdout.flush()
    # Not sys.exit: that waits for threads, and one that asks a dead name server cannot be ended.
    os._exit(Exit.REFUSED if any(each.state == "bad" for each in found) else Exit.OK)
