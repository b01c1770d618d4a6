"""Runbooks and the config, as files."""

from __future__ import annotations

import json
from pathlib import Path

import click

from cockpit.cli.root import main
from cockpit.cli.setting import JSON, Setting, tell


@main.group()
def runbook() -> None:
    """List, check and show runbooks."""


@runbook.command("list")
@JSON
@click.pass_obj
def runbook_list(setting: Setting, as_json: bool) -> None:
    """Say which runbooks there are, and what is wrong."""
    from cockpit.runbooks import listing

    tell(listing.listing(setting.config, as_json=as_json))


@runbook.command("lint")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@JSON
def runbook_lint(files: tuple[Path, ...], as_json: bool) -> None:
    """Check runbook files.

    Every problem is told with its place and the way to mend it.
    """
    from cockpit.runbooks import listing

    tell(listing.linted(files, as_json=as_json))


@runbook.command("show")
@click.argument("file", type=click.Path(path_type=Path))
@JSON
def runbook_show(file: Path, as_json: bool) -> None:
    """Show what each step does and what undoes it."""
    from cockpit.runbooks import listing

    tell(listing.shown(file, as_json=as_json))


@runbook.command("schema")
def runbook_schema() -> None:
    """Print the JSON Schema of runbooks, for editors."""
    from cockpit.config.load import schema
    from cockpit.runbooks.model import Runbook

    click.echo(json.dumps(schema(Runbook), indent=2))


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
def config_schema() -> None:
    """Print the JSON Schema of configs, for editors."""
    from cockpit.config.load import schema
    from cockpit.config.model import Config

    click.echo(json.dumps(schema(Config), indent=2))
