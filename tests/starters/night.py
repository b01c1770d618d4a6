"""One night with a real engine on a fast clock: an incident, a run of a runbook, and a person who follows it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from cockpit.clock import SystemClock
from cockpit.platform.drill import DrillMark
from cockpit.platform.drillclock import begin
from cockpit.platform.places import Places
from cockpit.protocol import commands
from cockpit.protocol.control import stop
from cockpit.protocol.launch import attach
from cockpit.protocol.messages import Answer
from cockpit.protocol.views import HeaderView, Offer, RunView, ServicesView, StepView
from cockpit.runbooks.library import read_entry
from cockpit.runbooks.trust import trust
from cockpit.tasks import TaskSet
from tests.chaos.harness import Sight, until

SPEED = 60.0
"""Incident seconds in a real one."""
BUNDLED = Path(__file__).parents[2] / "runbooks"


@dataclass
class Night:
    """A person at the cockpit, who sees what it shows and does what it offers."""

    sight: Sight
    env: Mapping[str, str]

    async def ask(self, command: commands.AnyCommand) -> Answer:
        """Ask until it is not too late any more for what was seen."""
        while True:
            answer = await self.sight.client.do(command, self.sight.decided_on)
            if answer.refusal != "stale":
                return answer
            await asyncio.sleep(0.02)

    async def do(self, command: commands.AnyCommand) -> None:
        """Ask for what has to be done."""
        answer = await self.ask(command)
        assert answer.ok, f"{command}: {answer.text}"

    async def begin(self, runbook: str, **params: str) -> None:
        """Declare, when the probes say that something is down, and start the runbook."""
        await self.until(lambda: any(each.state == "down" for each in self.services().services))
        await self.do(commands.Declare(title="It is red", severity="SEV2"))
        await self.until(lambda: self.sight.header.open)
        await self.do(commands.StartRun(runbook=runbook, params=params))
        await self.until(lambda: self.sight.run.run)

    async def offered(self, action: str, step: str) -> Offer:
        """What is offered for that step, once it is."""

        def found() -> Offer | None:
            offers = self.sight.run.offers
            return next((each for each in offers if (each.action, each.step) == (action, step)), None)

        await self.until(found)
        offer = found()
        assert offer is not None
        return offer

    async def run(self, step: str, *, undo: bool = False) -> None:
        """Confirm the step's command, or what undoes it, exactly as it is shown."""
        offer = await self.offered("undo" if undo else "run", step)
        env = {name: self.env[name] for name in offer.env if name in self.env}
        await self.do(
            commands.Confirm(
                run=self.sight.run.run, step=step, digest=offer.digest, typed=offer.typed, undo=undo, env=env
            )
        )

    async def done(self, step: str) -> None:
        """A manual step is done, or a wait begins."""
        await self.offered("done", step)
        await self.do(commands.FinishStep(run=self.sight.run.run, step=step))

    async def choose(self, step: str, option: str) -> None:
        """Decide."""
        await self.offered("choose", step)
        await self.do(commands.Choose(run=self.sight.run.run, step=step, option=option))

    async def shows(self, step: str, word: str) -> None:
        """Wait until the step shows that."""
        await self.until(lambda: word in self.shown(step))

    def shown(self, step: str) -> str:
        """What the screen says of a step."""
        view = next((each for each in self.sight.run.steps if each.id == step), None)
        assert view is not None, f"no step {step} among {[each.id for each in self.sight.run.steps]}"
        return _told(view)

    def services(self) -> ServicesView:
        """The probes as they are shown."""
        return self.sight.latest(ServicesView) or ServicesView()

    @property
    def timeline(self) -> str:
        """Every row so far."""
        return "\n".join(self.sight.texts)

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until it is so; with what is on the screen when it never comes."""
        try:
            await until(condition)
        except TimeoutError:
            steps = "\n".join(f"{each.id}: {_told(each)}" for each in self.sight.run.steps)
            offers = ", ".join(f"{each.action} {each.step}" for each in self.sight.run.offers)
            probes = ", ".join(f"{each.probe} {each.state}: {each.verdict}" for each in self.services().services)
            raise AssertionError(f"{steps}\noffered: {offers}\nprobes: {probes}\n{self.timeline}") from None


def _told(view: StepView) -> str:
    return f"{view.word}  {view.words}"


@asynccontextmanager
async def night(
    home: Path, config: str, env: Mapping[str, str], *own: Path, speed: float = SPEED
) -> AsyncIterator[Night]:
    """An engine with this config; `own` are runbooks of the team's, trusted as they are."""
    places = Places(home / "p")
    places.make()
    begin(places.drill_clock, speed, SystemClock().now())
    DrillMark("starters").write(places.drill)
    for path in own:
        trust(places.trust, read_entry(path))
    (home / "config.yaml").write_text(config, "utf-8")
    client = await attach(places, profile="night", config=home / "config.yaml", actor="ada", after=0)
    sight = Sight(client)
    tasks = TaskSet()
    tasks.spawn(sight.look(), "a look at the screen")
    try:
        await until(lambda: sight.latest(HeaderView) and sight.latest(RunView))
        yield Night(sight, {"PATH": os.environ.get("PATH", os.defpath), **env})
    finally:
        await tasks.close()
        await client.close()
        await stop(places, "ada")


@dataclass
class Service:
    """Something to probe, which is well while `healthy` says so."""

    healthy: Callable[[], bool]
    url: str = ""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Say how it is."""
        with suppress(OSError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            status = b"200 OK" if self.healthy() else b"500 Internal Server Error"
            writer.write(b"HTTP/1.1 " + status + b"\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
            await writer.drain()
        writer.close()


@asynccontextmanager
async def serving(healthy: Callable[[], bool]) -> AsyncIterator[str]:
    """The URL of a service that is well while `healthy` says so."""
    server = await asyncio.start_server(Service(healthy).answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
