"""An incident told to a fake Slack through a storm of faults, while the engine is killed at every turn of a letter."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import sys
import uuid
from collections import Counter
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

from cockpit.incident.event import Event
from cockpit.journal.outbox import WAITING
from cockpit.journal.store import open_reader
from cockpit.protocol import commands
from cockpit.protocol.client import Client
from cockpit.protocol.launch import EngineFailed
from cockpit.protocol.messages import Answer
from tests.chaos.harness import World, kill, until
from tests.slack import faults
from tests.slack.faults import Fault
from tests.slack.server import FakeSlack
from tests.slack.workspace import CHANNEL

CONFIG = """\
version: 1
services: []
broadcast:
  floor: 0s
  late_arrival: {late_arrival}s
  destinations:
    - {{kind: slack, channel: {channel}, token: {{env: {token}}}, api: '{api}'}}
"""
PATIENCE = 600.0
"""Real seconds in which everything that waits must be told once the storm is over."""
STATUSES: tuple[commands.StatusWord, ...] = ("investigating", "identified", "mitigating", "monitoring")
SEVERITIES: tuple[commands.SeverityWord, ...] = ("SEV1", "SEV2", "SEV3")


@dataclass(frozen=True)
class Blow:
    """When an engine is killed: at a call of this method, before or after Slack has done it, or at none at all.

    `arrives` and `is lost` kill while the engine waits for its answer, done and not done; `is late` has it done a
    second later; `is answered` kills right after the answer. Without a method it is `is queued`, right after a person's
    command was answered, or `starts`, while the next engine takes up what the last one left.
    """

    moment: str
    method: str = ""

    def __str__(self) -> str:
        return f"{self.method} {self.moment}".strip()


BLOWS = (
    *(
        Blow(moment, method)
        for method in ("chat.postMessage", "chat.update", "chat.scheduleMessage", "chat.deleteScheduledMessage")
        for moment in ("arrives", "is lost", "is late", "is answered")
    ),
    Blow("arrives", "conversations.replies"), Blow("is answered", "conversations.replies"), Blow("arrives", "pins.add"),
    Blow("is queued"), Blow("starts"),
)  # fmt: skip
"""Every transition of a letter: pending, sending, ambiguous, looked for, sent, and those of what is edited instead."""


@dataclass
class Teller:
    """A person who tells of an incident, whatever becomes of the engine; `kills` are the blows that fell."""

    world: World
    slack: FakeSlack
    chance: random.Random
    kills: Counter[str] = field(default_factory=Counter)
    _armed: Blow | None = None
    _client: Client | None = None
    _number: int = 0
    _status: commands.StatusWord = "investigating"
    _severity: commands.SeverityWord = "SEV2"
    _timer: asyncio.TimerHandle | None = None

    @classmethod
    def of(cls, root: Path, slack: FakeSlack, token: str, chance: random.Random, late_arrival: float) -> Teller:
        """One in a new place; `token` names the variable that holds it."""
        root.mkdir(parents=True, exist_ok=True)
        world = World(root, root / "home")
        words = {"channel": CHANNEL, "token": token, "api": slack.api, "late_arrival": late_arrival}
        world.config.write_text(CONFIG.format(**words))
        teller = cls(world, slack, chance)
        slack.weather.watch = teller.watch
        return teller

    def watch(self, method: str) -> Fault | None:
        """Kill the engine at this call when that is its turn; what becomes of the call."""
        blow = self._armed
        if blow is None or blow.method != method:
            return None
        if blow.moment == "is answered":
            self._timer = asyncio.get_running_loop().call_later(self.chance.uniform(0.0, 0.03), self._strike)
            return faults.slow(0.001)
        self._strike()
        match blow.moment:
            case "is lost":
                return faults.reset(commit=False)
            case "is late":
                return faults.late(1.0)
        return faults.reset()

    def _strike(self) -> None:
        blow, self._armed = self._armed, None
        self.kills[str(blow)] += kill(self.world.engine())

    async def say(self, command: commands.AnyCommand) -> Answer:
        """Ask for something until it is answered, of one engine after another."""
        identity = uuid.UUID(int=self.chance.getrandbits(128)).hex
        while True:
            try:
                client = await self._attached()
                answer = await client.do(command, None, identity)
            except (ConnectionError, EngineFailed):
                await self._leave()
                continue
            assert answer.ok, answer
            return answer

    async def _attached(self) -> Client:
        if self._client is None:
            self._client = await self.world.attach(panes=False, after=-1)
        return self._client

    def something(self) -> commands.AnyCommand:
        """One of the things that are told to everybody, with a word in it that comes nowhere else."""
        self._number += 1
        # Neither is what it was: else nothing would be told.
        status = self.chance.choice([each for each in STATUSES if each != self._status])
        severity = self.chance.choice([each for each in SEVERITIES if each != self._severity])
        word = f"w{self._number:04d}x{self.chance.getrandbits(24):06x}"
        said: tuple[commands.AnyCommand, ...] = (
            *[commands.Update(know=f"It is {word} now.", doing="Looking.")] * 5,
            commands.SetStatus(status=status, why=word),
            commands.SetSeverity(severity=severity, why=word),
            commands.Need(person=word, reason="to help"),
        )
        command = self.chance.choice(said)
        self._status = command.status if isinstance(command, commands.SetStatus) else self._status
        self._severity = command.severity if isinstance(command, commands.SetSeverity) else self._severity
        return command

    async def tell(self, posts: int, blows: Sequence[Blow]) -> None:
        """So many posts, and these blows among them; then the end of the incident."""
        await self.say(commands.Declare(title="Checkout fails", severity="SEV2"))
        left, every = list(blows), max(1, posts // (len(blows) + 1))
        for number in range(posts):
            if left and self._armed is None and number % every == 0:
                self._armed = left.pop(0)
                if self._armed.moment == "starts":
                    await self._fell_twice()
            await self.say(self.something())
            if self._armed == Blow("is queued"):
                await asyncio.sleep(self.chance.uniform(0.0, 0.02))
                self._strike()
            await self._drained(self.chance.choice([0, 1, 3, 6]))
        # A blow that never found its call is not waited for.
        self._armed = None
        await self.say(commands.Resolve(note="it is over", override="a storm"))
        await self._drained(0)

    async def _fell_twice(self) -> None:
        """Kill the engine, and the one that takes over while it starts."""
        kill(self.world.engine())
        starting = asyncio.get_running_loop().create_task(self._restart())
        await until(self.world.engine)
        await asyncio.sleep(self.chance.uniform(0.0, 1.5))
        self._strike()
        await starting

    async def _restart(self) -> None:
        await self._leave()
        with suppress(ConnectionError, EngineFailed):
            await self._attached()

    async def _drained(self, most: int) -> None:
        """Wait until no more letters than that wait, with an engine that carries them."""
        async with asyncio.timeout(PATIENCE):
            while waiting(self.world) > most:
                if not self.world.engine():
                    await self._restart()
                await asyncio.sleep(0.2)

    async def close(self) -> None:
        """Leave nothing behind."""
        if self._timer is not None:
            self._timer.cancel()
        await self._leave()
        await self.world.end()

    async def _leave(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with suppress(OSError):
                await client.close()

    async def events(self) -> tuple[Event, ...]:
        """What was recorded of the incident."""
        reader = await open_reader(self.world.places.journal)
        try:
            names = [info.name for info in await reader.streams()]
        finally:
            await reader.close()
        return await self.world.events(next(name for name in names if name.startswith("INC")))


def waiting(world: World) -> int:
    """How many letters wait in the outbox. Asked often: a reader of the journal's own would take too long to open.

    A great many while nobody can tell: an engine that was killed leaves a file that the next one has to mend first.
    """
    marks = ", ".join("?" for _ in WAITING)
    try:
        with closing(sqlite3.connect(f"file:{world.places.journal}?mode=ro", uri=True)) as journal:
            wanted = f"select count(*) from outbox where state in ({marks})"
            return int(journal.execute(wanted, sorted(WAITING)).fetchone()[0])
    except sqlite3.OperationalError:
        return sys.maxsize
