"""Who works on what: two engines of two profiles, and a lock that is given back where nothing comes of it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from cockpit.clock import SECOND, SystemClock
from cockpit.engine.circumstances import Offered
from cockpit.engine.core import Core
from cockpit.engine.holders import said
from cockpit.engine.locking import Locks
from cockpit.execution import locks
from cockpit.execution.locks import Holder
from cockpit.incident.runs import LockLost, LockTaken
from cockpit.journal.errors import Busy
from cockpit.protocol import commands
from cockpit.protocol.client import Client
from cockpit.protocol.launch import attach
from cockpit.protocol.messages import Answer, FetchRunbooks, Runbooks
from cockpit.protocol.views import Offer, RunbookView
from cockpit.runbooks.plan import Plan
from cockpit.tasks import TaskSet
from tests.chaos.harness import Sight, World, sight, until

ADA = Holder("ada", "web-1", "left", "run-1", "Roll back login", 1_760_000_000 * SECOND, 4711)
BO = replace(ADA, person="bo", run="run-2", profile="right", reason="ada sleeps")
ENV = {"PATH": os.defpath}


@dataclass
class Profile(World):
    """One of several profiles of the same person at the same host."""

    name: str = "left"

    async def attach(self, actor: str = "ada", **wanted: bool | int) -> Client:
        return await attach(self.places, profile=self.name, config=self.config, actor=actor, after=0)


async def _profile(tmp_path: Path, name: str) -> AsyncIterator[Profile]:
    made = Profile(
        tmp_path / name, tmp_path / "state" / name, steps=["one", "two"], then="true", more="lock: auth\n", name=name
    )
    yield made
    await made.end()


@pytest.fixture
async def left(tmp_path: Path) -> AsyncIterator[Profile]:
    async for made in _profile(tmp_path, "left"):
        yield made


@pytest.fixture
async def right(tmp_path: Path) -> AsyncIterator[Profile]:
    async for made in _profile(tmp_path, "right"):
        yield made


async def _declared(seen: Sight) -> None:
    assert (await seen.client.do(commands.Declare(title="It is red", severity="SEV2"))).ok


async def _confirmed(seen: Sight) -> Answer:
    offer = seen.run.offers[0]
    return await seen.client.do(
        commands.Confirm(run=seen.run.run, step=offer.step, digest=offer.digest, env=ENV)
    )  # fmt: skip


def _offer(seen: Sight, action: str) -> Offer | None:
    return next((offer for offer in seen.run.offers if offer.action == action), None)


async def _shelf(world: Profile) -> RunbookView:
    client = await world.attach()
    await client.send(FetchRunbooks())
    async for told in client.messages():
        if isinstance(told, Runbooks):
            await client.close()
            return told.runbooks[0]
    raise AssertionError("the engine went away")


async def test_one_profile_at_a_time_works_on_a_service_and_takes_it_over_by_name(
    left: Profile, right: Profile
) -> None:
    async with sight(left) as ada, sight(right, "bo") as bo:
        await _declared(ada)
        await _declared(bo)
        assert (await ada.client.do(commands.StartRun(runbook="ledger"))).ok
        held = (await _shelf(right)).holder
        assert held.startswith("ada works on it since ") and "Keep a ledger (profile left on " in held

        refused = await bo.client.do(commands.StartRun(runbook="ledger"))
        assert (refused.ok, held in refused.text) == (False, True)
        anybody = commands.StartRun(runbook="ledger", take_over="ada sleeps", holder="somebody")
        assert (await bo.client.do(anybody)).refusal == "stale"
        assert (await _shelf(right)).holder == held
        named = commands.StartRun(runbook="ledger", take_over="ada sleeps", holder=held)
        assert (await bo.client.do(named)).ok

        # Seen by itself, and at the latest when something is confirmed.
        await until(lambda: ada.run.lock)
        assert ada.run.lock.startswith("bo works on it") and ada.run.lock.endswith("took it over: ada sleeps")
        assert [offer.action for offer in ada.run.offers] == ["take_over", "end"]
        assert not left.ran()

        back = _offer(ada, "take_over")
        assert back is not None
        mistaken = commands.TakeOver(run=ada.run.run, reason="it is my service", holder=held)
        assert (await ada.client.do(mistaken)).refusal == "stale"
        taken = commands.TakeOver(run=ada.run.run, reason="it is my service", holder=back.holder)
        assert (await ada.client.do(taken)).ok
        await until(lambda: not ada.run.lock and _offer(ada, "run"))
        refused = await _confirmed(bo)
        assert not refused.ok
        await until(lambda: bo.run.lock)
        assert (await _confirmed(ada)).ok
        await until(lambda: ada.run.steps[0].word == "ok")
        stream = ada.header.stream
    assert (len(left.ran()), len(right.ran())) == (1, 0)
    bodies = [event.body for event in await left.events(stream)]
    assert [type(body) for body in bodies if isinstance(body, LockLost | LockTaken)] == [LockLost, LockTaken]


async def test_a_confirmation_is_refused_before_anybody_has_looked(left: Profile) -> None:
    async with sight(left) as ada:
        await _declared(ada)
        assert (await ada.client.do(commands.StartRun(runbook="ledger"))).ok
        await until(lambda: ada.run.offers)
        place = left.places.service_locks
        present = locks.holder(place, "auth")
        assert present is not None
        locks.take(place, "auth", BO, over=present)
        refused = await _confirmed(ada)
        assert not refused.ok
        await until(lambda: ada.run.lock)
        assert ada.run.lock == said(BO)
    assert not left.ran()


async def test_a_lock_outlives_its_engine_and_ends_with_its_run(left: Profile) -> None:
    place = left.places.service_locks
    async with sight(left) as ada:
        await _declared(ada)
        assert (await ada.client.do(commands.StartRun(runbook="ledger"))).ok
        second = await ada.client.do(commands.StartRun(runbook="ledger"))
        assert "is still open" in second.text
        await until(lambda: ada.run.offers)
    os.kill(left.engine(), 9)
    async with sight(left) as ada:
        await until(lambda: ada.run.offers)
        assert (await _confirmed(ada)).ok
        await until(lambda: ada.run.steps[0].word == "ok")
        assert (await ada.client.do(commands.EndRun(run=ada.run.run))).ok
        await until(lambda: locks.holder(place, "auth") is None)
        await until(lambda: _offer(ada, "undo"))
        undo = _offer(ada, "undo")
        assert undo is not None
        confirm = commands.Confirm(run=ada.run.run, step=undo.step, digest=undo.digest, undo=True, env=ENV)
        locks.take(place, "auth", BO)
        assert (await ada.client.do(confirm)).ok is False
        assert locks.release(place, "auth", BO)
        await until(lambda: _offer(ada, "take_over"))
        assert (await ada.client.do(commands.TakeOver(run=ada.run.run, reason="bo is done"))).ok
        await until(lambda: _offer(ada, "undo"))
        assert (await ada.client.do(confirm)).ok
        await until(lambda: ada.run.steps[0].word == "undone")
        await until(lambda: locks.holder(place, "auth") is None)


async def test_a_run_that_cannot_be_started_takes_nothing(left: Profile) -> None:
    async with sight(left) as ada:
        refused = await ada.client.do(commands.StartRun(runbook="ledger"))
        assert "no incident is open" in refused.text
    assert locks.holder(left.places.service_locks, "auth") is None


async def test_a_start_sent_twice_at_once_is_one_start(left: Profile) -> None:
    async with sight(left) as ada:
        await _declared(ada)
        start = commands.StartRun(runbook="ledger")
        other = await left.attach()
        answers = await asyncio.gather(*(each.do(start, command_id="same") for each in (ada.client, other)))
        await other.close()
        assert [(answer.ok, answer.text) for answer in answers] == [(True, answers[0].text)] * 2


OFFERED = Offered("ledger", "Keep a ledger", "d", "", "p", Plan({}, lock="auth"))
NAMED = commands.StartRun(runbook="ledger", take_over="ada sleeps", holder=said(ADA))


def _locks(place: Path) -> Locks:
    core = cast(Core, SimpleNamespace(latest=None))
    return Locks(core, SystemClock(), place, profile="right", host="web-1")


@pytest.mark.parametrize("before", [None, ADA])
async def test_a_lock_is_given_back_when_the_run_cannot_be_recorded(tmp_path: Path, before: Holder | None) -> None:
    if before is not None:
        locks.take(tmp_path, "auth", before)
    held: list[tuple[Holder | None, str]] = []

    async def record(offered: Offered) -> None:
        held.append((locks.holder(tmp_path, "auth"), offered.took_over))
        raise Busy("somebody else has the journal")

    with pytest.raises(Busy):
        await _locks(tmp_path).start(NAMED, OFFERED, "run-2", "bo", record)
    ((meanwhile, took_over),) = held
    assert meanwhile is not None and (meanwhile.person, meanwhile.run) == ("bo", "run-2")
    assert took_over == ("taken over from ada (Roll back login): ada sleeps" if before is not None else "")
    assert locks.holder(tmp_path, "auth") == before


async def test_whoever_leaves_while_a_run_is_recorded_leaves_no_lock_without_a_run(tmp_path: Path) -> None:
    begun, go_on, recorded = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def record(offered: Offered) -> None:
        begun.set()
        await go_on.wait()
        recorded.set()

    tasks = TaskSet()
    asked = tasks.spawn(_locks(tmp_path).start(NAMED, OFFERED, "run-2", "bo", record), "asks")
    await begun.wait()
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    go_on.set()
    await recorded.wait()
    present = locks.holder(tmp_path, "auth")
    assert present is not None and present.run == "run-2"
