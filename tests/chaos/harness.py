"""A whole cockpit in a private place: real engine processes, a real client process, a step that leaves a trace.

A case of this room builds a `World`, breaks something in it, and asks what was recorded and what really ran.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import msgspec

from cockpit.execution import processes, record
from cockpit.incident.event import Event
from cockpit.journal.store import open_reader
from cockpit.platform.places import Places
from cockpit.protocol.client import Client, Told
from cockpit.protocol.launch import attach
from cockpit.protocol.messages import Rows
from cockpit.protocol.views import EMPTY, HeaderView, Pane, RunView
from cockpit.runbooks.library import read_entry
from cockpit.runbooks.trust import trust

P = TypeVar("P", bound=Pane)

DEADLINE = 30.0
"""Real seconds for anything to come about on a host that is busy with other things."""

CONFIG = """\
version: 1
services:
  - name: web
    probes:
      - name: web-front
        url: {url}
        interval: 200ms
        timeout: 10s
broadcast:
  floor: 0s
  destinations:
    - {{kind: file, name: chat, path: {letters}}}
runbooks: [ledger.yaml]
"""

STEP = """\
  - id: {id}
    title: Write {id} into the ledger
    effect: write
    command:
      argv: [sh, -c, 'echo "$COCKPIT_ATTEMPT {id} $TOKEN" >> "$0"; echo wrote {id}; {then}', {ledger}]
    rollback:
      command: [sh, -c, 'echo "$COCKPIT_ATTEMPT undo-{id} $TOKEN" >> "$0"; echo undid {id}; {then}', {ledger}]
"""


async def until(condition: Callable[[], Awaitable[object] | object]) -> None:
    """Wait until the condition holds; TimeoutError when it does not come to hold."""
    async with asyncio.timeout(DEADLINE):
        while True:
            found = condition()
            if await found if isinstance(found, Awaitable) else found:
                return
            await asyncio.sleep(0.01)


@dataclass
class World:
    """A profile, its config, one runbook whose commands write a line each, and the file where updates arrive."""

    root: Path
    home: Path
    url: str = "http://127.0.0.1:9/"
    steps: Sequence[str] = ("one", "two", "three")
    then: str = "sleep 0.2"
    """Shell words that follow the line in the ledger."""
    more: str = ""
    """Further steps of the runbook, as YAML."""

    def __post_init__(self) -> None:
        self.places = Places(self.home)
        self.config = self.root / "config.yaml"
        self.letters = self.root / "letters.jsonl"
        self.ledger = self.root / "ledger"
        self.root.mkdir(exist_ok=True)
        self.ledger.touch()
        self.config.write_text(CONFIG.format(url=self.url, letters=self.letters))
        runbook = self.root / "ledger.yaml"
        steps = "".join(STEP.format(id=step, then=self.then, ledger=self.ledger) for step in self.steps)
        head = "version: 1\nid: ledger\ntitle: Keep a ledger\nrequires: {env: [TOKEN]}\nsteps:\n"
        runbook.write_text(head + steps + self.more)
        self.places.make()
        trust(self.places.trust, read_entry(runbook))

    async def attach(self, actor: str = "ada", **wanted: bool | int) -> Client:
        """A connection to the engine, which is started when none runs."""
        asked = {"panes": True, "after": 0, "data": False} | wanted
        return await attach(
            self.places, profile="chaos", config=self.config, actor=actor,
            panes=bool(asked["panes"]), after=int(asked["after"]), data=bool(asked["data"]),
        )  # fmt: skip

    def engine(self) -> int:
        """The process that holds the engine's lock, 0 when none does."""
        said = self.places.lock.read_bytes().strip() if self.places.lock.exists() else b""
        pid = int(said) if said.isdigit() else 0
        return pid if _is_engine(pid, self.home) else 0

    def supervised(self) -> dict[int, Path]:
        """Every supervisor of an attempt of this profile, with the attempt's directory."""
        below = os.fsencode(self.places.attempts) + b"/"
        found = ((pid, word) for pid in processes.processes() for word in _words(pid) if word.startswith(below))
        return {pid: Path(os.fsdecode(attempt)) for pid, attempt in found}

    def supervisors(self, *, at_work: bool = False) -> list[int]:
        """Every supervisor of an attempt of this profile, or those only that have claimed theirs."""
        return [pid for pid, path in self.supervised().items() if not at_work or (path / record.CLAIM).exists()]

    def carriers(self) -> set[tuple[str, int]]:
        """The attempts of this profile of which a process lives, with its number."""
        attempts = {path.name for path in self.places.attempts.iterdir()} if self.places.attempts.exists() else set()
        mark, found = record.COOKIE.encode() + b"=", set[tuple[str, int]]()
        for pid in processes.processes():
            with suppress(OSError):
                words = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
                found |= {(word[len(mark) :].decode(), pid) for word in words if word.startswith(mark)}
        return {(attempt, pid) for attempt, pid in found if attempt in attempts}

    def ran(self) -> Counter[str]:
        """How often each attempt's command has run."""
        return Counter(line.split(" ")[0] for line in self.ledger.read_text().splitlines())

    def posted(self) -> list[str]:
        """The keys of the letters that arrived, in order."""
        if not self.letters.exists():
            return []
        return [str(msgspec.json.decode(line)["key"]) for line in self.letters.read_bytes().splitlines()]

    async def events(self, stream: str) -> tuple[Event, ...]:
        """Everything in a stream, read by another process than the engine."""
        reader = await open_reader(self.places.journal)
        try:
            found: list[Event] = []
            while page := await reader.read(stream, len(found)):
                found += page
            return tuple(found)
        finally:
            await reader.close()

    async def end(self) -> None:
        """Leave no process behind."""
        for pid in (self.engine(), *self.supervisors()):
            kill(pid)
        for _, pid in self.carriers():
            kill(pid)
        await until(lambda: not self.engine())


def kill(pid: int, number: int = signal.SIGKILL) -> bool:
    """Signal a process by its number; False when there is none."""
    with suppress(ProcessLookupError):
        if pid:
            os.kill(pid, number)
            return True
    return False


def _words(pid: int) -> list[bytes]:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    return []


def _is_engine(pid: int, home: Path) -> bool:
    words = _words(pid)
    return b"cockpit.engine" in words and os.fsencode(home) in words


@dataclass
class Sight:
    """What a terminal has been shown: the rows in the order they came, and the latest of every pane."""

    client: Client
    rows: list[tuple[str, int]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    panes: dict[type, Pane] = field(default_factory=dict)
    gone: bool = False

    def latest(self, kind: type[P]) -> P | None:
        """The latest pane of that kind."""
        pane = self.panes.get(kind)
        return pane if isinstance(pane, kind) else None

    @property
    def header(self) -> HeaderView:
        """The header as it was last told."""
        return self.latest(HeaderView) or HeaderView("", 0, False, EMPTY)

    @property
    def run(self) -> RunView:
        """The run as it was last told."""
        return self.latest(RunView) or RunView()

    @property
    def decided_on(self) -> tuple[str, int]:
        """What a command is decided on that a person gives now."""
        return self.header.stream, self.header.head

    def take(self, message: Told) -> None:
        """Look at one message."""
        if isinstance(message, Rows):
            self.rows += [(message.stream, row.seq) for row in message.rows if message.live]
            self.texts += [str(row.text) for row in message.rows]
        elif isinstance(message, Pane):
            self.panes[type(message)] = message

    async def look(self) -> None:
        """Take what comes, until the engine goes."""
        async for message in self.client.messages():
            self.take(message)
        self.gone = True


@asynccontextmanager
async def sight(world: World, actor: str = "ada") -> AsyncIterator[Sight]:
    """A terminal in this process, which looks all the time."""
    client = await world.attach(actor)
    seen = Sight(client)
    async with asyncio.TaskGroup() as tasks:
        looking = tasks.create_task(seen.look())
        try:
            await until(lambda: seen.latest(HeaderView) and seen.latest(RunView))
            yield seen
        finally:
            looking.cancel()
            await client.close()


async def sound(world: World) -> None:
    """Every stream is whole, and numbered without a gap."""
    reader = await open_reader(world.places.journal)
    try:
        for info in await reader.streams():
            verified = await reader.verify(info.name)
            assert verified.ok, verified
            events = await world.events(info.name)
            assert [event.seq for event in events] == list(range(1, len(events) + 1))
    finally:
        await reader.close()


@dataclass
class Endpoint:
    """A healthy service; `asked` holds the moment of each request on the monotonic clock."""

    port: int = 0
    asked: list[float] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it is asked."""
        return f"http://127.0.0.1:{self.port}/"

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Say that all is well."""
        with suppress(OSError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            self.asked.append(time.monotonic())
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
            await writer.drain()
        writer.close()
