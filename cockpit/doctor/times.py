"""Our clock beside those of others: a timeline by a wrong clock explains nothing."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from datetime import UTC
from email.utils import parsedate_to_datetime
from pathlib import Path
from statistics import median

import httpx

from cockpit.changes.running import output
from cockpit.changes.source import Unanswered
from cockpit.clock import SECOND
from cockpit.config.probes import HttpProbeConfig
from cockpit.doctor.aside import each
from cockpit.doctor.finding import Finding, finding
from cockpit.doctor.scene import Scene
from cockpit.probes.fetch import ask
from cockpit.probes.targets import targets

THEME = "clock"
WARN, BAD = 5.0, 60.0
"""Seconds that our clock may be off."""
WITHIN = 4.0
ORIGINS = 12


async def check(scene: Scene) -> AsyncIterator[Finding]:
    """Our clock against the median of the dates that servers tell, and whether anything keeps it right."""
    offsets: list[float] = []

    async def look(url: str) -> list[Finding]:
        try:
            before = scene.clock.now()
            reply = await ask(scene.transport, url, WITHIN, method="HEAD")
        except httpx.HTTPError:
            return []
        told = _seconds(reply.headers.get("date", ""))
        if told is not None:
            # A date is cut to whole seconds.
            offsets.append((before + scene.clock.now()) / 2 / SECOND - told - 0.5)
        return []

    async for found in each(_origins(scene), look, lambda url: finding(THEME, url, "skipped", "no answer in time")):
        yield found
    yield judged(offsets)
    yield await _synchronised(scene)


def judged(offsets: list[float]) -> Finding:
    """What the offsets, in seconds, of our clock from others' say. Pure."""
    if not offsets:
        return finding(THEME, "", "skipped", "no server told its time")
    off = median(offsets)
    servers = f"{len(offsets)} server{'' if len(offsets) == 1 else 's'}"
    if abs(off) <= WARN:
        return finding(THEME, "", "ok", f"within {WARN:.0f} s of {servers}")
    words = f"our clock is {abs(off):.0f} s {'ahead of' if off > 0 else 'behind'} {servers}"
    return finding(THEME, "", "bad" if abs(off) > BAD else "warn", words, "switch time synchronisation on")


def _origins(scene: Scene) -> list[str]:
    found: dict[str, str] = {}
    for target in targets(scene.config.services):
        if isinstance(target.config, HttpProbeConfig):
            try:
                url = httpx.URL(target.config.url)
            except httpx.InvalidURL:
                continue
            found.setdefault(url.netloc.decode(), target.config.url)
    return list(found.values())[:ORIGINS]


def _seconds(date: str) -> float | None:
    try:
        moment = parsedate_to_datetime(date)
    except (TypeError, ValueError):
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


async def _synchronised(scene: Scene) -> Finding:
    path = shutil.which("timedatectl", path=scene.environ.get("PATH"))
    if path is None:
        return finding(THEME, "synchronised", "skipped", "this host does not tell whether its clock is kept right")
    argv = [path, "show", "--property=NTPSynchronized", "--value"]
    try:
        printed = await output(argv, env=dict(scene.environ), cwd=Path("/"), within=2.0, limit=1024)
    except Unanswered as fault:
        return finding(THEME, "synchronised", "skipped", str(fault))
    if printed.strip() == b"yes":
        return finding(THEME, "synchronised", "ok", "the clock is kept right")
    return finding(THEME, "synchronised", "warn", "nothing keeps the clock right", "timedatectl set-ntp true")
