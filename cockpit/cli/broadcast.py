"""What readers are told: written, looked at before it goes, held, let go, and how it travels."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any, get_args

import click
import msgspec

from cockpit.cli.root import main
from cockpit.cli.setting import JSON, Setting, ask, do, look, moment_of, to_act
from cockpit.exits import Exit
from cockpit.moments import SECOND, hhmm, span
from cockpit.protocol import commands
from cockpit.protocol.messages import FetchPreview
from cockpit.protocol.views import BroadcastView, DestinationView, PreviewView
from cockpit.tui import asked

STATUSES = get_args(commands.StatusWord)
DIALECTS = ("slack", "mattermost", "zulip", "discord")


@main.command(epilog='Example: cockpit update --know "80 % of logins fail" --doing "rolling back 4711" --eta +30m')
@click.option("--know", default="", help="What is known.")
@click.option("--doing", default="", help="What is being done.")
@click.option("--unknown", default="", help="What is not known yet.")
@click.option("--status", type=click.Choice(STATUSES), default=None, help="The status from now on.")
@click.option("--eta", default="", metavar="WHEN", help="Your estimate of the end: 11:20 (UTC) or +30m.")
@click.option("--preview", is_flag=True, help="Print what readers would get, and send nothing.")
@click.option("--dialect", type=click.Choice(DIALECTS), default=None, help="The preview in the form of that chat.")
@JSON
@click.pass_obj
def update(
    setting: Setting, /, know: str, doing: str, unknown: str, status: Any, eta: str, preview: bool,
    dialect: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Post a status update.

    With --preview and no words, the card and the thread are printed as they are.
    """
    if dialect and not preview:
        raise click.UsageError("--dialect is for --preview: each destination gets its own form anyway")
    at = moment_of(setting if preview else to_act(setting), eta.removeprefix("+"), "--eta")
    told = commands.Update(know=know, doing=doing, unknown=unknown, status=status, eta=at)
    if preview:
        wordless = told == commands.Update()
        _show(setting, ask(setting, FetchPreview(None if wordless else told), PreviewView), dialect, as_json)
    else:
        do(setting, told, as_json)


@main.command(epilog='Example: cockpit hold --minutes 5 --why "the wording"')
@click.option("--minutes", type=float, default=10, show_default=True, help="For how long at most: 1 to 60.")
@click.option("--why", default="", help="Why; it goes on the timeline.")
@JSON
@click.pass_obj
def hold(setting: Setting, minutes: float, why: str, as_json: bool) -> None:
    """Hold what waits to be told."""
    do(setting, commands.Hold(minutes=minutes, reason=why), as_json)


@main.command("send-now")
@JSON
@click.pass_obj
def send_now(setting: Setting, as_json: bool) -> None:
    """Send at once what waits or is held."""
    do(setting, commands.SendNow(), as_json)


@main.command(epilog='Example: cockpit cadence 30m --why "we wait for the vendor"')
@click.argument("length")
@click.option("--why", default="", help="Why, for readers; needed when it is slower than usual.")
@JSON
@click.pass_obj
def cadence(setting: Setting, length: str, why: str, as_json: bool) -> None:
    """Set how often updates come, and announce it.

    LENGTH is such as 20m or 1h.
    """
    minutes = asked.minutes(length)
    if minutes is None:
        raise click.BadParameter("write a length such as 20m or 1h", param_hint="LENGTH")
    do(setting, commands.SetCadence(minutes=minutes, why=why), as_json)


@main.command()
@JSON
@click.pass_obj
def broadcast(setting: Setting, as_json: bool) -> None:
    """Show how updates travel: destinations, what waits, what is due."""
    view, now = look(setting, BroadcastView)
    click.echo(msgspec.json.encode(view, enc_hook=str).decode() if as_json else "\n".join(lines(view, now)))


def _show(setting: Setting, view: PreviewView, dialect: str | None, as_json: bool) -> None:
    if dialect is not None:
        from cockpit.cli.dialects import rendered

        found = rendered(view.letters, dialect, setting.config)
        text = json.dumps(found, ensure_ascii=False, indent=2) if as_json or dialect == "slack" else _joined(found)
    else:
        text = msgspec.json.encode(view, enc_hook=str).decode() if as_json else "\n".join(preview_lines(view))
    if text:
        click.echo(text)
    if view.refusal:
        click.echo(view.refusal, err=True)
        sys.exit(Exit.REFUSED)


def _joined(messages: Mapping[str, Any]) -> str:
    return "\n\n".join(f"{name.upper()}\n{text}" for name, text in messages.items())


def preview_lines(view: PreviewView) -> Iterator[str]:
    """Card and thread as readers have them."""
    if not view.card:
        return
    yield from ("CARD", view.card, "", "THREAD")
    for told in () if view.post else view.thread:
        yield from (f"{hhmm(told.at)} UTC, {told.word}", told.text, "")
    if view.post:
        yield view.post
    elif not view.thread:
        yield "nothing yet"


def lines(view: BroadcastView, now: int) -> Iterator[str]:
    """How updates travel, for people."""
    yield from (_destination(each, now) for each in view.destinations)
    if not view.destinations:
        yield f"told to: {view.route}"
    if view.held_until > now:
        yield f"HELD until {hhmm(view.held_until)} UTC; `cockpit send-now` lets it go"
    for each in view.waiting:
        yield f"waits  {each.headline}" + (f"  until {hhmm(each.at)} UTC" if each.at > now else "")
    if view.next_due:
        words = f"in {_span(view.next_due - now)}" if view.next_due > now else f"OVERDUE {_span(now - view.next_due)}"
        yield f"next update by {hhmm(view.next_due)} UTC, {words}"
    if view.eta:
        yield f"{view.eta_by} estimates {hhmm(view.eta)} UTC"
    if view.silent_at:
        yield f"without it the chat says at {hhmm(view.silent_at)} UTC that the cockpit is silent"
    if view.copy_text and view.destinations:
        yield from ("", "NOBODY CAN BE TOLD. To paste by hand:", "", view.copy_text)


def _destination(view: DestinationView, now: int) -> str:
    told = f"told {_span(now - view.delivered_at)} ago" if view.delivered_at else "never told"
    parts = (
        f"{view.queued} wait" if view.queued else "", f"to {view.instead}" if view.instead else "", str(view.why),
    )  # fmt: skip
    return "  ".join((f"{view.name:<16}  {view.word:<12}  {told}", *(part for part in parts if part)))


def _span(length: int) -> str:
    return span(max(0, length) / SECOND)
