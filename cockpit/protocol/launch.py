"""Starting an engine where none runs."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from cockpit.exits import Exit
from cockpit.platform.places import Places, no_config
from cockpit.platform.scope import surviving_logout
from cockpit.protocol.client import Client, NoEngine

TRIES = 3
"""Engines started before it is said that none serves: one that was there may have been stopping."""
READY = "ready"
"""What an engine writes to its ready pipe when it serves; anything else is an exit code and a text."""


class EngineFailed(Exception):
    """The engine could not start; the text is for the person, the code for the shell."""

    def __init__(self, text: str, code: Exit) -> None:
        super().__init__(text)
        self.code = code


async def launch_engine(
    places: Places, *, profile: str, config: Path | None, env: Mapping[str, str] | None = None
) -> None:
    """Start an engine and return when it serves; EngineFailed with what it said when it does not.

    When another engine already runs in these places, that is success: there is one to talk to. `env` is the engine's
    environment, in place of our own.
    """
    if config is None:
        raise EngineFailed(no_config(), Exit.BAD_INPUT)
    argv = ["--home", str(places.home), "--profile", profile, "--notice", places.notice, "--config", str(config)]
    await asyncio.to_thread(_start, places, argv, env)


def _start(places: Places, arguments: list[str], env: Mapping[str, str] | None) -> None:
    try:
        places.make()
        log = open(places.log, "ab", opener=_private)
    except OSError as error:
        text = f"no engine can run in {places.home}: {error.strerror}\nset COCKPIT_HOME to a directory of your own"
        raise EngineFailed(text, Exit.STORAGE) from error
    ready, told = os.pipe()
    argv = [sys.executable, "-m", "cockpit.engine", "--ready-fd", str(told), *arguments]
    try:
        with log:
            process = subprocess.Popen(
                surviving_logout(argv), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/",
                pass_fds=(told,), start_new_session=True, env=env,
            )  # fmt: skip
    except OSError as error:
        os.close(ready)
        raise EngineFailed(f"the engine could not be started: {error}", Exit.NO_ENGINE) from error
    finally:
        os.close(told)
    with open(ready, encoding="utf-8", errors="replace") as words:
        said = words.read().rstrip("\n")
    if said == READY:
        # The engine may outlive this process, or end before it: then nothing of it is to stay behind as a zombie.
        threading.Thread(target=process.wait, name="engine", daemon=True).start()
        return
    process.wait()
    code, _, text = said.partition("\n")
    if not code.isdigit():
        raise EngineFailed(f"the engine died while starting; its log is {places.log}", Exit.NO_ENGINE)
    raise EngineFailed(text, Exit(int(code)))


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


async def attach(
    places: Places,
    *,
    profile: str,
    config: Path | None,
    actor: str,
    panes: bool = True,
    after: int = -1,
    data: bool = False,
    read_only: bool = False,
) -> Client:
    """A connection to the engine of these places, which is started when none runs."""
    connect = partial(
        Client.connect, places.socket, actor=actor, panes=panes, after=after, data=data, read_only=read_only
    )
    for _ in range(TRIES):
        try:
            return await connect()
        except NoEngine:
            await launch_engine(places, profile=profile, config=config)
    return await connect()
