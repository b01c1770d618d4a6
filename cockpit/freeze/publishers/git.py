"""The freeze as the one file of a branch, written behind the back of whoever works in the repository."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path

from cockpit.freeze.publishers.publisher import Unpublished
from cockpit.platform.command import run
from cockpit.text import Redactor, SafeText

TRIES = 2
"""Pushes: somebody else's may come in between once."""
OUTPUT = 1024 * 1024
"""Bytes kept of what git prints."""
PASSED = ("PATH", "HOME", "USER", "LOGNAME", "SSH_AUTH_SOCK", "XDG_CONFIG_HOME", "TMPDIR")
"""What git needs to find its programs, its settings and its keys."""
OURS = {
    "LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0",
    "GIT_AUTHOR_NAME": "cockpit", "GIT_AUTHOR_EMAIL": "cockpit@localhost",
    "GIT_COMMITTER_NAME": "cockpit", "GIT_COMMITTER_EMAIL": "cockpit@localhost",
}  # fmt: skip
# Nobody's hooks run, and nothing is packed, at a moment they did not choose.
QUIETLY = ("-c", "core.hooksPath=/dev/null", "-c", "gc.auto=0", "-c", "maintenance.auto=false")


class _Failed(Exception):
    """A git command ended badly; its own words."""

    def __init__(self, words: str, output: str) -> None:
        super().__init__(words)
        self.output = output


class GitPublisher:
    """Commits to a branch by plumbing alone: neither the working tree nor the index is touched.

    `remote` is pushed to when given, never by force. A branch that is checked out or holds other files is refused.
    """

    def __init__(
        self, path: Path, branch: str, file: str, remote: str | None, timeout: float, env: Mapping[str, str]
    ) -> None:
        self.name = f"git {path} {branch}"
        self._path = path
        self._branch = branch
        self._ref = f"refs/heads/{branch}"
        self._theirs = f"refs/cockpit/{branch}"
        self._file = file
        self._remote = remote
        self._timeout = timeout
        self._env = {**{name: env[name] for name in PASSED if name in env}, **OURS}

    async def publish(self, document: bytes) -> None:
        """Commit it on what the branch holds, then push; once more on what the remote holds if that is ahead."""
        try:
            async with asyncio.timeout(self._timeout):
                await self._refuse_a_branch_at_work()
                local = await self._tip(self._ref)
                parent = local
                for _ in range(TRIES):
                    local = await self._commit(document, parent, local)
                    if self._remote is None or await self._pushed(self._remote):
                        return
                    parent = await self._fetched(self._remote)
        except TimeoutError:
            raise Unpublished(f"git did not end within {self._timeout:g} s") from None
        except _Failed as failed:
            raise Unpublished(str(failed)) from None
        except OSError as error:
            raise Unpublished(f"git cannot be run: {error.strerror or type(error).__name__}") from None
        raise Unpublished(f"somebody else pushes to {self._branch} too; it is tried again")

    async def _refuse_a_branch_at_work(self) -> None:
        listing = await self._git("worktree", "list", "--porcelain")
        if f"branch {self._ref}" in listing.splitlines():
            raise Unpublished(f"the branch {self._branch} is checked out: the freeze needs one that nobody works on")

    async def _tip(self, ref: str) -> str:
        """The commit it points to, empty when it is not there."""
        return await self._git("for-each-ref", "--format=%(objectname)", "--count=1", ref)

    async def _commit(self, document: bytes, parent: str, local: str) -> str:
        if parent:
            found = (await self._git("ls-tree", "--name-only", "-z", parent)).strip("\0")
            if found not in ("", self._file):
                raise Unpublished(f"the branch {self._branch} holds other files: the freeze needs a branch of its own")
        blob = await self._git("hash-object", "-w", "--stdin", said=document)
        tree = await self._git("mktree", "-z", said=f"100644 blob {blob}\t{self._file}\0".encode())
        above = ("-p", parent) if parent else ()
        commit = await self._git("commit-tree", tree, *above, "-m", "The freeze, as the cockpit publishes it")
        await self._git("update-ref", self._ref, commit, local)
        return commit

    async def _pushed(self, remote: str) -> bool:
        """Whether the remote took it; not when it holds what we have not seen."""
        try:
            await self._git("push", "--porcelain", "--no-verify", remote, f"{self._ref}:{self._ref}")
        except _Failed as failed:
            # "[remote rejected]" is another thing: a hook or a right over there.
            if any(line.startswith("!") and "[rejected]" in line for line in failed.output.splitlines()):
                return False
            raise
        return True

    async def _fetched(self, remote: str) -> str:
        await self._git(
            "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", remote, f"+{self._ref}:{self._theirs}"
        )
        return await self._tip(self._theirs)

    async def _git(self, *words: str, said: bytes = b"") -> str:
        """What git printed; _Failed with the last line of its complaint."""
        argv = ["git", *QUIETLY, "-C", os.fspath(self._path), *words]
        ran = await run(argv, self._env, Path("."), self._timeout, OUTPUT, said)
        if ran.code is None:
            raise TimeoutError
        text = ran.out.decode(errors="replace").strip()
        if ran.code != 0:
            raise _Failed(f"git {words[0]}: {_last_line(ran.err) or f'exit {ran.code}'}", text)
        return text


def _last_line(complaint: bytes) -> str:
    """The line that says most; a remote's address may hold a password, or a token in the place of a name."""
    lines = [line for line in complaint.decode(errors="replace").splitlines() if line.strip()]
    fatal = [line for line in lines if line.startswith(("fatal:", "error:", "remote: error"))]
    return SafeText(Redactor()((fatal or lines or [""])[0]), 200).line
