"""A whole engine with a runbook, real commands, and people who take up what is offered."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cockpit.clock import SystemClock
from cockpit.config.load import parse
from cockpit.config.model import Config
from cockpit.engine.engine import Engine
from cockpit.platform.places import Places
from cockpit.protocol.client import Client
from cockpit.protocol.commands import AnyCommand, Confirm, Declare, StartRun
from cockpit.protocol.messages import Answer, Rows
from cockpit.protocol.views import Offer, OutputView, Pane, RunView, StepView

CONFIG = """\
version: 1
runbooks: [books]
broadcast: {{destinations: [{{kind: file, name: updates, path: updates.jsonl}}]}}
services:
  - name: shop
    probes:
      - {{name: sign, type: command, argv: [test, -e, "{home}/well"], interval: 50ms, failures: 1, successes: 1}}
"""


@dataclass
class Person:
    """Somebody at a screen: what they see, and what they do."""

    client: Client
    panes: dict[type, Pane] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)
    seen: asyncio.Event = field(default_factory=asyncio.Event)

    async def look(self) -> None:
        """Take what comes, until the engine goes."""
        async for message in self.client.messages():
            if isinstance(message, Rows):
                self.told += [str(row.text) for row in message.rows]
            elif isinstance(message, Pane):
                self.panes[type(message)] = message
            self.seen.set()

    @property
    def run(self) -> RunView:
        pane = self.panes.get(RunView)
        return pane if isinstance(pane, RunView) else RunView()

    @property
    def output(self) -> str:
        pane = self.panes.get(OutputView)
        return str(pane.text) if isinstance(pane, OutputView) else ""

    def step(self, name: str) -> StepView:
        return next(step for step in self.run.steps if step.id == name)

    def offered(self) -> list[str]:
        return [f"{offer.action} {offer.step}".strip() for offer in self.run.offers]

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until what is seen is so."""
        while not condition():
            self.seen.clear()
            await self.seen.wait()

    async def offer(self, wanted: str) -> Offer:
        """Wait for an offer: `run mend`."""
        await self.until(lambda: wanted in self.offered())
        return self.run.offers[self.offered().index(wanted)]

    async def do(self, command: AnyCommand) -> Answer:
        return await self.client.do(command)

    async def confirm(self, step: str, *, undo: bool = False, **given: object) -> Answer:
        """Confirm the command of a step as it is offered."""
        offer = await self.offer(f"{'undo' if undo else 'run'} {step}")
        env = {"PATH": os.environ["PATH"], **{name: str(value) for name, value in given.items() if name.isupper()}}
        secrets = {name: str(value) for name, value in given.items() if not name.isupper()}
        command = Confirm(
            run=self.run.run, step=step, digest=offer.digest, undo=undo, typed=offer.typed, env=env, secrets=secrets
        )
        return await self.do(command)

    async def word(self, step: str, word: str) -> StepView:
        """Wait until a step stands as this word says."""
        await self.until(lambda: any(each.id == step and each.word == word for each in self.run.steps))
        return self.step(step)


@dataclass
class Stage:
    """A home with a runbook, and the engine in it; `well` makes its only probe go up."""

    home: Path
    config: str = CONFIG

    @property
    def places(self) -> Places:
        return Places(self.home)

    def write(self, steps: str, head: str = "") -> str:
        """The runbook `b`; its digest."""
        books = self.home / "books"
        books.mkdir(parents=True, exist_ok=True)
        text = f"version: 1\nid: b\ntitle: Mend the shop\n{head}steps:\n{steps}"
        (books / "b.yaml").write_text(text)
        return hashlib.sha256(text.encode()).hexdigest()

    def well(self, well: bool = True) -> None:
        if well:
            (self.home / "well").touch()
        else:
            (self.home / "well").unlink(missing_ok=True)

    @asynccontextmanager
    async def engine(self) -> AsyncIterator[None]:
        """An engine, from its start to its stop."""
        self.places.make()
        config = parse(self.config.format(home=self.home), "config.yaml", Config)
        engine = await Engine.open(
            self.places, config, SystemClock(), profile="test", config_path=str(self.home / "config.yaml"), drill="",
            shutdown=lambda: None,
        )  # fmt: skip
        try:
            await engine.start()
            yield
        finally:
            await engine.close()

    @asynccontextmanager
    async def person(self, name: str = "ada") -> AsyncIterator[Person]:
        """Somebody attached; what takes longer than half a minute hangs."""
        client = await Client.connect(self.places.socket, actor=name, after=0)
        person = Person(client)
        looking = asyncio.ensure_future(person.look())  # noqa: TID251
        try:
            async with asyncio.timeout(30):
                yield person
        finally:
            await client.close()
            await asyncio.wait([looking])

    async def begin(self, person: Person, steps: str, head: str = "", **params: str) -> None:
        """Declare an incident and start the runbook."""
        digest = self.write(steps, head)
        assert (await person.do(Declare(title="The shop is down", severity="SEV2"))).ok
        answer = await person.do(StartRun(runbook="b", trust=digest, params=params))
        assert answer.ok, answer
        await person.until(lambda: person.run.run)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path / "home")
