"""The command line: one function a command, and no logic. A file that is imported here adds its commands."""

from __future__ import annotations

from cockpit.cli import (
    alerts,
    broadcast,
    changes,
    debriefing,
    doctor,
    drills,
    engine,
    facilitate,
    files,
    freeze,
    history,
    importing,
    incident,
    people,
    probes,
    recorded,
    replay,
    report,
    reporting,
    running,
    scenarios,
    screen,
    statuspage,
)
from cockpit.cli.root import main
from cockpit.cli.setting import Setting

__all__ = [
    "Setting",
    "alerts",
    "broadcast",
    "changes",
    "debriefing",
    "doctor",
    "drills",
    "engine",
    "facilitate",
    "files",
    "freeze",
    "history",
    "importing",
    "incident",
    "main",
    "people",
    "probes",
    "recorded",
    "replay",
    "report",
    "reporting",
    "running",
    "scenarios",
    "screen",
    "statuspage",
]
