"""What would fail in a bad night, found out before it."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import NoReturn

import click

from cockpit.cli.root import main
from cockpit.cli.setting import JSON, Setting
from cockpit.endings import fail
from cockpit.exits import Exit


@main.command(epilog="Exit codes: 0 nothing is bad, 1 something is")
@JSON
@click.option(
    "--slack-live",
    metavar="CHANNEL",
    help="Post test messages to this channel of the real Slack, by its id, and take them away again: it shows whether "
    "Slack does all that the cockpit relies on. Takes about two minutes.",
)
@click.pass_obj
def doctor(setting: Setting, as_json: bool, slack_live: str | None) -> None:
    """Find what would fail in a bad night.

    Looks at everything the config names, in your own environment. It needs no engine and changes nothing.
    """
    if slack_live is not None:
        _try_slack(setting, slack_live, as_json)
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


def _try_slack(setting: Setting, channel: str, as_json: bool) -> NoReturn:
    from cockpit.config.problems import ConfigError
    from cockpit.doctor import live, trying

    rows: list[trying.Row] = []

    async def look() -> None:
        async for row in live.slack_live(setting.config, os.environ, channel):
            rows.append(row)
            if not as_json:
                click.echo(trying.line(row))

    try:
        asyncio.run(look())
    except live.Unready as unready:
        fail(str(unready), Exit.USAGE)
    except ConfigError as wrong:
        fail(str(wrong), Exit.BAD_INPUT)
    click.echo(live.document(rows) if as_json else trying.summary(rows))
    sys.exit(Exit.REFUSED if any(row.verdict == "otherwise" for row in rows) else Exit.OK)
