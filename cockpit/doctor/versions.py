"""Versions of programs that the runbooks need: an old one takes other options than the runbook gives it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from itertools import zip_longest

from cockpit.doctor.environment import needed
from cockpit.doctor.finding import Finding, finding
from cockpit.doctor.scene import Scene
from cockpit.platform.command import run
from cockpit.runbooks import trust
from cockpit.runbooks.model.runbook import Version

THEME = "versions"
WITHIN = 5.0
"""Real seconds for a program to say its version."""
PRINTED = 16 * 1024


async def check(scene: Scene) -> AsyncIterator[Finding]:
    """Each program whose version a trusted runbook asks for; nothing of an untrusted one is run."""
    for entry, known in needed(scene):
        versions = entry.runbook.requires.versions if entry.runbook is not None else {}
        if versions and not trust.trusted(scene.places.trust, entry):
            yield finding(THEME, known, "skipped", "not trusted yet, so nothing of it is run", "start it once")
            continue
        found = await asyncio.gather(*(_one(scene, f"runbook {known}", name, each) for name, each in versions.items()))
        for told in found:
            yield told


async def _one(scene: Scene, who: str, name: str, version: Version) -> Finding:
    try:
        ran = await run(version.argv, scene.environ, scene.base, WITHIN, PRINTED)
    except (OSError, ValueError) as error:
        return finding(THEME, who, "bad", f"{name}: {version.argv[0]} cannot be run: {error}", "install it")
    has = printed(version, (ran.out + b"\n" + ran.err).decode(errors="replace"))
    if not has:
        words = f"{name} does not say its version: nothing in what it printed matches {version.pattern}"
        return finding(THEME, who, "warn", words, "mend the pattern in requires.versions")
    if not at_least(has, version.at_least):
        return finding(THEME, who, "bad", f"{name} is {has}, needs {version.at_least} or later", f"upgrade {name}")
    return finding(THEME, who, "ok", f"{name} {has}")


def printed(version: Version, text: str) -> str:
    """The version in what a program printed, empty when there is none."""
    match = re.search(version.pattern, text)
    return (match.group(1) if match.re.groups else match.group(0)) or "" if match else ""


def at_least(has: str, wanted: str) -> bool:
    """Whether a version is another one or later, number by number."""
    pairs = zip_longest(*(map(int, re.findall("[0-9]+", each)) for each in (has, wanted)), fillvalue=0)
    return next((mine > theirs for mine, theirs in pairs if mine != theirs), True)
