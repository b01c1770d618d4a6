"""Drills as files: which there are, what they are about, and new ones."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import click

from cockpit.cli.drills import drill
from cockpit.cli.setting import JSON, write_new
from cockpit.endings import fail
from cockpit.exits import Exit

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")


@drill.command("list")
@JSON
def drill_list(as_json: bool) -> None:
    """Say which drills there are."""
    from cockpit.drills import listing

    click.echo(listing.listing(as_json=as_json))


@drill.command("show")
@click.argument("name", metavar="NAME|FILE")
@click.option("--spoil", is_flag=True, help="Tell also what is behind it, and how it is played.")
@JSON
def drill_show(name: str, spoil: bool, as_json: bool) -> None:
    """Say what a drill is about.

    What is behind the outage is left out, so that you can still play it.
    """
    from cockpit.config.problems import ConfigError
    from cockpit.drills import listing

    try:
        show = listing.shown_json if as_json else listing.shown
        click.echo(show(name, spoil=spoil))
    except ConfigError as error:
        fail(str(error), Exit.BAD_INPUT)


@drill.command("lint")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@JSON
def drill_lint(files: tuple[Path, ...], as_json: bool) -> None:
    """Check scenario files.

    Every problem is told with its place and the way to mend it. Warnings alone end with exit code 0.
    """
    from cockpit.drills import listing

    found = listing.linted(files)
    good = listing.usable(found)
    if as_json:
        click.echo(listing.lint_json(found))
    else:
        click.echo(listing.lint_text(files, found), err=not good)
    if not good:
        sys.exit(Exit.BAD_INPUT)


@drill.command("schema")
def drill_schema() -> None:
    """Print the JSON Schema of scenarios, for editors.

    An editor with the YAML language server reads it when the file begins with
    `# yaml-language-server: $schema=./scenario.schema.json`.
    """
    from cockpit.drills import listing

    click.echo(listing.json_schema())


@drill.command("new")
@click.argument("name")
@JSON
def drill_new(name: str, as_json: bool) -> None:
    """Begin a drill of your own.

    Writes NAME.yaml and runbooks/NAME.yaml here; both can be played as they are, and nothing is overwritten.
    """
    from cockpit.drills.skeleton import skeleton

    if not NAME.fullmatch(name):
        raise click.BadParameter("use lower-case letters, digits, `.`, `_` and `-`", param_hint="NAME")
    files = skeleton(name, Path())
    for path in files:
        if path.exists() or path.is_symlink():
            fail(f"{path} exists already: choose another name", Exit.BAD_INPUT)
    for path, text in files.items():
        try:
            path.parent.mkdir(exist_ok=True)
        except OSError as error:
            fail(f"{path.parent} cannot be made: {error.strerror}", Exit.BAD_INPUT)
        write_new(path, text)
    scenario, runbook = files
    if as_json:
        click.echo(json.dumps({"scenario": str(scenario), "runbook": str(runbook)}))
        return
    click.echo(f"{scenario} and {runbook} are written.")
    click.echo(f"Play it: cockpit drill ./{scenario} --play good --speed 60    Check it: cockpit drill lint {scenario}")
