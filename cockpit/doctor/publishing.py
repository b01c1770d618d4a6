"""Where a freeze and updates are written to: looked at, never written."""

from __future__ import annotations

import functools
import os
from collections.abc import AsyncIterator
from pathlib import Path

from cockpit.changes.running import output
from cockpit.changes.source import Unanswered
from cockpit.config.broadcasting import Destination, FileDestination, SlackDestination
from cockpit.config.freezing import Publish, PublishFile, PublishGit
from cockpit.doctor.aside import aside, each
from cockpit.doctor.finding import Finding, finding
from cockpit.doctor.scene import Scene
from cockpit.freeze.signing import SHORTEST_KEY
from cockpit.freeze.source import shown

FREEZE, BROADCAST = "freeze", "broadcast"
GIT = 5.0


async def freeze(scene: Scene) -> AsyncIterator[Finding]:
    """Whether the freeze would be signed, and could be put where pipelines look."""
    config = scene.config.freeze
    if not config.publish:
        yield finding(FREEZE, "", "skipped", "published nowhere")
        return
    key = scene.secrets.values.get(config.key.env, "").strip() if config.key is not None else ""
    name = config.key.env if config.key is not None else "key"
    if len(key) >= SHORTEST_KEY:
        yield finding(FREEZE, "key", "ok", f"{name} is set")
    elif key:
        words = f"{name} is shorter than {SHORTEST_KEY} characters: it could be guessed"
        yield finding(FREEZE, "key", "warn", words, "take a longer one")
    else:
        yield finding(FREEZE, "key", "bad", "not signed, so pipelines refuse it", "set freeze.key, and its variable")

    async def look(publish: Publish) -> list[Finding]:
        return [await _place(scene, publish)]

    async for found in each(config.publish, look, lambda late: _hangs(FREEZE, late.type)):
        yield found


async def broadcast(scene: Scene) -> AsyncIterator[Finding]:
    """Whether updates can be written."""

    async def look(destination: Destination) -> list[Finding]:
        if isinstance(destination, SlackDestination):
            return [finding(BROADCAST, destination.name, "ok", "see slack")]
        if not isinstance(destination, FileDestination):
            return [finding(BROADCAST, destination.name, "skipped", f"{destination.kind} was not tried")]
        path = scene.base / destination.path
        return [await _file(BROADCAST, destination.name, path, replaced=False)]

    if not scene.config.broadcast.destinations:
        yield finding(BROADCAST, "", "warn", "updates go nowhere", "add broadcast.destinations")
    async for found in each(scene.config.broadcast.destinations, look, lambda late: _hangs(BROADCAST, late.name)):
        yield found


async def _place(scene: Scene, publish: Publish) -> Finding:
    match publish:
        case PublishFile(path=path):
            return await _file(FREEZE, f"file {path}", _under(scene.base, path), replaced=True)
        case PublishGit():
            return await _git(scene, publish)
    return finding(FREEZE, f"PUT {shown(publish.url)}", "skipped", "not tried: it would publish")


async def _file(theme: str, name: str, path: Path, *, replaced: bool) -> Finding:
    words = await aside(functools.partial(_unwritable, path, replaced))
    if words:
        return finding(theme, name, "bad", words, "make the directory, or mend who owns it")
    return finding(theme, name, "ok", "can be written")


def _unwritable(path: Path, replaced: bool) -> str:
    if not path.parent.is_dir():
        return f"there is no directory {path.parent}"
    if path.is_dir():
        return f"{path} is a directory"
    if path.exists() and not replaced:
        return "" if os.access(path, os.W_OK) else f"{path} cannot be written"
    return "" if os.access(path.parent, os.W_OK | os.X_OK) else f"nothing can be written in {path.parent}"


async def _git(scene: Scene, publish: PublishGit) -> Finding:
    path = _under(scene.base, publish.path)
    name = f"git {publish.path} {publish.branch}"
    run = functools.partial(output, env=dict(scene.environ), cwd=Path("/"), within=GIT, limit=64 * 1024)
    try:
        objects = (await run(["git", "-C", str(path), "rev-parse", "--git-path", "objects"])).decode().strip()
        worktrees = (await run(["git", "-C", str(path), "worktree", "list", "--porcelain"])).decode(errors="replace")
        remotes = (await run(["git", "-C", str(path), "remote"])).decode(errors="replace").split()
    except Unanswered as fault:
        return finding(FREEZE, name, "bad", str(fault), "name a repository that this user can write")
    if not await aside(lambda: os.access(path / objects, os.W_OK)):
        return finding(FREEZE, name, "bad", "the repository cannot be written", "mend who owns it")
    if f"branch refs/heads/{publish.branch}" in worktrees.splitlines():
        words = f"the branch {publish.branch} is checked out"
        return finding(FREEZE, name, "bad", words, "the freeze needs a branch that nobody works on")
    if publish.remote is not None and "/" not in publish.remote and publish.remote not in remotes:
        return finding(FREEZE, name, "bad", f"there is no remote {publish.remote}", "`git remote add`, or remote: null")
    return finding(FREEZE, name, "ok", "can be committed to; a push was not tried")


def _under(base: Path, path: str) -> Path:
    return base / Path(path).expanduser()


def _hangs(theme: str, name: str) -> Finding:
    return finding(theme, name, "bad", "does not answer: its disk hangs", "look at the mount")
