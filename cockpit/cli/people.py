"""Who leads, who is needed and until when, who may leave, where somebody is, and who looks into what."""

from __future__ import annotations

import click
import msgspec

from cockpit.cli.numbers import Between
from cockpit.cli.root import main
from cockpit.cli.setting import JSON, Setting, do, look, moment_of, to_act
from cockpit.moments import hhmm
from cockpit.protocol import commands
from cockpit.protocol.views import PeopleView, PersonView
from cockpit.tui.roster import left, presence, standing, task, until

NOTE = click.option("--note", default="", help="What whoever takes it must know.")


@main.command()
@JSON
@click.pass_obj
def people(setting: Setting, as_json: bool) -> None:
    """List who is needed, who offers help, and who looks into what."""
    view, now = look(setting, PeopleView)
    click.echo(msgspec.json.encode(view, enc_hook=str).decode() if as_json else _listed(view, now))


@main.command(epilog='Example: cockpit need bo --for "the database" --until 10:40')
@click.argument("person")
@click.option("--for", "reason", default="", help="What for.")
@click.option("--until", "end", default="", metavar="WHEN", help="16:00 (UTC), 2h, or RFC 3339 [until released].")
@JSON
@click.pass_obj
def need(setting: Setting, person: str, reason: str, end: str, as_json: bool) -> None:
    """Ask for somebody."""
    do(setting, commands.Need(person=person, reason=reason, until=moment_of(to_act(setting), end, "--until")), as_json)


@main.command(epilog='Example: cockpit release bo --why "the database is well"')
@click.argument("person")
@click.option("--why", default="", help="Why they may leave.")
@JSON
@click.pass_obj
def release(setting: Setting, person: str, why: str, as_json: bool) -> None:
    """Let somebody leave, with thanks."""
    do(setting, commands.Release(person=person, reason=why), as_json)


@main.command(name="stand-down", epilog="Example: cockpit stand-down --stay ada,bo")
@click.option("--stay", required=True, multiple=True, metavar="NAMES", help="Who stays.")
@JSON
@click.pass_obj
def stand_down(setting: Setting, stay: tuple[str, ...], as_json: bool) -> None:
    """Let everybody leave but these, with thanks.

    Several names are separated by commas. The channel is told in one update.
    """
    names = tuple(name for each in stay for part in each.split(",") if (name := part.strip()))
    do(setting, commands.StandDown(stay=names), as_json)


@main.command(epilog='Example: cockpit lead bo --note "the rollback had no effect; next: the override"')
@click.argument("person", default="")
@NOTE
@JSON
@click.pass_obj
def lead(setting: Setting, person: str, note: str, as_json: bool) -> None:
    """Take the lead, or hand it over.

    Without a PERSON it is yours.
    """
    do(setting, commands.TakeRole(person=person, note=note), as_json)


@main.command(epilog="Example: cockpit role communications bo")
@click.argument("role", type=click.Choice(tuple(commands.ROLES)))
@click.argument("person", default="")
@NOTE
@JSON
@click.pass_obj
def role(setting: Setting, role: str, person: str, note: str, as_json: bool) -> None:
    """Take a role, or hand it over.

    Without a PERSON it is yours.
    """
    do(setting, commands.TakeRole(role=commands.ROLES[role], person=person, note=note), as_json)


@main.command()
@JSON
@click.pass_obj
def here(setting: Setting, as_json: bool) -> None:
    """Say that you are on the call."""
    do(setting, commands.DeclarePresence(presence="here"), as_json)


@main.command()
@JSON
@click.pass_obj
def away(setting: Setting, as_json: bool) -> None:
    """Say that you are away."""
    do(setting, commands.DeclarePresence(presence="away"), as_json)


@main.command()
@JSON
@click.pass_obj
def follow(setting: Setting, as_json: bool) -> None:
    """Say that you follow in the channel."""
    do(setting, commands.DeclarePresence(presence="following"), as_json)


@main.group()
def timer() -> None:
    """Look into something for some minutes."""


@timer.command(epilog='Example: cockpit timer start "database latency" --minutes 10')
@click.argument("what")
@click.option("--minutes", type=Between(1, 1440), default=10, show_default=True, help="For how long.")
@click.option("--who", default="", help="Who looks [you].")
@JSON
@click.pass_obj
def start(setting: Setting, what: str, minutes: float, who: str, as_json: bool) -> None:
    """Start a look; everybody sees whose it is and when it ends."""
    do(setting, commands.SetTimer(what=what, minutes=minutes, who=who), as_json)


@timer.command(epilog='Example: cockpit timer end "database latency" --found "replication lags"')
@click.argument("what")
@click.option("--found", default="", help="What came of it.")
@JSON
@click.pass_obj
def end(setting: Setting, what: str, found: str, as_json: bool) -> None:
    """End a look, and say what came of it."""
    do(setting, commands.EndTimer(timer=what, found=found), as_json)


def _listed(view: PeopleView, now: int) -> str:
    lines: list[str] = [view.relief.line] * bool(view.relief)
    lines += [_person(each, now) for each in view.people]
    lines += [
        f"{'looks':<10}  {each.who.line:<16}  {each.what.line}, until {hhmm(each.until)}Z, {left(each, now)[0]}"
        for each in view.timers
    ]
    lines += [f"the call: {view.call.line}"] * bool(view.call)
    return "\n".join(lines or ["nobody is on the roster"])


def _person(person: PersonView, now: int) -> str:
    word = standing(person)[0]
    about = ", ".join(part for part in (task(person), until(person, now)[0]) if part)
    return f"{word:<10}  {person.name.line:<16}  {presence(person, now)[0]:<14}  {about}".rstrip()
