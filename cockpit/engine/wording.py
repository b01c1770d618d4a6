"""A team's own words for what is told, or the program's own where those cannot be read."""

from __future__ import annotations

from pathlib import Path

from cockpit.config.problems import ConfigError
from cockpit.config.templates import PLAIN, Templates, read


def wording(name: str | None, base: Path) -> tuple[Templates, tuple[str, ...]]:
    """The templates in the file of that name, and what is wrong with it: a typing error must silence nobody."""
    if name is None:
        return PLAIN, ()
    try:
        return read(base / Path(name).expanduser()), ()
    except ConfigError as error:
        return PLAIN, (f"the broadcast templates are not used: {error.problems[0]}",)
