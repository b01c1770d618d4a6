"""One person who plays the storm's runbook over and over, and somebody who kills at moments that nobody chose."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from cockpit.execution import record
from cockpit.platform.process import carrying
from cockpit.protocol import commands
from cockpit.protocol.client import NoEngine
from cockpit.protocol.launch import EngineFailed
from cockpit.protocol.views import Offer, RunView
from tests.chaos.driving import VICTIMS, Driver, Victim
from tests.chaos.harness import kill
from tests.chaos.recording import Services
from tests.chaos.storm import Storm

PAUSE = 0.02
"""Seconds between two looks of the person, and of the killer."""
LOOKS = 150
"""How often the moment for a kill is looked for before it is done at any."""


@dataclass(frozen=True)
class Death:
    """Somebody was killed between these moments, in microseconds; of a supervisor, the attempt it had."""

    victim: Victim
    since: int
    until: int
    attempt: str = ""


@dataclass
class Player:
    """Takes up what is offered, settles honestly what nobody knows, and now and then undoes all or ends it."""

    driver: Driver
    storm: Storm
    served: Services
    undoing: bool = False
    deaths: list[Death] = field(default_factory=list)
    offered: Counter[str] = field(default_factory=Counter)
    confirmed: set[tuple[str, str]] = field(default_factory=set)
    pressed: asyncio.Event = field(default_factory=asyncio.Event)

    async def play(self, tasks: asyncio.TaskGroup, enough: asyncio.Event) -> None:
        """Go on until there was enough, and then until nothing runs and nothing is open."""
        while not (enough.is_set() and self._at_rest()):
            try:
                await self.driver.attend(tasks)
            except (EngineFailed, NoEngine, OSError):
                # Killed while it started, or before it was asked anything.
                continue
            if self.driver.shown and not self.driver.waits:
                self._turn(ending=enough.is_set())
            await asyncio.sleep(PAUSE)

    def _at_rest(self) -> bool:
        seen = self.driver
        return seen.shown and not seen.waits and bool(seen.sight.run.outcome)

    def _turn(self, *, ending: bool) -> None:
        driver, seen = self.driver, self.driver.sight
        if self._happens(0.02):
            self.served.status["/"] = 500 if self.served.status.get("/", 200) == 200 else 200
        if not seen.header.open:
            driver.send(commands.Declare(title="It is red", severity="SEV2"))
        elif seen.run.run and not seen.run.outcome:
            self._of_run(seen.run, ending=ending)
        elif not ending:
            undo = [offer for offer in seen.run.offers if offer.action == "undo"]
            if undo and self._happens(0.5):
                self._confirm(seen.run, undo[0])
            else:
                self.undoing = False
                driver.send(commands.StartRun(runbook="ledger"))

    def _of_run(self, run: RunView, *, ending: bool) -> None:
        offers: dict[str, Offer] = {offer.action: offer for offer in reversed(run.offers)}
        self.offered.update(offers.keys())
        self.undoing = self.undoing or self._happens(0.002)
        if "settle" in offers:
            self._of_doubt(run, offers)
        elif "stop" in offers:
            if self._happens(0.005) or (ending and "end" in offers):
                self.driver.send(commands.StopAttempt(run=run.run, attempt=offers["stop"].attempt))
        elif ending or (self.undoing and "undo" not in offers):
            if "end" in offers:
                self.driver.send(commands.EndRun(run=run.run, note="enough"))
        elif self.undoing:
            self._confirm(run, offers["undo"])
        else:
            self._forward(run, offers)

    def _of_doubt(self, run: RunView, offers: dict[str, Offer]) -> None:
        """A person looks at the file; while something of the command still runs, nobody can know."""
        doubt = offers["settle"]
        verdicts = {option.id for option in doubt.options}
        if carrying(record.COOKIE, doubt.attempt) and not self._all_meant(doubt.attempt):
            return
        if "run" in offers and self._happens(0.5):
            self._confirm(run, offers["run"])
            return
        if "undo" in offers and self._happens(0.7):
            self._confirm(run, offers["undo"])
            return
        verdict = "skipped"
        if "took_effect" in verdicts:
            verdict = "took_effect" if self.storm.began()[doubt.attempt] else "no_effect"
        self.driver.send(
            commands.Settle(run=run.run, attempt=doubt.attempt, verdict=verdict, reason="looked")  # type: ignore[arg-type]
        )

    def _all_meant(self, attempt: str) -> bool:
        meant = self.storm.meant()
        return all((attempt, pid) in meant for pid in carrying(record.COOKIE, attempt))

    def _forward(self, run: RunView, offers: dict[str, Offer]) -> None:
        if "run" in offers and not ("undo" in offers and run.offers[0].action == "undo"):
            self._confirm(run, offers["run"])
        elif "done" in offers:
            self.driver.send(commands.FinishStep(run=run.run, step=offers["done"].step))
        elif "choose" in offers:
            option = "again" if self._happens(0.3) else "enough"
            self.driver.send(commands.Choose(run=run.run, step=offers["choose"].step, option=option, why="so"))
        elif "undo" in offers and run.offers[0].action == "undo" and self._happens(0.5):
            self._confirm(run, offers["undo"])
        elif "skip" in offers:
            if self._happens(0.3 if "run" in offers else 0.01):
                self.driver.send(commands.Skip(run=run.run, step=offers["skip"].step, reason="enough of it"))

    def _confirm(self, run: RunView, offer: Offer) -> None:
        self.confirmed.add((run.run, offer.step))
        undo, typed = offer.action == "undo", str(offer.typed)
        env = {"PATH": "/usr/bin:/bin", "TOKEN": "t"}
        said = commands.Confirm(run=run.run, step=offer.step, digest=offer.digest, undo=undo, typed=typed, env=env)
        for _ in range(2 if self._happens(0.1) else 1):
            # A key that was pressed twice.
            self.driver.send(said)
        self.pressed.set()

    def _happens(self, likely: float) -> bool:
        return self.driver.chance.random() < likely


async def kill_some(player: Player, kills: int) -> None:
    """Kill so many of them, one after the other, whatever they are doing."""
    driver, chance = player.driver, player.driver.chance
    while driver.kills.total() < kills:
        await asyncio.sleep(chance.uniform(0, 0.4))
        victim = chance.choice(VICTIMS)
        pid, attempt = await _found(player, victim)
        since = time.time_ns() // 1000
        if kill(pid):
            driver.kills[victim] += 1
            player.deaths.append(Death(victim, since, time.time_ns() // 1000, attempt))


async def _found(player: Player, victim: Victim) -> tuple[int, str]:
    """Whom to kill, 0 for nobody; most often while a command is about to begin, or a supervisor is at work."""
    world, chance = player.storm.world, player.driver.chance
    if victim == "supervisor":
        await _until_likely(lambda: bool(world.supervised()))
        await asyncio.sleep(chance.choice([0, 0, 0.02, 0.1]))
        return next(((pid, path.name) for pid, path in world.supervised().items()), (0, ""))
    if chance.random() < 0.7:
        player.pressed.clear()
        await _until_likely(player.pressed.is_set)
        await asyncio.sleep(chance.uniform(0, 0.15))
    return (player.driver.terminal if victim == "terminal" else world.engine()), ""


async def _until_likely(so: Callable[[], bool]) -> None:
    for _ in range(LOOKS):
        if so():
            return
        await asyncio.sleep(PAUSE / 2)
