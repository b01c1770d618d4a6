"""Reports of timelines that people wrote by hand, and what stands against a report."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

import click

from cockpit.cli.report import report
from cockpit.cli.setting import JSON, Setting, to_act, write_new
from cockpit.endings import fail
from cockpit.exits import Exit

_FACTS = (
    ("--title", "What the incident is called."),
    ("--id", "Its name in lists [that of the file]."),
    ("--severity", "Such as SEV1."),
    ("--date", "The day of times that name none: 2026-03-02."),
    ("--zone", "The zone of times that name none: Europe/Berlin, UTC, +02:00."),
    ("--t0", "The moment that `+28` and `T28` count from."),
    ("--impact-start", "When it began to hurt."),
    ("--detected", "When it was noticed."),
    ("--declared", "When it was called an incident."),
    ("--mitigated", "When it stopped hurting."),
    ("--verified", "When that was verified."),
    ("--resolved", "When it was over."),
    ("--stated-duration", "How long it took as people say: held against what is computed."),
)


def _facts(function: Callable[..., None]) -> Callable[..., None]:
    """The options that say what a file leaves out."""
    for name, words in reversed(_FACTS):
        function = click.option(name, default="", metavar="TEXT", help=words)(function)
    return function


@report.command("import", epilog="Example: cockpit report import notes.md --date 2026-03-02 --zone UTC -o report.json")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="The report as one JSON document.")
@click.option("--output", "-o", type=click.Path(path_type=Path), help="Write it to this new file: .md, .json or .html.")
@click.option("--template", default="", metavar="NAME|FILE", help="Arrange it so: a template of ours, or a file.")
@click.option("--keep", is_flag=True, help="Keep it in the profile: `cockpit incidents` lists it too.")
@_facts
@click.pass_obj
def report_import(
    setting: Setting, /, file: Path, as_json: bool, output: Path | None, template: str, keep: bool, **facts: str
) -> None:  # fmt: skip
    """Make a report of a timeline written by hand.

    FILE is Markdown (tables, lists such as `- 10:52 text`), CSV, or a Slack export (a day's JSON, the zip, its
    directory). Times are never guessed: one that cannot be taken at its word stays as it is written, and a doubt with
    its line says why.
    """
    from cockpit.config.problems import ConfigError
    from cockpit.review import brought, checking
    from cockpit.review.forms import form_of, formed
    from cockpit.review.keeping import Refused

    try:
        made = checking.imported(file, facts)
        text = asyncio.run(formed(made, "json" if as_json else form_of(output), template))
        kept = brought.keep(made, to_act(setting).places.home) if keep else None
    except (ConfigError, Refused) as error:
        fail(str(error), Exit.BAD_INPUT)
    if output is None:
        click.echo(text, nl=False)
    else:
        write_new(output, text)
    found = checking.problems(file, made.data_quality)
    for problem in found:
        click.echo(str(problem), err=True)
    if kept is not None:
        click.echo(f"kept as {made.header.id}: cockpit incidents", err=True)
    if output is not None:
        click.echo(f"{output} is written{f'; {len(found)} to look at' if found else ''}")


@report.command("lint", epilog="Exit code: 0 when nothing stands, 1 when something does, 3 when a file cannot be used.")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@JSON
@_facts
def report_lint(files: tuple[Path, ...], as_json: bool, **facts: str) -> None:
    """Say what stands against reports or timelines.

    FILES are reports as JSON or Markdown, or whatever `cockpit report import` takes. Every doubt is told with its
    line and the way to mend it.
    """
    from cockpit.config.problems import ConfigError
    from cockpit.review import checking

    try:
        found = checking.linted(files, facts)
    except ConfigError as error:
        fail(str(error), Exit.BAD_INPUT)
    if as_json:
        click.echo(checking.as_json(found))
    else:
        click.echo("\n".join(map(str, found)) or "nothing stands against it")
    if found:
        sys.exit(Exit.REFUSED)
