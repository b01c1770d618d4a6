"""Asking everybody to change nothing for now; and asking, from a pipeline, whether that is so."""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any, Literal

import click
import msgspec

from cockpit.cli.root import main
from cockpit.cli.setting import JSON, Setting, ask, do, to_act
from cockpit.freeze import check as checking
from cockpit.freeze import until as ends
from cockpit.freeze.source import Unreadable, get
from cockpit.moments import hhmm, span
from cockpit.protocol import commands
from cockpit.protocol.messages import FetchFreeze
from cockpit.protocol.views import FreezeView

KEY = "COCKPIT_FREEZE_KEY"


@main.group()
def freeze() -> None:
    """Ask everybody to change nothing for now.

    It is advice: pipelines that ask `cockpit freeze check` obey it.
    """


@freeze.command(epilog='Example: cockpit freeze on --scope ci,terraform --reason "INC-7: db" --until 16:00')
@click.option("--scope", required=True, multiple=True, help="What is to stop: ci, terraform, flags, config.")
@click.option("--reason", required=True, help="Why; everybody reads it.")
@click.option("--until", default="", metavar="WHEN", help="16:00 (UTC), 2h, or RFC 3339 [until lifted].")
@JSON
@click.pass_obj
def on(setting: Setting, scope: tuple[str, ...], reason: str, until: str, as_json: bool) -> None:
    """Freeze changes.

    Several scopes are separated by commas. A freeze that is on is replaced.
    """
    wanted = tuple(word.strip() for each in scope for word in each.split(",") if word.strip())
    known = ask(to_act(setting), FetchFreeze(), FreezeView)
    for word in wanted:
        if word not in known.scopes:
            listed = ", ".join(known.scopes)
            click.echo(f"note: {word} is none of the scopes in the config: {listed}; does any pipeline ask?", err=True)
    at = 0
    if until:
        try:
            at = ends.parse(until, known.now)
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="--until") from None
        click.echo(ends.understood(at, known.now), err=True)
    do(setting, commands.SetFreeze(scope=wanted, reason=reason, until=at), as_json)


@freeze.command(epilog='Example: cockpit freeze off --reason "the database is back"')
@click.option("--reason", default="", help="Why it is over.")
@JSON
@click.pass_obj
def off(setting: Setting, reason: str, as_json: bool) -> None:
    """Lift the freeze."""
    do(setting, commands.LiftFreeze(reason=reason), as_json)


@freeze.command(epilog='Example: cockpit freeze override "deploy shop 2.4" --reason "this is the fix"')
@click.argument("what")
@click.option("--reason", required=True, help="Why; it stays on record.")
@JSON
@click.pass_obj
def override(setting: Setting, what: str, reason: str, as_json: bool) -> None:
    """Let one change through the freeze.

    A pipeline passes that asks `check --what` with the same words.
    """
    do(setting, commands.OverrideFreeze(what=what, reason=reason), as_json)


@freeze.command()
@JSON
@click.pass_obj
def status(setting: Setting, as_json: bool) -> None:
    """Say whether changes are frozen, and where it was published."""
    found = ask(setting, FetchFreeze(), FreezeView)
    click.echo(msgspec.json.encode(found, enc_hook=str).decode() if as_json else _words(found))


def _words(view: FreezeView) -> str:
    if view.frozen:
        end = (
            f"until {hhmm(view.until)}Z ({span((view.until - view.now) / 1e6)} left)" if view.until else "until lifted"
        )
        lines = [f"frozen: {', '.join(view.scope)}, {end}", f"  {view.reason}", f"  by {view.by}, {_ago(view)}"]
    else:
        lines = ["nothing is frozen", *([f"  lifted by {view.by}, {_ago(view)}"] if view.since else [])]
    lines += [f"  let through: {each.what}: {each.reason}" for each in view.overrides]
    lines += [f"  BREACH: {each.what}, {each.who or 'nobody knows who'}" for each in view.breaches]
    for outlet in view.outlets:
        said = f"at {hhmm(outlet.published)}Z" if outlet.published else "not yet"
        lines.append(f"  published {said}: {outlet.name}" + (f": {outlet.problem}" if outlet.problem else ""))
    return "\n".join(lines)


def _ago(view: FreezeView) -> str:
    return f"{span((view.now - view.since) / 1e6)} ago"


class Mistyped(click.UsageError):
    """A command line that asks nothing we understand."""

    exit_code = int(checking.Verdict.UNKNOWN)


class Asked(click.Command):
    """Its code 2 means frozen: a word that was mistyped must not look like that, or like anything known."""

    def make_context(self, *given: Any, **options: Any) -> click.Context:
        """The command line, read; Mistyped when it cannot be."""
        try:
            return super().make_context(*given, **options)
        except click.UsageError as error:
            raise Mistyped(error.format_message(), error.ctx) from None


@freeze.command(
    cls=Asked,
    epilog="""\b
Exit codes:  0 open, 2 frozen, 3 unknown (no document to be believed, usage)
Example:     cockpit freeze check --from https://files.example/freeze.json
                 --scope ci --unknown frozen""",
)
@click.option("--from", "source", required=True, metavar="URL|FILE", help="Where the document is published.")
@click.option("--scope", multiple=True, help="What is about to change [anything frozen counts].")
@click.option("--what", default="", help="The change in the words of an override.")
@click.option("--key-env", multiple=True, default=(KEY,), metavar="NAME", help=f"Variables with keys [{KEY}].")
@click.option("--unsigned", is_flag=True, help="Believe a document without a signature.")
@click.option("--unknown", type=click.Choice(("open", "frozen")), help="Take unknown for this.")
@JSON
def check(
    source: str, scope: tuple[str, ...], what: str, key_env: tuple[str, ...], unsigned: bool,
    unknown: Literal["open", "frozen"] | None, as_json: bool,
) -> None:  # fmt: skip
    """Say whether a change may go ahead.

    For pipelines: it needs no engine and no config. Several --scope or --key-env are alternatives.
    """
    scopes = tuple(word.strip() for each in scope for word in each.split(",") if word.strip())
    question = checking.Question(scopes, what.strip(), checking.keys_of(key_env, os.environ), unsigned)
    try:
        finding = checking.judge(get(source), question, time.time_ns() // 1000)
    except Unreadable as error:
        finding = checking.Finding(checking.Verdict.UNKNOWN, str(error))
    finding = checking.assume(finding, unknown)
    try:
        click.echo(json.dumps(checking.as_json(finding)) if as_json else checking.words(finding))
    except (OSError, UnicodeError):
        # Whoever was to read it is gone or has no room: the code must tell the answer all the same.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.exit(int(finding.verdict))
