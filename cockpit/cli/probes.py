"""Probes, asked by hand."""

from __future__ import annotations

import asyncio
import sys

import click

from cockpit.cli.root import main
from cockpit.cli.setting import JSON, Setting, tell
from cockpit.endings import fail
from cockpit.exits import Exit


@main.command(
    epilog="""\b
Examples:  cockpit probe shop-front
           cockpit probe https://shop.example.com/healthz
           cockpit probe tls://shop.example.com:443
Exit codes: 0 good or degraded, 1 bad, 3 no such name, or a fault of ours"""
)
@click.argument("what", metavar="[NAME|URL]", required=False)
@JSON
@click.pass_obj
def probe(setting: Setting, what: str | None, as_json: bool) -> None:
    """Ask a probe once, and explain it phase by phase.

    NAME is a probe of the config, one of its lanes, or a service. URL is http(s)://, tcp://host:port, tls://host:port
    or dns://name. With neither, every probe is asked for a table, the worst first. No engine is needed, or told.
    """
    from cockpit.probes import byhand

    try:
        text, code = asyncio.run(byhand.ask(setting.config, what, as_data=as_json))
    except byhand.Unasked as unasked:
        fail(str(unasked), Exit.BAD_INPUT)
    click.echo(text)
    sys.exit(code)


@main.command(epilog="Example: cockpit figures shop-front --last 2h")
@click.argument("name")
@click.option("--last", default="1h", show_default=True, metavar="DURATION", help="How far back: 30m, 2h, 24h.")
@JSON
@click.pass_obj
def figures(setting: Setting, name: str, last: str, as_json: bool) -> None:
    """Show what a probe measured, minute by minute.

    NAME is a lane, as `cockpit status` names it. No engine is needed.
    """
    from cockpit.config.fields import seconds
    from cockpit.review import figures as kept

    try:
        back = seconds(last)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--last") from error
    tell(asyncio.run(kept.told(setting.places.telemetry, name, back, as_json=as_json)))
