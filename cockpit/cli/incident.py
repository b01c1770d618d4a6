"""What a person says of an incident."""

from __future__ import annotations

from typing import Any

import click

from cockpit.cli.root import main
from cockpit.cli.setting import JSON, Setting, do
from cockpit.protocol import commands

SEVERITIES = ("SEV1", "SEV2", "SEV3", "SEV4")


@main.command(epilog='Example: cockpit declare "Logins fail" -s SEV1 --impact "about 80 % of people"')
@click.argument("title")
@click.option("--severity", "-s", type=click.Choice(SEVERITIES), default="SEV3", show_default=True)
@click.option("--impact", default="", help="Who is hit, and how.")
@JSON
@click.pass_obj
def declare(setting: Setting, title: str, severity: Any, impact: str, as_json: bool) -> None:
    """Declare an incident."""
    do(setting, commands.Declare(title=title, severity=severity, impact=impact), as_json)


@main.command()
@click.argument("text")
@JSON
@click.pass_obj
def note(setting: Setting, text: str, as_json: bool) -> None:
    """Put a line on the timeline."""
    do(setting, commands.Note(text=text), as_json)


@main.command(epilog='Example, from CI: cockpit --as "$AUTHOR" mark deploy "shop 2.4.1" --service shop --reviewed')
@click.argument("kind", type=click.Choice(("deploy", "config", "flag")))
@click.argument("what")
@click.option("--service", default="", help="The service it changes.")
@click.option("--who", default="", help="Who made it.")
@click.option("--reviewed/--unreviewed", default=None, help="Whether somebody else looked at it.")
@click.option("--link", default="", help="Where to read more.")
@click.option("--undo", default="", help="How to take it back, in words.")
@JSON
@click.pass_obj
def mark(setting: Setting, /, kind: Any, what: str, as_json: bool, **said: Any) -> None:
    """Tell of a deploy, a config edit or a flag."""
    do(setting, commands.MarkChange(kind=kind, what=what, **said), as_json)


@main.command()
@click.argument("note", default="")
@click.option("--override", default="", metavar="REASON", help="Close it although something stands against it.")
@JSON
@click.pass_obj
def resolve(setting: Setting, note: str, override: str, as_json: bool) -> None:
    """Close the incident."""
    do(setting, commands.Resolve(note=note, override=override), as_json)


@main.command(epilog='Example: cockpit redact INC-3 41 --reason "a token was pasted"')
@click.argument("stream")
@click.argument("seq", type=int)
@click.option("--reason", required=True, help="Why; it stays on record.")
@JSON
@click.pass_obj
def redact(setting: Setting, stream: str, seq: int, reason: str, as_json: bool) -> None:
    """Erase what an event says.

    STREAM and SEQ are what `cockpit watch --json` shows. That it happened stays on record.
    """
    do(setting, commands.Redact(stream=stream, seq=seq, reason=reason), as_json)
