"""A local clone: what arrived on a branch, and what was tagged, by the part of the repository it belongs to."""

from __future__ import annotations

from pathlib import Path

from cockpit.changes.gitlog import COMMIT_FORMAT, TAG_FORMAT, commits, tags
from cockpit.changes.reading import oldest_first
from cockpit.changes.running import output
from cockpit.changes.source import HISTORY, Looked, Tools, Unanswered, no_queue, told
from cockpit.clock import SECOND
from cockpit.config.sources import GitPath, GitSource
from cockpit.incident.vocabulary import ChangeSeen
from cockpit.text import SafeText

LIMIT = 4 * 1024 * 1024
MOST = 200
"""Commits, and tags, of one part at most."""
KEPT = ("PATH", "HOME", "USER", "TMPDIR", "XDG_CONFIG_HOME", "SSH_AUTH_SOCK")
"""What git needs to find itself, its settings and its keys. Nothing else may lead it to another repository."""
QUIET = {
    "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "GIT_ASKPASS": "true", "SSH_ASKPASS": "true",
    "GIT_SSH_COMMAND": "ssh -o BatchMode=yes", "LC_ALL": "C",
}  # fmt: skip
"""It asks nobody, disturbs nobody else's work in the clone, and speaks one language."""
SETTINGS = ("core.hooksPath=/dev/null", "core.fsmonitor=false", "log.showSignature=false", "gc.auto=0")
"""A repository's own settings may name programs: none of them is run for a look."""


class Clone:
    """Reads a clone as it is; with `fetch` in the config the remote is asked first."""

    def __init__(self, config: GitSource, tools: Tools) -> None:
        self._config = config
        self._tools = tools
        self._path = tools.base / Path(config.path).expanduser()
        self._env = {name: tools.env[name] for name in KEPT if name in tools.env} | QUIET
        self.name = config.name
        self.interval = config.interval

    async def look(self) -> Looked:
        """The commits and tags of the last day."""
        return await told(self.name, self._look())

    async def cancel(self, job: str) -> str:
        """A clone has no jobs."""
        raise no_queue(self.name)

    async def _look(self) -> Looked:
        problems: list[SafeText] = []
        branch = self._config.branch
        if self._config.fetch:
            branch = await self._fetched(branch, problems)
        parts = self._config.services or (None,)
        found: list[tuple[int, ChangeSeen]] = []
        for part in parts:
            if part is None or part.path is not None:
                found += await self._commits(branch, part)
            if part is not None and part.tags is not None:
                found += await self._tags(part.service, part.tags)
        return Looked(oldest_first(found), problems=tuple(problems))

    async def _fetched(self, branch: str, problems: list[SafeText]) -> str:
        """The branch to read after asking the remote; what is here already can be read without it."""
        try:
            await self._git("fetch", "--quiet", "--tags", "--no-recurse-submodules", "--upload-pack=git-upload-pack")
        except Unanswered as fault:
            problems.append(SafeText(f"not fetched, so this is as of the last time: {fault}"))
        if branch != "HEAD":
            return branch
        try:
            # A fetch moves what the branch follows, not the branch.
            await self._git("rev-parse", "--verify", "--quiet", "HEAD@{upstream}")
        except Unanswered:
            return branch
        return "HEAD@{upstream}"

    async def _commits(self, branch: str, part: GitPath | None) -> list[tuple[int, ChangeSeen]]:
        since = self._tools.clock.now() // SECOND - HISTORY
        below = ("--", f":(top,literal){part.path}") if part is not None else ("--",)
        printed = await self._git(
            # Along the first parents a merge is one change: the one that arrived.
            "log", "--first-parent", "-z", f"--since=@{since}", f"--max-count={MOST}", f"--format={COMMIT_FORMAT}",
            "--end-of-options", branch, *below,
        )  # fmt: skip
        return commits(printed, self.name, part.service if part is not None else self._config.service)

    async def _tags(self, service: str, pattern: str) -> list[tuple[int, ChangeSeen]]:
        printed = await self._git(
            "for-each-ref", "--sort=-creatordate", f"--count={MOST}", f"--format={TAG_FORMAT}", f"refs/tags/{pattern}"
        )
        since = self._tools.clock.now() - HISTORY * SECOND
        return [(at, seen) for at, seen in tags(printed, self.name, service) if at >= since]

    async def _git(self, *words: str) -> bytes:
        settings = [word for setting in SETTINGS for word in ("-c", setting)]
        return await output(
            ["git", "--no-pager", *settings, *words],
            env=self._env, cwd=self._path, within=self._config.timeout, limit=LIMIT,
        )  # fmt: skip
