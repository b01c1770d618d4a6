"""A change feed: the document over HTTP."""

from __future__ import annotations

from cockpit.changes.document import read
from cockpit.changes.source import Looked, Tools, Unanswered, no_queue, revealed, told
from cockpit.config.sources import FeedSource

LIMIT = 1024 * 1024
"""Bytes of a document at most."""


class Feed:
    """Asks an address for the document."""

    def __init__(self, config: FeedSource, tools: Tools) -> None:
        self._config = config
        self._tools = tools
        self.name = config.name
        self.interval = config.interval

    async def look(self) -> Looked:
        """What the feed lists now."""
        return await told(self.name, self._look())

    async def cancel(self, job: str) -> str:
        """A feed has no jobs."""
        raise no_queue(self.name)

    async def _look(self) -> Looked:
        headers = revealed(self._config.headers, self._tools.env)
        reply = await self._tools.ask(self._config.url, self._config.timeout, headers=headers, limit=LIMIT)
        if reply.status != 200:
            raise Unanswered(f"HTTP {reply.status}")
        if reply.cut:
            raise Unanswered(f"the document is longer than {len(reply.body) // 1024} KiB")
        changes, problems = read(reply.body, self.name, self._config.service)
        return Looked(changes, problems=problems)
