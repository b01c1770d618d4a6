"""A derived drill as files: the scenario, and its runbooks beside it."""

from __future__ import annotations

import errno
from pathlib import Path

from cockpit.drills import shelf
from cockpit.drills.recorded.derive import Derived


def write(derived: Derived, directory: Path) -> Path:
    """Write it below the directory, which is made; the scenario's file. OSError where that fails.

    FileExistsError, and nothing written, where one of its files is there: somebody may have worked on it.
    """
    books = directory / "runbooks"
    path = directory / f"{derived.scenario.id}.yaml"
    files = {books / name: source for name, source in derived.runbooks.items()}
    for taken in (each for each in (path, *files) if each.exists()):
        raise FileExistsError(errno.EEXIST, "exists", str(taken))
    directory.mkdir(parents=True, exist_ok=True)
    for file, source in files.items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(source, "utf-8")
    shelf.write(path, derived.scenario)
    return path
