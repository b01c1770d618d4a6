"""How a command ends when something stands in its way: one sentence for the person and a code for the shell."""

from __future__ import annotations

import os
import sys
from typing import Any, NoReturn

import click

from cockpit.exits import Exit
from cockpit.protocol.client import NoEngine, TurnedAway
from cockpit.protocol.launch import EngineFailed


class Plainly(click.Group):
    """The commands; whatever hinders one of them is said without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            _leave(Exit.INTERRUPTED)
        except BrokenPipeError:
            # Whoever read our output has seen enough, as `head` does.
            _leave(Exit.OK)
        except EngineFailed as failed:
            fail(str(failed), failed.code)
        except (NoEngine, TurnedAway) as away:
            fail(str(away), Exit.NO_ENGINE)
        except ConnectionError as lost:
            fail(f"the connection to the engine was lost: {lost}", Exit.NO_ENGINE)
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            click.echo(f"{where}{error.strerror or error}", err=True)
            _leave(Exit.STORAGE)


def fail(text: str, code: Exit) -> NoReturn:
    """Say what is wrong, and end."""
    click.echo(text, err=True)
    sys.exit(code)


def _leave(code: Exit) -> NoReturn:
    # What could not be written is still in the buffer, and would be tried again at the very end.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.exit(code)
