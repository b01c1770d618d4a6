"""Drives a world through an incident while its processes are killed, and remembers all that it was promised."""

from __future__ import annotations

import asyncio
import os
import random
import sys
import uuid
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from cockpit.protocol import commands
from cockpit.protocol.client import Client
from cockpit.protocol.messages import Answer, Do, pack, unpack_from_engine
from cockpit.protocol.views import HeaderView, Offer, RunView
from tests.chaos.harness import Sight, World, kill, until

Victim = Literal["engine", "supervisor", "terminal"]
VICTIMS: tuple[Victim, ...] = ("engine", "supervisor", "terminal")
VERDICTS: tuple[Literal["took_effect", "no_effect", "by_hand", "skipped"], ...] = (
    "took_effect", "no_effect", "by_hand", "skipped",
)  # fmt: skip
TERMINAL = Path(__file__).with_name("terminal.py")
ENV = {"PATH": os.defpath, "TOKEN": "t"}


@dataclass
class Driver:
    """One person at a terminal of their own, and an onlooker who sees what is so."""

    world: World
    chance: random.Random
    sent: dict[str, Do] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    kills: Counter[Victim] = field(default_factory=Counter)
    _terminal: asyncio.subprocess.Process | None = None
    _listening: asyncio.Task[None] | None = None
    _looking: asyncio.Task[None] | None = None
    _sight: Sight | None = None

    @property
    def sight(self) -> Sight:
        assert self._sight is not None
        return self._sight

    @property
    def shown(self) -> bool:
        """Whether there is somebody who looks, and who was shown how things stand."""
        seen = self._sight
        return seen is not None and not seen.gone and bool(seen.latest(HeaderView) and seen.latest(RunView))

    @property
    def waits(self) -> bool:
        """Whether something that was sent has no answer yet, or is answered and not shown yet."""
        behind = any((answer.stream, answer.seq) > self.sight.decided_on for answer in self.answers.values())
        return bool(self.sent.keys() - self.answers.keys()) or behind

    @property
    def terminal(self) -> int:
        """The process of the terminal, 0 while there is none."""
        return self._terminal.pid if self._terminal is not None and self._terminal.returncode is None else 0

    async def attend(self, tasks: asyncio.TaskGroup) -> None:
        """Have an engine, somebody who looks and a terminal, whatever was killed; send again what has no answer."""
        if self._sight is None or self._looking is None or self._looking.done():
            client: Client = await self.world.attach("onlooker")
            self._sight = Sight(client)
            self._looking = tasks.create_task(self._sight.look())
            await until(lambda: self.shown or self.sight.gone)
        if self._terminal is None or self._terminal.returncode is not None:
            self._terminal = await asyncio.create_subprocess_exec(
                sys.executable, str(TERMINAL), str(self.world.places.socket), "ada",
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            )  # fmt: skip
            self._listening = tasks.create_task(self._listen(self._terminal))
            for do in self.sent.values():
                if do.id not in self.answers:
                    self._write(do)

    async def _listen(self, terminal: asyncio.subprocess.Process) -> None:
        assert terminal.stdout is not None
        async for frame in terminal.stdout:
            answer = unpack_from_engine(frame)
            assert isinstance(answer, Answer)
            assert answer == self.answers.setdefault(answer.id, answer)
        await terminal.wait()

    def send(self, command: commands.AnyCommand) -> str:
        """Ask for something; the answer will be in `answers`, sooner or later."""
        do = Do(uuid.UUID(int=self.chance.getrandbits(128)).hex, *self.sight.decided_on, command)
        self.sent[do.id] = do
        self._write(do)
        return do.id

    def _write(self, do: Do) -> None:
        assert self._terminal is not None and self._terminal.stdin is not None
        self._terminal.stdin.write(pack(do))

    async def kill(self, victim: Victim) -> None:
        """Kill one of them at a moment that nobody chose."""
        if victim == "supervisor":
            pid = await self._supervisor()
        else:
            assert self._terminal is not None
            pid = self._terminal.pid if victim == "terminal" else self.world.engine()
        await asyncio.sleep(self.chance.uniform(0, 0.08))
        self.kills[victim] += kill(pid)
        if victim == "terminal" and self._terminal is not None:
            await self._terminal.wait()
        elif victim == "engine" and self._looking is not None:
            await self._looking

    async def _supervisor(self) -> int:
        """One that works now, 0 where the confirmation was refused or all was over at once."""
        found: list[int] = []
        at_work = self.chance.random() < 0.5

        def looked() -> bool:
            found[:] = self.world.supervisors(at_work=at_work)
            return bool(found) or self._at_rest()

        await until(looked)
        return next(iter(found), 0)

    async def quiet(self, tasks: asyncio.TaskGroup) -> None:
        """Wait until everything sent is answered and nothing runs, reviving whoever died."""

        async def rested() -> bool:
            await self.attend(tasks)
            return self._at_rest()

        await until(rested)

    def _at_rest(self) -> bool:
        seen = self.sight
        asked_to_wait = any(offer.action == "stop" for offer in seen.run.offers)
        return not (self.waits or asked_to_wait or seen.gone)

    async def close(self) -> None:
        """Let the terminal and the onlooker go."""
        if self._terminal is not None and self._terminal.returncode is None:
            self._terminal.kill()
            await self._terminal.wait()
        if self._sight is not None:
            await self._sight.client.close()

    def say_something(self) -> None:
        """One of the things people say that change no run."""
        words = f"w{len(self.sent)}-{self.chance.getrandbits(32):08x}"
        said: tuple[commands.AnyCommand, ...] = (
            commands.Note(text=words), commands.TakeRole(person=words), commands.Update(know=words),
            commands.Need(person=words),
        )  # fmt: skip
        self.send(self.chance.choice(said))

    def go_on(self) -> bool:
        """Do the next thing in the incident; True when that starts a command."""
        seen = self.sight
        if not seen.header.open:
            self.send(commands.Declare(title=f"It is red {len(self.sent)}", severity="SEV2"))
            return False
        runnable = [offer for offer in seen.run.offers if offer.action in {"run", "undo"}]
        lost = [offer for offer in seen.run.offers if offer.action == "settle"]
        if lost:
            self.send(self.word_on(seen.run.run, lost[0]))
            return False
        if seen.run.run and not seen.run.outcome and runnable:
            self.send(self.confirmation(seen.run.run, self.chance.choice(runnable)))
            return True
        self.send(commands.StartRun(runbook="ledger"))
        return False

    def word_on(self, run: str, lost: Offer) -> commands.Settle:
        """A person's word on what nobody else can know."""
        verdicts = set(VERDICTS) & {option.id for option in lost.options}
        verdict = self.chance.choice([each for each in VERDICTS if each in verdicts])
        return commands.Settle(run=run, attempt=lost.attempt, verdict=verdict, reason="looked")

    def confirmation(self, run: str, offer: Offer) -> commands.Confirm:
        """A person's yes to what is offered."""
        undo = offer.action == "undo"
        return commands.Confirm(run=run, step=offer.step, digest=offer.digest, undo=undo, env=ENV)
