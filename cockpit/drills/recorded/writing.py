"""A derived drill as files: the scenario, and its runbooks beside it."""

from __future__ import annotations

from pathlib import Path

from cockpit.drills import shelf
from cockpit.drills.recorded.derive import Derived


def write(derived: Derived, directory: Path) -> Path:
    """Write it below the directory, which is made; the scenario's file. OSError where that fails."""
    books = directory / "runbooks"
    books.mkdir(parents=True, exist_ok=True)
    for name, source in derived.runbooks.items():
        (books / f"{name}.yaml").write_text(source, "utf-8")
    path = directory / f"{derived.scenario.id}.yaml"
    shelf.write(path, derived.scenario)
    return path
