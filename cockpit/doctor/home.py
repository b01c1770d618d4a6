"""Where the cockpit keeps its files, and the engine that works there."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

from sqlalchemy.exc import DatabaseError

from cockpit import __version__
from cockpit.doctor.aside import aside
from cockpit.doctor.finding import Finding, finding
from cockpit.doctor.scene import Scene
from cockpit.journal import events, migrations, sqlite
from cockpit.journal.errors import Busy, JournalError
from cockpit.platform.filesystem import is_networked
from cockpit.platform.places import Places
from cockpit.protocol import control
from cockpit.protocol.client import NoEngine

THEME = "places"
ROOM = 100 * 1024 * 1024
"""Bytes that should be free."""
OWN = "set COCKPIT_HOME to a local directory of your own"


async def check(scene: Scene) -> AsyncIterator[Finding]:
    """The state directory, the journal, the socket and the engine."""
    for found in await aside(lambda: [*_directory(scene.places), _journal(scene.places.journal)]):
        yield found
    yield await _engine(scene)


def _directory(places: Places) -> list[Finding]:
    home, told = places.home, list[Finding]()
    if places.notice:
        told.append(finding(THEME, str(home), "warn", places.notice, OWN))
    elif is_networked(home):
        told.append(finding(THEME, str(home), "bad", "lies on a network file system", OWN))
    there = next(path for path in (home, *home.parents) if path.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        told.append(finding(THEME, str(home), "bad", f"nothing can be written in {there}", OWN))
    elif home.exists() and home.stat().st_mode & 0o077:
        told.append(finding(THEME, str(home), "warn", "others can look into it", f"chmod 700 {home}"))
    else:
        told.append(finding(THEME, str(home), "ok", "can be written" if home.exists() else "can be made"))
    free = shutil.disk_usage(there).free
    if free < ROOM:
        words = f"only {free // 1024**2} MiB are free on its disk"
        told.append(finding(THEME, "disk", "bad", words, "free some space"))
    else:
        told.append(finding(THEME, "disk", "ok", f"{free // 1024**2} MiB are free"))
    beside = places.socket.parent
    if beside != home and beside.exists() and beside.lstat().st_uid != os.getuid():
        told.append(finding(THEME, "socket", "bad", f"{beside} belongs to another user", "set COCKPIT_HOME"))
    return told


def _journal(path: Path) -> Finding:
    if not path.exists():
        return finding(THEME, "journal", "ok", "none yet: the first engine makes it")
    try:
        engine = sqlite.reader(path)
        try:
            with engine.begin() as connection:
                migrations.require_current(connection)
                count = len(events.all_streams(connection))
        except DatabaseError as error:
            raise sqlite.translate(error, path) from error
        finally:
            engine.dispose()
    except Busy as error:
        return finding(THEME, "journal", "warn", error.message, "try again in a moment")
    except JournalError as error:
        return finding(THEME, "journal", "bad", error.message, "`cockpit --profile NAME` starts beside it meanwhile")
    return finding(THEME, "journal", "ok", f"can be read: {count} streams")


async def _engine(scene: Scene) -> Finding:
    try:
        found = await control.status(scene.places)
    except NoEngine as error:
        return finding(THEME, "engine", "bad", str(error), "`cockpit restart`, and look at engine.log")
    if not found["running"]:
        return finding(THEME, "engine", "skipped", "none runs: `cockpit` starts one")
    if "pid" not in found or found.get("program") != __version__:
        words = found.get("problem") or f"version {found.get('program')} runs, and this is {__version__}"
        return finding(THEME, "engine", "warn", str(words), "`cockpit restart`")
    if found.get("config") != str(scene.path or ""):
        words = f"works by {found.get('config') or 'no config'}, not by {scene.path}"
        return finding(THEME, "engine", "warn", words, f"`cockpit --config {scene.path} restart`")
    return finding(THEME, "engine", "ok", f"runs by this config, pid {found['pid']}")
