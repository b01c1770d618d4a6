"""The public status page: only ever by a person who has read what goes out."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING

import click
import msgspec

from cockpit.cli.asking import can_ask
from cockpit.cli.root import main
from cockpit.cli.setting import JSON, Setting, to_act
from cockpit.endings import fail
from cockpit.exits import Exit
from cockpit.protocol import commands

if TYPE_CHECKING:
    from cockpit.review.publishing import Ready


@main.command(epilog="Example: cockpit statuspage --preview")
@click.option("--preview", "action", flag_value="preview", help="Show what everybody would read; publish nothing.")
@click.option("--post", "action", flag_value="post", help="Show it, ask, and publish it.")
@JSON
@click.pass_obj
def statuspage(setting: Setting, action: str | None, as_json: bool) -> None:
    """Tell the public status page of the latest incident.

    Nothing is ever published by itself. Only the impact and what was measured go out; see them with --preview.
    """
    from cockpit.review import publishing

    if action is None:
        raise click.UsageError("say --preview or --post")
    try:
        ready = asyncio.run(publishing.ready(setting.places.journal, setting.config))
    except publishing.Unpublished as why:
        fail(str(why), Exit.BAD_INPUT)
    if action == "preview":
        click.echo(json.dumps(msgspec.to_builtins(ready.publication)) if as_json else ready.publication.text)
        return
    # A question is for people, whatever the answer is printed as.
    click.echo(ready.publication.text, err=as_json)
    to_act(setting)
    if not can_ask():
        fail("Nothing was published: it takes a person at a terminal who says yes.", Exit.PERSON_NEEDED)
    if not click.confirm(f"\nPublish this for everybody on the page {ready.page.page}?", err=as_json):
        fail("Nothing was published.", Exit.REFUSED)
    said, good = asyncio.run(_post(setting, ready))
    click.echo(json.dumps({"ok": good, "text": said}) if as_json else said, err=not (good or as_json))
    if not good:
        sys.exit(Exit.REFUSED)


async def _post(setting: Setting, ready: Ready) -> tuple[str, bool]:
    from cockpit.review import publishing

    # What goes out has to be on record: without an engine nothing does.
    client = await setting.aloud()
    try:
        outcome = publishing.told(await publishing.publish(ready), ready)
        answer = await client.do(commands.Note(text=outcome.record, source="statuspage"))
        lost = "" if answer.ok else f"\nIt is not on the timeline: {answer.text}"
        return outcome.words + lost, outcome.good and answer.ok
    finally:
        await client.close()
