"""The command line itself; what it can do is in the files beside this one."""

from __future__ import annotations

import re
from pathlib import Path

import click

from cockpit import __version__
from cockpit.cli.setting import Setting, actor_of, config_of
from cockpit.endings import Plainly
from cockpit.platform.places import absolute

PROFILE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


def profile_name(_context: click.Context, _option: click.Parameter, name: str | None) -> str | None:
    """The name of a profile, which is a directory's too; none where none was given."""
    if name is not None and not PROFILE.fullmatch(name):
        raise click.BadParameter("use letters, digits, `.`, `_` and `-`")
    return name


@click.group(
    cls=Plainly, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]},
    epilog="""\b
No config yet?    cockpit demo
Exit codes:       0 done, 1 refused, 2 usage, 3 bad input, 4 no engine,
                  5 storage, 6 drill not finished, 7 a person is needed,
                  129 hung up, 130 interrupted""",
)  # fmt: skip
@click.option("--config", type=click.Path(path_type=Path), help="The config file [./config.yaml, then your own].")
@click.option(
    "--profile", default="default", show_default=True, callback=profile_name, help="Whose journal and engine."
)
@click.option("--as", "as_", metavar="NAME", help="Who acts [SUDO_USER, then USER].")
@click.option("--read-only", is_flag=True, help="Only look: whatever would change something is refused.")
@click.version_option(__version__, prog_name="cockpit")
@click.pass_context
def main(context: click.Context, config: Path | None, profile: str, as_: str | None, read_only: bool) -> None:
    """The cockpit for the person on call.

    Without a command it opens the screen, and starts the engine when none runs.
    """
    chosen = absolute(config) if config is not None else None
    context.obj = Setting(chosen, config_of(chosen), profile, actor_of(as_), read_only)
    if context.invoked_subcommand is None:
        context.invoke(main.commands["open"])
