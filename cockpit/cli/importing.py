"""Probes from the files of other tools."""

from __future__ import annotations

from pathlib import Path

import click

from cockpit.cli.root import main
from cockpit.cli.setting import write_new
from cockpit.endings import fail
from cockpit.exits import Exit


@main.command("import", epilog="Example: cockpit import rules.yml prometheus.yml blackbox.yml -o config.yaml")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--prometheus", metavar="URL", help="Where the rules are to be asked [http://127.0.0.1:9090].")
@click.option("--json", "as_json", is_flag=True, help="Print what is made, and what to look at, as JSON.")
@click.option("--output", "-o", type=click.Path(path_type=Path), help="Write it to this file, which must be new.")
def import_(files: tuple[Path, ...], prometheus: str | None, as_json: bool, output: Path | None) -> None:
    """Make probes of Prometheus rules, blackbox targets or Gatus.

    What cannot be carried over is named with its line, on top of what is made.
    """
    from cockpit.config.problems import ConfigError
    from cockpit.importing.writing import PROMETHEUS, as_document, imported

    try:
        text, notes = imported(files, prometheus or PROMETHEUS)
    except ConfigError as error:
        fail(str(error), Exit.BAD_INPUT)
    if as_json:
        click.echo(as_document(text, notes))
        return
    if output is None:
        click.echo(text, nl=False)
        return
    write_new(output, text)
    for note in notes:
        click.echo(str(note), err=True)
    looked_at = f"; {len(notes)} to look at" if notes else ""
    click.echo(f"{output} is written{looked_at}: cockpit --config {output} config check")
