"""Kills at moments that nobody chose: nothing promised is lost, and no command runs twice."""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cockpit.engine import peopleview, runview
from cockpit.engine.plans import Plans
from cockpit.execution import record
from cockpit.incident.attendance import PersonNeeded, RoleTaken
from cockpit.incident.broadcasts import UpdateDelivered, UpdatePosted
from cockpit.incident.event import Event
from cockpit.incident.fold import fold
from cockpit.incident.run import Attempt
from cockpit.incident.runs import AttemptIntended, AttemptSettled, RunStarted
from cockpit.incident.vocabulary import IncidentDeclared, NoteAdded
from cockpit.journal.outbox import WAITING
from cockpit.journal.store import open_reader
from cockpit.platform.process import carrying
from cockpit.protocol import commands
from cockpit.protocol.messages import Answer, Do
from cockpit.protocol.views import PeopleView
from tests.chaos.driving import VICTIMS, Driver, Victim
from tests.chaos.harness import World, sound, until

SEED = int(os.environ.get("COCKPIT_CHAOS_SEED", "1"))
KILLS_EACH = 10
NOBODY_KNOWS = frozenset({"UNKNOWN", "UNDO UNKNOWN"})


@dataclass
class Tally:
    """What came of it all."""

    kills: Counter[Victim] = field(default_factory=Counter)
    commands: int = 0
    attempts: int = 0
    unknown: int = 0
    abandoned: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.kills + other.kills, self.commands + other.commands, self.attempts + other.attempts,
            self.unknown + other.unknown, self.abandoned + other.abandoned,
        )  # fmt: skip


@pytest.mark.parametrize("seed", range(SEED, SEED + 3))
async def test_no_kill_loses_or_doubles_anything(seed: int, tmp_path: Path) -> None:
    print(f"seed {seed}; again with COCKPIT_CHAOS_SEED={seed}")
    tally = await sweep(seed, KILLS_EACH, tmp_path)
    assert tally.kills.total() == KILLS_EACH


@pytest.mark.chaos
@pytest.mark.timeout(0)
async def test_many_kills(tmp_path: Path) -> None:
    kills = int(os.environ.get("COCKPIT_CHAOS_KILLS", "300"))
    at_once = asyncio.Semaphore(os.cpu_count() or 1)

    async def one(seed: int) -> Tally:
        async with at_once:
            return await sweep(seed, KILLS_EACH, tmp_path / str(seed))

    async with asyncio.TaskGroup() as tasks:
        seeds = range(SEED, SEED + -(-kills // KILLS_EACH))
        sweeps = [tasks.create_task(one(seed), name=f"seed {seed}") for seed in seeds]
    total = sum((each.result() for each in sweeps), Tally())
    killed = ", ".join(f"{count} {victim}" for victim, count in sorted(total.kills.items()))
    print(
        f"\nseeds {seeds.start}-{seeds.stop - 1}: kills={total.kills.total()} ({killed}) commands={total.commands} "
        f"attempts={total.attempts} unknown={total.unknown} abandoned={total.abandoned} twice=0 lost=0"
    )


async def sweep(seed: int, kills: int, root: Path) -> Tally:
    """One world and so many kills, then the look at what is left."""
    world = World(root, root / "home")
    driver = Driver(world, random.Random(seed))
    try:
        async with asyncio.TaskGroup() as tasks:
            try:
                await driver.attend(tasks)
                driver.go_on()
                await driver.quiet(tasks)
                while driver.kills.total() < kills:
                    await round_of(driver, tasks)
                await until_delivered(world)
                await driver.quiet(tasks)
                return await judged(driver)
            finally:
                await driver.close()
    finally:
        await world.end()


async def round_of(driver: Driver, tasks: asyncio.TaskGroup) -> None:
    """Some commands, a kill among them, and everything as it should be again."""
    victim = driver.chance.choice(VICTIMS)
    for _ in range(driver.chance.choice([0, 1, 3, 12])):
        driver.say_something()
    while not driver.go_on() and victim == "supervisor":
        await driver.quiet(tasks)
    await driver.kill(victim)
    await driver.quiet(tasks)
    await only_a_person_settles(driver, tasks)


async def only_a_person_settles(driver: Driver, tasks: asyncio.TaskGroup) -> None:
    """Where nobody can know what became of a command, nothing but a person's word leads on."""
    run = driver.sight.run
    if not any(step.word in NOBODY_KNOWS for step in run.steps):
        return
    assert {offer.action for offer in run.offers} == {"settle"}
    step = run.offers[0].step
    refusal = "stale"
    while refusal == "stale":
        # Something may have been measured while it was on its way: then it is asked again, as a person would.
        tried = driver.send(commands.Confirm(run=run.run, step=step, digest="", env={}))
        await driver.quiet(tasks)
        refusal = driver.answers[tried].refusal
    assert refusal == "not_offered"
    driver.go_on()
    await driver.quiet(tasks)
    # The answer may come before the pane that shows what became of it.
    await until(lambda: not any(step.word in NOBODY_KNOWS for step in driver.sight.run.steps))


async def until_delivered(world: World) -> None:
    async def all_gone() -> bool:
        reader = await open_reader(world.places.journal)
        try:
            return not await reader.letters(WAITING)
        finally:
            await reader.close()

    await until(all_gone)


async def judged(driver: Driver) -> Tally:
    """Everything that must hold after any kill."""
    world = driver.world
    stream = driver.sight.header.stream
    events = await world.events(stream)
    await sound(world)
    await kept(driver, events)
    state = fold(events)
    attempts = [attempt for run in state.runs.values() for attempt in run.attempts.values()]
    await until(lambda: not any(carrying(record.COOKIE, attempt.id) for attempt in attempts))
    ran = world.ran()
    for attempt in attempts:
        assert ran[attempt.id] in times(attempt), f"{attempt} ran {ran[attempt.id]} times"
    assert ran.keys() <= {attempt.id for attempt in attempts}
    await delivered(world, events)
    await shown(driver, stream)
    return Tally(
        driver.kills, len(driver.sent), len(attempts),
        sum(bool(attempt.unknown) for attempt in attempts), sum(bool(attempt.abandoned) for attempt in attempts),
    )  # fmt: skip


def times(attempt: Attempt) -> Sequence[int]:
    """How often its command may have run."""
    if attempt.finished is not None:
        return [1]
    assert attempt.unknown or attempt.abandoned
    return [0, 1] if attempt.unknown else [0]


async def kept(driver: Driver, events: Sequence[Event]) -> None:
    """What was acknowledged is on record once, what was refused is not."""
    bodies = [event.body for event in events]
    said = Counter(words for body in bodies if (words := unique_words(body)))
    sent = [(do, driver.answers[do.id]) for do in driver.sent.values()]
    for do, answer in sent:
        if words := unique_words(do.command):
            assert said[words] == answer.ok, (do, answer)
    assert said.total() == sum(count_of(sent, kind) for kind in WORDED)
    for command, body in COUNTED.items():
        assert sum(isinstance(each, body) for each in bodies) == count_of(sent, command), command
    reader = await open_reader(driver.world.places.journal)
    for do, answer in sent:
        assert await reader.answer_to(do.id) == (answer.text.encode() if answer.ok else None)
    await reader.close()


WORDED = (commands.Note, commands.TakeRole, commands.Update, commands.Need)
COUNTED: dict[type[commands.Command], type] = {
    commands.Declare: IncidentDeclared,
    commands.StartRun: RunStarted,
    commands.Confirm: AttemptIntended,
    commands.Settle: AttemptSettled,
}


def count_of(sent: Sequence[tuple[Do, Answer]], kind: type[commands.Command]) -> int:
    return sum(isinstance(do.command, kind) and answer.ok for do, answer in sent)


def unique_words(said: object) -> str:
    match said:
        case commands.Note(text=words) | NoteAdded(text=words):
            return words
        case commands.TakeRole(person=words) | RoleTaken(person=words):
            return words
        case commands.Need(person=words) | PersonNeeded(person=words):
            return words
        case commands.Update(know=words):
            return words
        case UpdatePosted(know=words, automatic=False):
            return words
    return ""


async def delivered(world: World, events: Sequence[Event]) -> None:
    """Every letter arrived at most once, and every update arrived, by itself or in one with those it waited with."""
    posted = Counter(world.posted())
    assert not [key for key, count in posted.items() if count > 1]
    updates = [event.body.update for event in events if isinstance(event.body, UpdatePosted)]
    told = [event.body for event in events if isinstance(event.body, UpdateDelivered)]
    assert {f"{each.update}:chat:thread" for each in told} <= posted.keys()
    assert sum(1 + each.merged for each in told) == len(updates)
    places = [updates.index(each.update) for each in told]
    assert places == sorted(places)


async def shown(driver: Driver, stream: str) -> None:
    """What the engine made of the events one by one is what a fold of all of them makes."""
    seen = driver.sight

    async def as_folded() -> bool:
        # Read anew each time: a host that is busy asks a probe too late now and then, and that is an event too.
        state = fold(await driver.world.events(stream))
        run = runview.run(state, Plans().all(state.runs.values()), lambda run, command: ())
        header = (seen.header.head, seen.header.lead, seen.header.next_due)
        told = (header, seen.latest(PeopleView), seen.run)
        return told == ((state.seq, state.roster.lead, state.telling.next_due), peopleview.people(state), run)

    await until(as_folded)
