"""A command that prints what was changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cockpit.changes.argocd import syncs
from cockpit.changes.document import Found, read
from cockpit.changes.kubernetes import rollouts
from cockpit.changes.running import output
from cockpit.changes.source import HISTORY, Looked, Tools, Unanswered, no_queue, told
from cockpit.clock import SECOND
from cockpit.config.sources import CommandSource
from cockpit.text import Redactor

LIMIT = 32 * 1024 * 1024
"""Bytes of output at most: a cluster lists all it knows of every deployment."""
ALWAYS = ("PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "TZ", "TMPDIR")
"""What every command needs to find its programs and its files; all else is named in `env`."""

_Read = Callable[[bytes, str, str | None, int], Found]
_FORMATS: Mapping[str, _Read] = {
    "feed": lambda body, source, service, since: read(body, source, service),
    "kubernetes": rollouts,
    "argocd": syncs,
}


class Printed:
    """Runs the command and reads what it prints."""

    def __init__(self, config: CommandSource, tools: Tools) -> None:
        self._config = config
        self._tools = tools
        self._env = {name: tools.env[name] for name in (*ALWAYS, *config.env) if name in tools.env}
        self._redact = Redactor(self._env[name] for name in config.env if name in self._env)
        self.name = config.name
        self.interval = config.interval

    async def look(self) -> Looked:
        """What the command prints now."""
        return await told(self.name, self._look())

    async def cancel(self, job: str) -> str:
        """A command has no jobs."""
        raise no_queue(self.name)

    async def _look(self) -> Looked:
        try:
            body = await output(
                self._config.argv, env=self._env, cwd=self._tools.base, within=self._config.timeout, limit=LIMIT
            )
        except Unanswered as fault:
            # What a command complains of may quote what it was given.
            raise Unanswered(self._redact(str(fault))) from None
        since = self._tools.clock.now() - HISTORY * SECOND
        changes, problems = _FORMATS[self._config.format](body, self.name, self._config.service, since)
        return Looked(changes, problems=problems)
