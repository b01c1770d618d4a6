"""Reports."""

from __future__ import annotations

import asyncio
import atexit
import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from cockpit.cli.grouped import Grouped
from cockpit.cli.root import main
from cockpit.cli.setting import JSON, Setting, tell

FORMS = ("json", "markdown", "html")
LONG = 5_000
"""Events from which on reading them takes long enough to say so."""


@contextmanager
def _uncollected() -> Iterator[None]:
    """Nothing is searched for cycles meanwhile: of a long incident millions of objects live until the end anyway.

    Nor when the process ends: what is left then goes with it.
    """
    atexit.register(gc.freeze)
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


report = Grouped("report", help="Write the report of an incident.")
main.add_command(report)


@report.alone(
    epilog="""\b
Examples:  cockpit report INC-3 -o report.md
           cockpit report -o report.html --template narrative
           cockpit report INC-3 --human report.md --actions github
Also:      cockpit report templates     those there are, with what each is for"""
)
@click.argument("incident", required=False)
@click.option("--output", "-o", type=click.Path(path_type=Path), help="Write it to this file: .md, .json or .html.")
@click.option("--format", "form", type=click.Choice(FORMS), help="The form, whatever the file is called.")
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--template", default="", metavar="NAME|FILE", help="Arrange it so: a template of ours, or a file.")
@click.option("--human", type=click.Path(path_type=Path), help="Take what people wrote from this report.")
@click.option("--actions", type=click.Choice(("github", "jira")), help="Only its actions, as this tracker takes them.")
@click.option("--project", default="", metavar="KEY", help="The project in Jira.")
@click.option("--schema", is_flag=True, help="The JSON Schema of the report.")
@click.pass_obj
@_uncollected()
def write(
    setting: Setting, incident: str | None, output: Path | None, form: Any, as_json: bool, template: str,
    human: Path | None, actions: str | None, project: str, schema: bool,
) -> None:  # fmt: skip
    """Write the report of an incident [the latest].

    INCIDENT is its ID, or a report as .json to be told in another form. What people wrote into the file stays when it
    is written again.
    """
    from cockpit.review import forms, writing

    if schema:
        click.echo(writing.schema())
        return
    if output is not None and not (form or as_json or actions or forms.suits(output)):
        raise click.UsageError(
            f"{output.name} is called after no form of a report: .md, .json or .html, or say --format"
        )
    if actions == "jira" and not project:
        raise click.UsageError("--actions jira needs the key of the project: --project OPS")
    manner = writing.Manner(output, "json" if as_json else form, template, human, actions or "", project)
    tell(asyncio.run(writing.write(setting.places.journal, incident, manner, progress=_progress())))


@report.command()
@JSON
def templates(as_json: bool) -> None:
    """List the templates, each with what it is for."""
    from cockpit.review import writing

    click.echo(writing.templates(as_json=as_json))


def _progress() -> Callable[[int, int], None] | None:
    """Says on a terminal how far a long reading is."""
    if not sys.stderr.isatty():
        return None

    def said(done: int, of: int) -> None:
        if of > LONG:
            click.echo(f"\rreading event {done:,} of {of:,} ...", err=True, nl=done >= of)

    return said
