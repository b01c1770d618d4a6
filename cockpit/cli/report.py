"""Reports."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from cockpit.cli.grouped import Grouped
from cockpit.cli.root import main
from cockpit.cli.setting import Setting, tell

report = Grouped("report", help="Write the report of an incident.")
main.add_command(report)


@report.alone(epilog="Example: cockpit report INC-3 -o report.md")
@click.argument("incident", required=False)
@click.option("--json", "as_json", is_flag=True, help="The report as one JSON document.")
@click.option("--output", "-o", type=click.Path(path_type=Path), help="Write it to this file.")
@click.option("--schema", is_flag=True, help="The JSON Schema of the report.")
@click.pass_obj
def write(setting: Setting, incident: str | None, as_json: bool, output: Path | None, schema: bool) -> None:
    """Write the report of an incident [the latest]."""
    from cockpit.review import writing

    if schema:
        click.echo(writing.schema())
        return
    tell(asyncio.run(writing.write(setting.places.journal, incident, as_json=as_json, output=output)))
