"""Playing a runbook without the screen: for real, dry, or as a rehearsal."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import click

from cockpit.cli.asking import Asking, can_ask
from cockpit.cli.files import runbook
from cockpit.cli.incident import SEVERITIES
from cockpit.cli.setting import JSON, Setting, to_act
from cockpit.endings import fail
from cockpit.exits import Exit
from cockpit.protocol.playing import Play
from cockpit.protocol.starting import Wish


def _pairs(_context: click.Context, option: click.Parameter, pairs: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not (name and equals) or name in found:
            raise click.BadParameter(f"give each name once, as in --{option.name} {option.metavar}")
        found[name] = value
    return found


@runbook.command(
    "run",
    epilog="""\b
Example: cockpit runbook run login-flag --declare "Logins fail"
Exit codes: 0 done, 1 refused or failed, 3 bad input, 4 no engine,
            7 a person is needed: the run stays open""",
)
@click.argument("target", metavar="ID|FILE")
@click.option("--param", "params", metavar="NAME=VALUE", multiple=True, callback=_pairs, help="A value it asks for.")
@click.option(
    "--secret",
    "secrets",
    metavar="NAME=ENVVAR",
    multiple=True,
    callback=_pairs,
    help="A secret value, and the variable of your environment that holds it.",
)
@click.option("--take-over", default="", metavar="REASON", help="Take its lock from whoever holds it.")
@click.option("--trust", default="", metavar="DIGEST", help="Trust the file, if it still has this digest.")
@click.option("--declare", "title", default="", metavar="TITLE", help="Declare an incident if none is open.")
@click.option("--severity", type=click.Choice(SEVERITIES), default="SEV3", show_default=True, help="Of --declare.")
@click.option("--yes", is_flag=True, help="Confirm what reads or writes; never ask, and stop at anything else.")
@click.option("--dry-run", is_flag=True, help="Show every step and its commands; run and look up nothing.")
@click.option(
    "--rehearse",
    is_flag=False,
    flag_value="latest",
    metavar="RESULTS.yaml|INCIDENT",
    help="Play it with results that are declared, or recorded in an incident [the latest].",
)
@JSON
@click.pass_obj
def runbook_run(
    setting: Setting, target: str, params: dict[str, str], secrets: dict[str, str], take_over: str, trust: str,
    title: str, severity: Any, yes: bool, dry_run: bool, rehearse: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Run a runbook here, step by step.

    An open run of it is gone on with. It asks before each step, and leaves the run open when it stops.
    """
    if dry_run and rehearse is not None:
        raise click.UsageError("--dry-run and --rehearse are two things: choose one")
    if dry_run:
        _dry(setting.config, target, params, as_json)
    elif rehearse is not None:
        _rehearse(setting, target, rehearse, params, as_json)
    else:
        wish = Wish(target, params, _values(secrets), take_over, trust, title, severity)
        _play(setting, wish, yes=yes, as_json=as_json)


def _values(secrets: dict[str, str]) -> dict[str, str]:
    for name, variable in secrets.items():
        if not os.environ.get(variable):
            fail(f"--secret {name}={variable}: {variable} is not set", Exit.USAGE)
    return {name: os.environ[variable] for name, variable in secrets.items()}


def _dry(config: Path | None, target: str, params: dict[str, str], as_json: bool) -> None:
    from cockpit.config.problems import ConfigError
    from cockpit.runbooks import drytext
    from cockpit.runbooks.choosing import named
    from cockpit.runbooks.dry import Unfit, dry_run

    try:
        dry = dry_run(named(target, config), params)
    except (ConfigError, Unfit) as error:
        fail(str(error), Exit.BAD_INPUT)
    click.echo(drytext.as_document(dry) if as_json else drytext.as_text(dry))


def _rehearse(setting: Setting, target: str, results: str, params: dict[str, str], as_json: bool) -> None:
    from cockpit.review import rehearsal

    journal = setting.places.journal
    text, code = asyncio.run(rehearsal.play(target, results, journal, setting.config, params, as_json=as_json))
    click.echo(text, err=code is Exit.BAD_INPUT)
    sys.exit(code)


def _play(setting: Setting, wish: Wish, *, yes: bool, as_json: bool) -> None:
    if not yes and (as_json or not can_ask()):
        fail("nobody can be asked here: --yes confirms what only reads or writes, `cockpit` asks", Exit.PERSON_NEEDED)
    play = Play(lambda: to_act(setting).aloud(panes=True), wish, None if yes else Asking(), as_json=as_json)
    try:
        code = asyncio.run(play.run())
    except KeyboardInterrupt:
        click.echo(f"\n{play.left()}", err=True)
        sys.exit(Exit.INTERRUPTED)
    sys.exit(code)
