"""Looking at a recorded incident again."""

from __future__ import annotations

import asyncio
import re
import sys
from pathlib import Path

import click

from cockpit.cli.numbers import Between
from cockpit.cli.root import main
from cockpit.cli.screen import has_screen
from cockpit.cli.setting import JSON, Setting, tell
from cockpit.endings import fail
from cockpit.exits import Exit

_SIZE = re.compile(r"([0-9]{2,3})x([0-9]{2,3})", re.ASCII)


def _size(_context: click.Context, _option: click.Parameter, text: str) -> tuple[int, int]:
    found = _SIZE.fullmatch(text)
    if found is None or not (60 <= int(found[1]) <= 300 and 15 <= int(found[2]) <= 100):
        raise click.BadParameter("write columns and rows such as 160x45, from 60x15 to 300x100")
    return int(found[1]), int(found[2])


def _idle(_context: click.Context, _option: click.Parameter, text: str) -> float:
    number = text.removesuffix("s").strip()
    if not re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,3})?", number, re.ASCII) or not 0.1 <= float(number) <= 3600:
        raise click.BadParameter("write seconds such as 2s, from 0.1s to 3600s")
    return float(number)


@main.command(epilog="Example: cockpit replay INC-3 --at +12m")
@click.argument("incident", default="")
@click.option("--at", default="", metavar="TIME", help="10:55[:30], RFC 3339, +12m after the declaration, or #41.")
@click.option("--speed", type=Between(0.1, 3600), help="How many times as fast  [1; a cast: 60].")
@click.option("--check", is_flag=True, help="Say whether it comes to what was recorded.")
@click.option("--cast", type=click.Path(path_type=Path), metavar="FILE", help="Write an asciicast to this new file.")
@click.option("--size", default="160x45", show_default=True, callback=_size, help="Of the cast.")
@click.option("--idle", default="2s", show_default=True, callback=_idle, help="The longest pause in the cast.")
@JSON
@click.pass_obj
def replay(
    setting: Setting, incident: str, at: str, speed: float | None, check: bool, cast: Path | None,
    size: tuple[int, int], idle: float, as_json: bool,
) -> None:  # fmt: skip
    """Play a recorded incident [the latest] on the screen.

    Nothing is executed and nobody is told. Without a terminal it prints the timeline up to --at and what was so then.
    """
    from cockpit.journal.errors import JournalError
    from cockpit.replay import tools
    from cockpit.replay.opening import Unplayable

    if cast is not None and (check or as_json):
        raise click.UsageError("--cast is a thing to do by itself: leave --check and --json out")
    if check and (at or speed):
        raise click.UsageError("--check looks at the whole record: leave --at and --speed out")
    places, profile = setting.places, setting.profile
    try:
        if check:
            tell(asyncio.run(tools.check(places, incident, as_json=as_json)))
        elif cast is not None:
            click.echo(asyncio.run(tools.cast(places, incident, at, speed or 60.0, profile, cast, size, idle)))
        elif as_json or not has_screen():
            tell(asyncio.run(tools.show(places, incident, at, profile, as_json=as_json)))
        else:
            sys.exit(asyncio.run(tools.screen(places, incident, at, speed or 1.0, profile, setting.actor)))
    except FileExistsError:
        fail(f"{cast} exists already: name a new file", Exit.BAD_INPUT)
    except Unplayable as unplayable:
        fail(str(unplayable), Exit.BAD_INPUT)
    except JournalError as error:
        fail(str(error), Exit.STORAGE)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--at") from None
