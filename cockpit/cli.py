"""The command line: one function a command, and no logic."""

from __future__ import annotations

import asyncio
import getpass
import json
import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import click

from cockpit import __version__
from cockpit.endings import Plainly, fail
from cockpit.exits import Exit
from cockpit.platform.hangup import on_hangup
from cockpit.platform.placement import settle
from cockpit.platform.places import Places, absolute, config_candidates, profile_places
from cockpit.protocol import commands, control, plain
from cockpit.protocol.client import Client, TurnedAway
from cockpit.protocol.launch import attach
from cockpit.protocol.messages import Answer

SEVERITIES = ("SEV1", "SEV2", "SEV3", "SEV4")
STATUSES = ("investigating", "identified", "mitigating", "monitoring")
PROFILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@dataclass(frozen=True)
class Setting:
    """What every command knows: the config chosen or found, the profile, and who acts."""

    chosen: Path | None
    config: Path | None
    profile: str
    actor: str

    @property
    def places(self) -> Places:
        """The files of the profile."""
        return settle(profile_places(self.profile))

    async def client(self, *, panes: bool = False, after: int = -1, data: bool = False) -> Client:
        """A connection to the profile's engine, which is started when none runs."""
        return await attach(
            self.places, profile=self.profile, config=self.config, actor=self.actor,
            panes=panes, after=after, data=data,
        )  # fmt: skip

    async def aloud(self, *, after: int = -1, data: bool = False) -> Client:
        """A connection for a command in plain lines, which says so when the engine works by another config."""
        client = await self.client(after=after, data=data)
        runs_with = client.welcome.config
        if self.chosen is not None and runs_with != str(self.chosen):
            words = f"the engine of this profile runs with {runs_with or 'no config'}; "
            click.echo(f"{words}`cockpit --config {self.chosen} restart` changes that", err=True)
        return client

    async def restart(self) -> str:
        """`cockpit restart` in a process of its own: what it loads has no place in a terminal."""
        return await control.run_restart(self.profile)


def _actor(chosen: str | None) -> str:
    for name in (chosen, os.environ.get("SUDO_USER"), os.environ.get("USER")):
        if name:
            return name
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"


def _config(chosen: Path | None) -> Path | None:
    return chosen or next((path for path in config_candidates() if os.path.exists(path)), None)


def _do(setting: Setting, command: commands.AnyCommand, as_json: bool) -> None:
    async def once() -> Answer:
        client = await setting.aloud()
        try:
            return await client.do(command)
        finally:
            await client.close()

    answer = asyncio.run(once())
    click.echo(plain.answer_text(answer, as_json=as_json), err=not (answer.ok or as_json))
    if not answer.ok:
        sys.exit(Exit.STORAGE if answer.refusal == "storage" else Exit.REFUSED)


def _profile(_context: click.Context, _option: click.Parameter, name: str) -> str:
    if not PROFILE.fullmatch(name):
        raise click.BadParameter("use letters, digits, `.`, `_` and `-`")
    return name


@click.group(
    cls=Plainly, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]},
    epilog="""\b
No config yet?    cockpit demo
Exit codes:       0 done, 1 refused, 2 usage, 3 bad input, 4 no engine,
                  5 storage, 6 drill not finished, 129 hung up, 130 interrupted""",
)  # fmt: skip
@click.option("--config", type=click.Path(path_type=Path), help="The config file [./config.yaml, then your own].")
@click.option("--profile", default="default", show_default=True, callback=_profile, help="Whose journal and engine.")
@click.option("--as", "as_", metavar="NAME", help="Who acts [SUDO_USER, then USER].")
@click.version_option(__version__, prog_name="cockpit")
@click.pass_context
def main(context: click.Context, config: Path | None, profile: str, as_: str | None) -> None:
    """The cockpit for the person on call.

    Without a command it opens the screen, and starts the engine when none runs.
    """
    chosen = absolute(config) if config is not None else None
    context.obj = Setting(chosen, _config(chosen), profile, _actor(as_))
    if context.invoked_subcommand is None:
        context.invoke(open_screen)


@main.command("open")
@click.option("--hints", is_flag=True, help="Say what a practised responder would do next.")
@click.pass_obj
def open_screen(setting: Setting, hints: bool = False) -> None:
    """Open the screen, or watch without a terminal."""
    if not has_screen():
        asyncio.run(_watch(setting, as_json=False, after=0))
    from cockpit.tui.app import CockpitApp

    # Started here, where what is wrong with a config can still be said in plain lines.
    asyncio.run(_greet(setting))
    app = CockpitApp(
        lambda: setting.client(panes=True), actor=setting.actor, hints=hints, restart=setting.restart
    )  # fmt: skip
    on_hangup(sys.stdin.fileno(), lambda: os._exit(Exit.HUNG_UP))
    app.run()
    sys.exit(app.return_code or Exit.OK)


def has_screen() -> bool:
    """Whether this is a terminal that a screen can be drawn on."""
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM", "dumb") != "dumb"


async def _greet(setting: Setting) -> None:
    try:
        client = await setting.aloud()
    except TurnedAway as away:
        if away.why != "version":
            raise
        # The screen says so too, and has a key for it.
        return
    await client.close()


@main.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, the event within.")
@click.option("--after", type=int, default=0, show_default=True, help="Begin after this event number.")
@click.pass_obj
def watch(setting: Setting, as_json: bool, after: int) -> None:
    """Print the timeline, a line per event.

    It goes on until Ctrl+C, and ends with code 4 when the engine goes.
    """
    asyncio.run(_watch(setting, as_json=as_json, after=after))


async def _watch(setting: Setting, *, as_json: bool, after: int) -> NoReturn:
    client = await setting.aloud(after=after, data=as_json)
    try:
        said = await plain.follow(client, as_json=as_json)
    finally:
        await client.close()
    fail(said, Exit.NO_ENGINE)


@main.command(epilog='Example: cockpit declare "Logins fail" -s SEV1 --impact "about 80 % of people"')
@click.argument("title")
@click.option("--severity", "-s", type=click.Choice(SEVERITIES), default="SEV3", show_default=True)
@click.option("--impact", default="", help="Who is hit, and how.")
@JSON
@click.pass_obj
def declare(setting: Setting, title: str, severity: Any, impact: str, as_json: bool) -> None:
    """Declare an incident."""
    _do(setting, commands.Declare(title=title, severity=severity, impact=impact), as_json)


@main.command()
@click.argument("text")
@JSON
@click.pass_obj
def note(setting: Setting, text: str, as_json: bool) -> None:
    """Put a line on the timeline."""
    _do(setting, commands.Note(text=text), as_json)


@main.command(epilog='Example: cockpit update --know "80 % of logins fail" --doing "rolling back 4711"')
@click.option("--know", default="", help="What is known.")
@click.option("--doing", default="", help="What is being done.")
@click.option("--unknown", default="", help="What is not known yet.")
@click.option("--status", type=click.Choice(STATUSES), default=None, help="The status from now on.")
@JSON
@click.pass_obj
def update(setting: Setting, know: str, doing: str, unknown: str, status: Any, as_json: bool) -> None:
    """Post a status update."""
    _do(setting, commands.Update(know=know, doing=doing, unknown=unknown, status=status), as_json)


@main.command(epilog='Example, from CI: cockpit --as "$AUTHOR" mark deploy "shop 2.4.1" --service shop --reviewed')
@click.argument("kind", type=click.Choice(("deploy", "config", "flag")))
@click.argument("what")
@click.option("--service", default="", help="The service it changes.")
@click.option("--who", default="", help="Who made it.")
@click.option("--reviewed/--unreviewed", default=None, help="Whether somebody else looked at it.")
@click.option("--link", default="", help="Where to read more.")
@click.option("--undo", default="", help="How to take it back, in words.")
@JSON
@click.pass_obj
def mark(setting: Setting, /, kind: Any, what: str, as_json: bool, **said: Any) -> None:
    """Tell of a deploy, a config edit or a flag."""
    _do(setting, commands.MarkChange(kind=kind, what=what, **said), as_json)


@main.command()
@click.argument("note", default="")
@click.option("--override", default="", metavar="REASON", help="Close it although something stands against it.")
@JSON
@click.pass_obj
def resolve(setting: Setting, note: str, override: str, as_json: bool) -> None:
    """Close the incident."""
    _do(setting, commands.Resolve(note=note, override=override), as_json)


@main.command(epilog='Example: cockpit redact INC-3 41 --reason "a token was pasted"')
@click.argument("stream")
@click.argument("seq", type=int)
@click.option("--reason", required=True, help="Why; it stays on record.")
@JSON
@click.pass_obj
def redact(setting: Setting, stream: str, seq: int, reason: str, as_json: bool) -> None:
    """Erase what an event says.

    STREAM and SEQ are what `cockpit watch --json` shows. That it happened stays on record.
    """
    _do(setting, commands.Redact(stream=stream, seq=seq, reason=reason), as_json)


@main.command()
@JSON
@click.pass_obj
def status(setting: Setting, as_json: bool) -> None:
    """Say whether an engine runs, and what it shows.

    Starts none; without one the exit code is 4.
    """
    found = asyncio.run(control.status(setting.places))
    click.echo(control.status_text(found, as_json=as_json))
    sys.exit(Exit.OK if found["running"] else Exit.NO_ENGINE)


@main.command()
@JSON
@click.pass_obj
def stop(setting: Setting, as_json: bool) -> None:
    """Stop the engine; running steps go on.

    The next engine takes them up.
    """
    stopped = asyncio.run(control.stop(setting.places))
    click.echo(control.stopped_text(stopped, as_json=as_json))


@main.command()
@JSON
@click.pass_obj
def restart(setting: Setting, as_json: bool) -> None:
    """Start this version's engine instead.

    It takes the config of the engine that runs, unless --config names one. Running steps go on.
    """
    from cockpit import restarting

    places = setting.places
    asyncio.run(
        restarting.restart(places, profile=setting.profile, chosen=setting.chosen, found=setting.config)
    )  # fmt: skip
    click.echo(control.status_text(asyncio.run(control.status(places)), as_json=as_json))


@main.group()
def runbook() -> None:
    """List, check and show runbooks."""


@runbook.command("list")
@JSON
@click.pass_obj
def runbook_list(setting: Setting, as_json: bool) -> None:
    """Say which runbooks there are, and what is wrong."""
    from cockpit.runbooks import listing

    _tell(listing.listing(setting.config, as_json=as_json))


@runbook.command("lint")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@JSON
def runbook_lint(files: tuple[Path, ...], as_json: bool) -> None:
    """Check runbook files.

    Every problem is told with its place and the way to mend it.
    """
    from cockpit.runbooks import listing

    _tell(listing.linted(files, as_json=as_json))


@runbook.command("show")
@click.argument("file", type=click.Path(path_type=Path))
@JSON
def runbook_show(file: Path, as_json: bool) -> None:
    """Show what each step does and what undoes it."""
    from cockpit.runbooks import listing

    _tell(listing.shown(file, as_json=as_json))


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

    _tell(checking.check(setting.config, as_json=as_json))


@config_group.command("schema")
def config_schema() -> None:
    """Print the JSON Schema of configs, for editors."""
    from cockpit.config.load import schema
    from cockpit.config.model import Config

    click.echo(json.dumps(schema(Config), indent=2))


def _tell(outcome: tuple[str, bool]) -> None:
    text, good = outcome
    click.echo(text, err=not good)
    if not good:
        sys.exit(Exit.BAD_INPUT)


@main.command(epilog="Example: cockpit report INC-3 -o report.md")
@click.argument("incident", required=False)
@click.option("--json", "as_json", is_flag=True, help="The report as one JSON document.")
@click.option("--output", "-o", type=click.Path(path_type=Path), help="Write it to this file.")
@click.option("--schema", is_flag=True, help="The JSON Schema of the report.")
@click.pass_obj
def report(setting: Setting, incident: str | None, as_json: bool, output: Path | None, schema: bool) -> None:
    """Write the report of an incident [the latest]."""
    from cockpit.review import writing

    if schema:
        click.echo(writing.schema())
        return
    _tell(asyncio.run(writing.write(setting.places.journal, incident, as_json=as_json, output=output)))


@main.command(epilog="Example: cockpit drill login-flag --play original --speed 60")
@click.argument("name", default="login-flag")
@click.option("--speed", type=click.FloatRange(0.1, 600), default=6.0, show_default=True, help="1, 6 or 60, say.")
@click.option("--play", help="Let a recorded responder play: good, original, or another named in the scenario.")
@click.option("--hints", is_flag=True, help="Say what a practised responder would do next.")
@click.pass_obj
def drill(setting: Setting, name: str, speed: float, play: str | None, hints: bool) -> None:
    """Rehearse an outage on a simulated service.

    Real requests and real commands; nobody is paged and nothing real is touched.
    """
    from cockpit.drills import drill as drills

    if play is None and not has_screen():
        fail("a drill by hand needs a terminal; without one, name a responder: --play good", Exit.USAGE)
    sys.exit(asyncio.run(drills.run(name, speed=speed, play=play, hints=hints, actor=setting.actor)))


@main.command()
@click.pass_obj
def demo(setting: Setting) -> None:
    """Try it on a simulated outage; needs no config.

    On a terminal you play the login-flag drill by hand, with hints; otherwise it is played at 60 times the speed.
    """
    from cockpit.drills import drill as drills

    by_hand = has_screen()
    sys.exit(
        asyncio.run(
            drills.run(
                "login-flag", speed=6.0 if by_hand else 60.0, play=None if by_hand else "good", hints=by_hand,
                actor=setting.actor,
            )
        )
    )  # fmt: skip
