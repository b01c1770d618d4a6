"""Runbooks and the config, as files."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from cockpit.cli.root import main
from cockpit.cli.setting import JSON, Setting, tell, write_new
from cockpit.endings import fail
from cockpit.exits import Exit


@main.group()
def runbook() -> None:
    """List, check, show, run and import runbooks."""


@runbook.command("list")
@JSON
@click.pass_obj
def runbook_list(setting: Setting, as_json: bool) -> None:
    """Say which runbooks there are, and what is wrong."""
    from cockpit.runbooks import listing

    tell(listing.listing(setting.config, as_json=as_json))


@runbook.command("lint")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--config", type=click.Path(path_type=Path), help="Check the names of probes by this config too.")
@JSON
@click.option("--sarif", "as_sarif", is_flag=True, help="Print SARIF 2.1.0, for code hosts.")
@click.pass_obj
def runbook_lint(setting: Setting, files: tuple[Path, ...], config: Path | None, as_json: bool, as_sarif: bool) -> None:
    """Check runbook files.

    Every problem is told with its place and the way to mend it. Warnings alone end with exit code 0.
    """
    from cockpit.config.problems import ConfigError
    from cockpit.runbooks import listing

    if as_json and as_sarif:
        raise click.UsageError("--json and --sarif are two ways to print the same: choose one")
    try:
        found = listing.linted(files, config or setting.chosen)
    except ConfigError as error:
        fail(str(error), Exit.BAD_INPUT)
    if as_json or as_sarif:
        click.echo(listing.as_json(found) if as_json else listing.as_sarif(found))
    else:
        click.echo(listing.as_text(found), err=not found.good)
    if not found.good:
        sys.exit(Exit.BAD_INPUT)


@runbook.command("show")
@click.argument("target", metavar="ID|FILE")
@click.option("--source", is_flag=True, help="Print its file instead: copy a bundled one, and make it yours.")
@JSON
@click.pass_obj
def runbook_show(setting: Setting, target: str, source: bool, as_json: bool) -> None:
    """Show as Markdown what each step does and undoes."""
    from cockpit.runbooks import listing

    if as_json and source:
        raise click.UsageError("--json and --source are two ways to print it: choose one")
    tell(listing.shown(target, setting.config, "source" if source else "json" if as_json else "markdown"))


@runbook.command("schema")
@click.option("--rehearsal", is_flag=True, help="That of the results that a rehearsal is told.")
def runbook_schema(rehearsal: bool) -> None:
    """Print the JSON Schema of runbooks, for editors.

    An editor with the YAML language server reads it when the file begins with
    `# yaml-language-server: $schema=./runbook.schema.json`.
    """
    from cockpit.runbooks import listing

    click.echo(listing.rehearsal_schema() if rehearsal else listing.json_schema())


@runbook.command("import", epilog="Example: cockpit runbook import wiki.md -o drain.yaml")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print what is made, and what to look at, as JSON.")
@click.option("--output", "-o", type=click.Path(path_type=Path), help="Write it to this file, which must be new.")
def runbook_import(file: Path, as_json: bool, output: Path | None) -> None:
    """Make a runbook of a Markdown page.

    Its numbered lists, task lists and headings become steps to be done by hand. Make commands of them one by one.
    """
    from cockpit.config.problems import ConfigError
    from cockpit.importing.markdown import as_document, imported

    try:
        text, notes = imported(file)
    except ConfigError as error:
        fail(str(error), Exit.BAD_INPUT)
    if as_json:
        click.echo(as_document(text, notes))
    elif output is None:
        click.echo(text, nl=False)
    else:
        write_new(output, text)
        for note in notes:
            click.echo(str(note), err=True)
        click.echo(f"{output} is written: cockpit runbook lint {output}")


@main.group("config")
def config_group() -> None:
    """Check the config file."""


@config_group.command("check")
@JSON
@click.pass_obj
def config_check(setting: Setting, as_json: bool) -> None:
    """Check the config file.

    Every problem is told with its place and the way to mend it.
    """
    from cockpit.config import checking

    tell(checking.check(setting.config, as_json=as_json))


@config_group.command("schema")
@click.option("--templates", is_flag=True, help="That of the templates of broadcasts.")
def config_schema(templates: bool) -> None:
    """Print the JSON Schema of configs, for editors."""
    from cockpit.config.load import schema
    from cockpit.config.model import Config
    from cockpit.config.templates import Templates

    click.echo(json.dumps(schema(Templates if templates else Config), indent=2))
