"""Drills made of what was recorded."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from cockpit.cli.drills import drill
from cockpit.cli.setting import JSON, Setting, tell


@drill.command(
    "from",
    epilog="""\b
Examples:  cockpit drill from INC-3
           cockpit drill from INC-3 --share -o ~/drills
           cockpit --profile drill-20260101-090000-1 drill from""",
)
@click.argument("incident", required=False)
@click.option(
    "--output", "-o", type=click.Path(path_type=Path), default=Path("drills"), show_default=True,
    help="The directory to write it to; it is made.",
)  # fmt: skip
@click.option("--share", is_flag=True, help="Without names of people, hosts, addresses, paths and secrets.")
@JSON
@click.pass_obj
def from_(setting: Setting, incident: str | None, output: Path, share: bool, as_json: bool) -> None:
    """Make a drill of an incident [the latest].

    The same commands answer as they did, in the order they were run, and what followed follows again. Whatever else is
    tried was not recorded: it says so, with exit code 86, and does nothing.
    """
    from cockpit.drills.recorded.making import make

    if output.suffix == ".yaml":
        raise click.BadParameter("name a directory: the scenario and its runbooks go into it", param_hint="-o")
    own = setting.places.home / "drill" / "config.yaml"
    config = own if own.exists() else setting.config
    tell(asyncio.run(make(setting.places.journal, incident, config, output, share=share, as_json=as_json)))
