"""A fake in a process of its own, as a test starts, steers and asks it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import msgspec

from tests.slack.books import Books
from tests.slack.faults import Rule
from tests.slack.steering import Act
from tests.slack.workspace import Channel, Rules, Token


@dataclass
class Remote:
    """The fake at an address; every method is one request."""

    url: str
    pid: int = 0

    @property
    def api(self) -> str:
        """The address of the Web API."""
        return f"{self.url}/api/"

    async def books(self) -> Books:
        """Everything that is there, and every call so far."""
        async with aiohttp.ClientSession() as session, session.get(f"{self.url}/_fake/books") as answer:
            return msgspec.json.decode(await answer.read(), type=Books)

    async def weather(self, rules: Sequence[Rule]) -> None:
        """Replace the faults to come."""
        await self._put("weather", list(rules))

    async def rules(self, rules: Rules) -> None:
        """Be so strict."""
        await self._put("rules", rules)

    async def advance(self, seconds: float) -> None:
        """Move its clock."""
        await self._put("advance", seconds)

    async def tokens(self, tokens: dict[str, Token]) -> None:
        """Add tokens, or replace them."""
        await self._put("tokens", tokens)

    async def channels(self, *channels: Channel) -> None:
        """Add channels, or replace them."""
        await self._put("channels", channels)

    async def act(self, act: Act) -> None:
        """Have a person do something."""
        await self._put("act", act)

    async def _put(self, name: str, what: Any) -> None:
        async with (
            aiohttp.ClientSession() as session,
            session.put(f"{self.url}/_fake/{name}", data=msgspec.json.encode(what)) as answer,
        ):
            if answer.status != 200:
                raise ValueError(f"{name}: {await answer.text()}")


@asynccontextmanager
async def running(state: Path | None = None, port: int = 0, *words: str) -> AsyncIterator[Remote]:
    """A fake in a process of its own, which is ended in the end; `words` are further ones for its command line."""
    argv = ["--port", str(port), *(["--state", str(state)] if state else []), *words]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.slack", *argv, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        first = (await process.stdout.readline()).decode()
        yield Remote(first.split()[-1], process.pid)
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
