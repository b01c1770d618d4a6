"""Putting this version's engine in the place of the one that runs."""

from __future__ import annotations

import asyncio
from pathlib import Path

from cockpit.config.load import read
from cockpit.config.model import Config
from cockpit.config.problems import ConfigError
from cockpit.exits import Exit
from cockpit.platform.places import Places, no_config
from cockpit.protocol import control
from cockpit.protocol.launch import EngineFailed, launch_engine


async def restart(places: Places, *, actor: str, profile: str, chosen: Path | None, found: Path | None) -> None:
    """Stop the engine and start another on the config it had, unless one is chosen; running steps go on.

    EngineFailed when that cannot be: a config that is wrong stops no engine.
    """
    config = chosen or await control.config_of(places) or found
    if config is None:
        raise EngineFailed(no_config(), Exit.BAD_INPUT)
    try:
        await asyncio.to_thread(read, config, Config)
    except ConfigError as error:
        raise EngineFailed(f"{error}\nnothing was restarted", Exit.BAD_INPUT) from error
    await control.stop(places, actor)
    await launch_engine(places, profile=profile, config=config)
