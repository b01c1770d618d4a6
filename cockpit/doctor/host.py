"""What this host allows an engine: to outlive a logout, and to hold a socket for each lane."""

from __future__ import annotations

import resource
from collections.abc import AsyncIterator
from pathlib import Path

from cockpit.doctor.finding import Finding, finding
from cockpit.doctor.scene import Scene
from cockpit.platform.scope import surviving_logout
from cockpit.probes.targets import targets

THEME = "host"
SYSTEMD = Path("/run/systemd/system")
BESIDE, LANE = 128, 3
"""Descriptors for all else, and for one lane that races two addresses."""


async def check(scene: Scene) -> AsyncIterator[Finding]:
    """Whether a logout would end the engine, and whether there are descriptors enough."""
    yield survival(scoped=len(surviving_logout(["engine"])) > 1, systemd=_systemd())
    yield descriptors(len(targets(scene.config.services)), resource.getrlimit(resource.RLIMIT_NOFILE)[0])


def _systemd() -> bool:
    return SYSTEMD.exists()


def survival(*, scoped: bool, systemd: bool) -> Finding:
    """Whether an engine outlives the session that started it. Pure."""
    if scoped:
        return finding(THEME, "logout", "ok", "an engine gets a scope of its own, and outlives a logout")
    if systemd:
        words = "no user session of systemd: a logout may end the engine"
        return finding(THEME, "logout", "warn", words, "loginctl enable-linger, then log in anew")
    return finding(THEME, "logout", "ok", "nothing here ends an engine at logout")


def descriptors(lanes: int, limit: int) -> Finding:
    """Whether so many lanes can be looked at with so many open files. Pure."""
    needed = BESIDE + LANE * lanes
    if limit == resource.RLIM_INFINITY or limit >= needed:
        return finding(THEME, "open files", "ok", f"enough for {lanes} lanes")
    words = f"{limit} at most, and {lanes} lanes may need {needed}"
    return finding(THEME, "open files", "bad", words, f"ulimit -n {needed}, then `cockpit restart`")
