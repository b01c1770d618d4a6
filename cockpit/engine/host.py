"""The engine's process: one to a journal, ready when it says so, gone when asked."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from cockpit.clock import Clock, SystemClock
from cockpit.config.load import read
from cockpit.config.model import Config
from cockpit.config.problems import ConfigError
from cockpit.engine.drilling import only_of_the_drill
from cockpit.engine.engine import Engine, Ways
from cockpit.engine.lock import EngineLock, EngineRuns
from cockpit.execution.launch import Launcher
from cockpit.exits import Exit
from cockpit.journal.errors import JournalError
from cockpit.platform.drill import DrillMark, read_mark
from cockpit.platform.drillclock import ClockBroken, SharedClock
from cockpit.platform.places import Places, no_config
from cockpit.protocol.launch import READY

log = logging.getLogger(__name__)

PATIENCE = 20.0
"""Real seconds for another engine to serve, or to be gone."""
LINGERS = 2.0
"""Real seconds that an engine which has let go of everything waits for threads that hang in a disk or a resolver."""

WORLD_SECONDS = 5.0
"""Real seconds for the simulator of a drill to answer."""


@dataclass(frozen=True)
class Start:
    """How an engine was asked to start."""

    places: Places
    profile: str
    config: Path | None
    ready_fd: int | None


class CannotStart(Exception):
    """The engine does not start; the text is for the person."""

    def __init__(self, text: str, code: Exit) -> None:
        super().__init__(text)
        self.code = code


def host(start: Start) -> int:
    """Run an engine until it is asked to stop; the exit code of the process."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr)
    try:
        start.places.make()
        lock = _lock_unless_served(start.places)
    except CannotStart as error:
        return _refuse(start, error)
    except OSError as error:
        return _refuse(start, CannotStart(f"no engine can run in {start.places.home}: {error}", Exit.STORAGE))
    if lock is None:
        # Somebody else was quicker: there is an engine to talk to, which is all that was asked for.
        _say(start.ready_fd, READY)
        return Exit.OK
    try:
        asyncio.run(_serve(start))
    except CannotStart as error:
        return _refuse(start, error)
    except JournalError as error:
        return _refuse(start, CannotStart(error.message, Exit.STORAGE))
    finally:
        lock.release()
    return Exit.OK


def _lock_unless_served(places: Places) -> EngineLock | None:
    """The lock, or None once the engine that holds it answers: it may still be starting, or already be stopping."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return EngineLock(places.lock)
        except EngineRuns as runs:
            if _answers(places.socket):
                return None
            if time.monotonic() >= deadline:
                text = f"the engine with pid {runs.pid} does not answer; its log is {places.log}"
                raise CannotStart(text, Exit.NO_ENGINE) from runs
        time.sleep(0.05)


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as caller:
        try:
            caller.connect(os.fspath(path))
        except OSError:
            return False
        return True


async def _serve(start: Start) -> None:
    config = _read_config(start.config)
    mark = _read_mark(start.places)
    _require_world(mark, start.profile)
    clock = _clock(start.places, mark)
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signum in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(signum, stopping.set)
    engine = await Engine.open(
        start.places, config, clock,
        profile=start.profile, config_path=str(start.config or ""), drill="" if mark is None else mark.name,
        shutdown=stopping.set, ways=_ways(start.places, mark),
    )  # fmt: skip
    try:
        await engine.start()
        _say(start.ready_fd, READY)
        log.info("engine serves profile %s at %s", start.profile, start.places.socket)
        await stopping.wait()
    finally:
        await engine.close()
    _end_soon()


def _end_soon() -> None:
    """Threads cannot be cancelled, and Python waits for all of them: what hangs must not keep the lock."""
    end = threading.Timer(LINGERS, os._exit, (Exit.OK,))
    end.daemon = True
    end.start()


def _read_config(path: Path | None) -> Config:
    if path is None:
        raise CannotStart(no_config(), Exit.BAD_INPUT)
    try:
        return read(path, Config)
    except ConfigError as error:
        raise CannotStart(str(error), Exit.BAD_INPUT) from error


def _require_world(mark: DrillMark | None, profile: str) -> None:
    """A drill without its simulator is over: everything would look down, which nothing is."""
    if mark is None or not mark.url:
        return
    where = urlsplit(mark.url)
    try:
        socket.create_connection((where.hostname or "", where.port or 0), WORLD_SECONDS).close()
    except OSError:
        text = (
            f"the drill {mark.name} is over: its simulator is gone. What there was: cockpit --profile {profile} replay"
        )
        raise CannotStart(text, Exit.DRILL_LOST) from None


def _read_mark(places: Places) -> DrillMark | None:
    try:
        return read_mark(places.drill)
    except (OSError, msgspec.MsgspecError) as error:
        # Going on with the wrong clock would look like a real outage.
        raise CannotStart(
            f"this profile is a drill, but {places.drill} cannot be read: {error}", Exit.STORAGE
        ) from error


def _ways(places: Places, mark: DrillMark | None) -> Ways:
    if mark is None or not mark.url:
        # A mark without a simulator only has the clock of a drill: there is no other world for its commands.
        return Ways()
    return Ways(launch=only_of_the_drill(Launcher().launch, places.drill_commands))


def _clock(places: Places, mark: DrillMark | None) -> Clock:
    if mark is None:
        return SystemClock()
    try:
        return SharedClock(places.drill_clock)
    except ClockBroken as error:
        raise CannotStart(str(error), Exit.STORAGE) from error


def _refuse(start: Start, error: CannotStart) -> int:
    print(error, file=sys.stderr)
    _say(start.ready_fd, f"{int(error.code)}\n{error}")
    return error.code


def _say(ready_fd: int | None, word: str) -> None:
    if ready_fd is None:
        return
    try:
        os.write(ready_fd, word.encode())
        os.close(ready_fd)
    except OSError:
        log.warning("whoever started this engine did not wait for it")
