"""Variables and commands that the config and the runbooks need: a missing one is found out in the middle of a step."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path

from cockpit.config.freezing import PublishGit
from cockpit.config.probes import CommandProbeConfig
from cockpit.config.sources import CommandSource, GitSource
from cockpit.doctor.aside import aside
from cockpit.doctor.finding import Finding, State, finding
from cockpit.doctor.scene import Scene
from cockpit.runbooks.library import Entry
from cockpit.runbooks.model.commands import Command
from cockpit.runbooks.plan import plan

THEME = "environment"


async def check(scene: Scene) -> AsyncIterator[Finding]:
    """Each variable and each command once, with whoever needs it."""
    for problem in scene.secrets.problems:
        state: State = "bad" if problem.severity == "error" else "warn"
        yield finding(THEME, problem.field, state, problem.message, problem.mend)
    if scene.secrets.values:
        yield finding(THEME, "secrets", "ok", f"set: {', '.join(sorted(scene.secrets.values))}")
    for name, who in _first(_variables(scene)):
        if not scene.environ.get(name):
            words = f"the environment variable {name} is not set"
            yield finding(THEME, who, "bad", words, f"export {name} in the shell you work from")
    good: list[str] = []
    for name, who in _first(_commands(scene)):
        wrong = await aside(partial(_wrong, name, scene))
        if wrong:
            yield finding(THEME, who, "bad", wrong, "install it, mend PATH, or give its whole path")
        else:
            good.append(name)
    if good:
        yield finding(THEME, "commands", "ok", f"found: {', '.join(good)}")


def needed(scene: Scene) -> Iterator[tuple[Entry, str]]:
    """The runbooks that this config can offer, each with its id: a bundled one of an unknown service never runs."""
    services = {service.name for service in scene.config.services}
    for entry in scene.runbooks:
        if entry.runbook is not None and (not entry.bundled or entry.runbook.service in services):
            yield entry, entry.runbook.id


def _first(found: Iterator[tuple[str, str]]) -> list[tuple[str, str]]:
    names: dict[str, str] = {}
    for name, who in found:
        names.setdefault(name, who)
    return list(names.items())


def _variables(scene: Scene) -> Iterator[tuple[str, str]]:
    for service in scene.config.services:
        for probe in service.probes:
            if isinstance(probe, CommandProbeConfig):
                yield from ((name, f"probe {probe.name}") for name in probe.env)
    for source in scene.config.changes:
        if isinstance(source, CommandSource):
            yield from ((name, f"changes {source.name}") for name in source.env)
    for entry, known in needed(scene):
        if entry.runbook is not None:
            requires = entry.runbook.requires
            yield from ((name, f"runbook {known}") for name in (*requires.env, *requires.secrets))


def _commands(scene: Scene) -> Iterator[tuple[str, str]]:
    for service in scene.config.services:
        for probe in service.probes:
            if isinstance(probe, CommandProbeConfig):
                yield probe.argv[0], f"probe {probe.name}"
    for source in scene.config.changes:
        if isinstance(source, CommandSource):
            yield source.argv[0], f"changes {source.name}"
        elif isinstance(source, GitSource):
            yield "git", f"changes {source.name}"
    if any(isinstance(publish, PublishGit) for publish in scene.config.freeze.publish):
        yield "git", "freeze"
    for entry, known in needed(scene):
        if entry.runbook is None:
            continue
        yield from ((name, f"runbook {known}") for name in entry.runbook.requires.commands)
        for step in plan(entry.runbook).steps.values():
            for command in (step.command, step.rollback, step.before, step.check, step.undo_check):
                if isinstance(command, Command) and (name := _program(command)):
                    yield name, f"runbook {known}"


def _program(command: Command) -> str:
    """What it starts, empty when that is a value nobody knows yet."""
    name = command.argv[0] if command.argv is not None else command.shell[0]
    if not isinstance(name, str):
        return ""
    inside = "/" in name and not name.startswith("/") and command.workdir is not None
    return f"{command.workdir}/{name}" if inside else name


def _wrong(name: str, scene: Scene) -> str:
    """Why the command cannot be run, empty when it can."""
    if "/" not in name:
        if shutil.which(name, path=scene.environ.get("PATH", os.defpath)) is not None:
            return ""
        return f"{name} is not in PATH"
    path = scene.base / Path(name)
    if not path.exists():
        return f"{name} is not there"
    return "" if path.is_file() and os.access(path, os.X_OK) else f"{name} may not be run: chmod +x"
