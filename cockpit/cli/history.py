"""The incidents there were, and which of them look like another."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable

import click

from cockpit.cli.root import main
from cockpit.cli.setting import JSON, Setting, tell


@main.command(epilog="Example: cockpit incidents --search login    cockpit incidents --like")
@click.option("--search", "words", default="", metavar="WORDS", help="Only those in which all of these words are said.")
@click.option(
    "--like", is_flag=False, flag_value="", default=None, metavar="[ID]", help="Those like this one [the latest]."
)
@click.option("--since", default="", metavar="DATE", help="Only those declared on or after this day, as 2026-11-20.")
@JSON
@click.pass_obj
def incidents(setting: Setting, words: str, like: str | None, since: str, as_json: bool) -> None:
    """List the incidents, what was red and what helped.

    Reads the journal alone: no engine is needed.
    """
    from cockpit.review import recollection

    wanted = recollection.Wanted(words, like, since)
    tell(asyncio.run(recollection.told(setting.places, wanted, as_json=as_json, progress=_progress())))


def _progress() -> Callable[[int, int], None]:
    """Says on a terminal how far a long reading is."""
    if not sys.stderr.isatty():
        return lambda done, of: None

    def said(done: int, of: int) -> None:
        if of > 1:
            click.echo(f"\rreading incident {done + 1} of {of} ...", err=True, nl=done + 1 == of)

    return said
