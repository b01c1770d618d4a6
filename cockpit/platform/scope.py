"""Keeping a background process alive when its user logs out."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def surviving_logout(argv: list[str]) -> list[str]:
    """The command, in a user scope of its own where systemd would otherwise end it at logout."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    systemd_run = shutil.which("systemd-run")
    if not runtime or systemd_run is None or not (Path(runtime) / "systemd" / "private").exists():
        return argv
    return [systemd_run, "--user", "--scope", "--collect", "--quiet", "--", *argv]
