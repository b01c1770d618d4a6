"""The one runbook that a person names: by its file, or by its id among those of a config and the bundled ones."""

from __future__ import annotations

import os
from pathlib import Path

from cockpit.config.load import read
from cockpit.config.model import Config
from cockpit.config.problems import ConfigError, Problem
from cockpit.runbooks.library import Entry, library, read_entry
from cockpit.runbooks.model.runbook import Runbook


def named(target: str, config: Path | None) -> Runbook:
    """The runbook of that file or id; ConfigError with what is wrong with it, or that there is none."""
    return chosen(target, config)[1]


def chosen(target: str, config: Path | None) -> tuple[Entry, Runbook]:
    """The same with the file it was read from."""
    if _is_file(target):
        entry = read_entry(Path(target))
        if entry.runbook is None:
            raise ConfigError(entry.problems)
        return entry, entry.runbook
    settings = read(config, Config) if config is not None else Config(version=1)
    base = config.parent if config is not None else Path()
    entries = library([base / directory for directory in settings.runbooks], only=settings.bundled)
    found = next(((entry, entry.runbook) for entry in entries if entry.runbook and entry.runbook.id == target), None)
    if found is None:
        # One that cannot be used has no id to be found by, but it is most often named after it.
        broken = [p for entry in entries if Path(entry.path).stem == target for p in entry.problems]
        mend = "see `cockpit runbook list`, or name a file"
        raise ConfigError(broken or [Problem(target, 0, 0, "", "there is no such runbook", mend)])
    return found


def _is_file(target: str) -> bool:
    return os.sep in target or target.endswith((".yaml", ".yml")) or os.path.isfile(target)
