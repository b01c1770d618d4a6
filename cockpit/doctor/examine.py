"""Every check at once, each with a deadline of its own, so that nothing that hangs holds up the others."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from cockpit.clock import SystemClock
from cockpit.config.load import read
from cockpit.config.model import Config
from cockpit.config.problems import ConfigError, Problem
from cockpit.config.secrets import Secrets, resolve
from cockpit.doctor import (
    books,
    endpoints,
    environment,
    home,
    host,
    network,
    publishing,
    slack,
    sources,
    terminal,
    times,
    versions,
)
from cockpit.doctor import written as config_file
from cockpit.doctor.aside import aside
from cockpit.doctor.finding import Finding, finding, worst_first
from cockpit.doctor.scene import Scene
from cockpit.platform.places import Places
from cockpit.probes.transport import ProbeTransport
from cockpit.runbooks.library import Entry, library
from cockpit.text import Redactor

LIMIT = 12.0
"""Real seconds for one check; `READING` are those before it, for the files."""
READING = 2.5
Check = Callable[[Scene], AsyncIterator[Finding]]
CHECKS: tuple[tuple[str, Check], ...] = (
    (config_file.THEME, config_file.check),
    (environment.THEME, environment.check),
    (versions.THEME, versions.check),
    (endpoints.THEME, endpoints.check),
    (times.THEME, times.check),
    (network.THEME, network.check),
    (sources.CHANGES, sources.changes),
    (sources.INTAKE, sources.intake),
    (publishing.FREEZE, publishing.freeze),
    (publishing.BROADCAST, publishing.broadcast),
    (slack.THEME, slack.check),
    (books.THEME, books.check),
    (home.THEME, home.check),
    (terminal.THEME, terminal.check),
    (host.THEME, host.check),
)
ALONE = {config_file.THEME, home.THEME, terminal.THEME, host.THEME}
"""What can be checked without a config."""


async def examine(
    path: Path | None, places: Places, environ: Mapping[str, str]
) -> AsyncIterator[tuple[str, list[Finding]]]:
    """The theme and the findings of each check as it ends, the worst first, without secrets."""
    transport = ProbeTransport()
    try:
        scene = await _scene(path, places, environ, transport)
        redact = _redactor(scene)
        async with asyncio.TaskGroup() as group:
            under_way = [group.create_task(_checked(theme, check, scene)) for theme, check in CHECKS]
            for ended in asyncio.as_completed(under_way):
                theme, found = await ended
                yield theme, worst_first(_masked(each, redact) for each in found)
    finally:
        await transport.aclose()


async def _scene(path: Path | None, places: Places, environ: Mapping[str, str], transport: ProbeTransport) -> Scene:
    config, error, secrets = Config(version=1), None, Secrets()
    runbooks: tuple[Entry, ...] = ()
    if path is not None:
        try:
            async with asyncio.timeout(READING):
                config = await aside(partial(read, path, Config))
        except ConfigError as wrong:
            error = wrong
        except TimeoutError:
            error = ConfigError([Problem(str(path), 0, 0, "", "cannot be read: its disk hangs", "look at the mount")])
        else:
            secrets = resolve(config, environ, str(path))
            probes = [probe.name for service in config.services for probe in service.probes]
            with suppress(TimeoutError):
                async with asyncio.timeout(READING):
                    places_of = [path.parent / name for name in config.runbooks]
                    runbooks = await aside(partial(library, places_of, probes))
    return Scene(path, config, error, environ, secrets, places, transport, SystemClock(), runbooks)


async def _checked(theme: str, check: Check, scene: Scene) -> tuple[str, list[Finding]]:
    if theme not in ALONE and (scene.path is None or scene.error is not None):
        return theme, [finding(theme, "", "skipped", "needs a config that can be used")]
    found: list[Finding] = []
    try:
        async with asyncio.timeout(LIMIT):
            async for each in check(scene):
                found.append(each)
    except TimeoutError:
        found.append(finding(theme, "", "bad", f"not all was looked at within {LIMIT:.0f} s", "look at what hangs"))
    except Exception as error:
        # A defect of one check must not hide what the others found.
        found.append(finding(theme, "", "bad", f"the check itself failed: {type(error).__name__}: {error}"))
    return theme, found


def _redactor(scene: Scene) -> Redactor:
    named = {name for entry in scene.runbooks if entry.runbook for name in entry.runbook.requires.env}
    return Redactor([*scene.secrets.values.values(), *(scene.environ.get(name, "") for name in named)])


def _masked(found: Finding, redact: Redactor) -> Finding:
    clean = finding(found.theme, redact(found.subject), found.state, redact(found.words), redact(found.mend))
    return replace(found, subject=clean.subject, words=clean.words, mend=clean.mend)
