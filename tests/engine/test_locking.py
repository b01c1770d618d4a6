"""Who works on what: two engines of two profiles, and what a lock says of its holder."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import pytest

from cockpit.clock import SECOND
from cockpit.engine.circumstances import Refusal
from cockpit.engine.locking import needed, over, said
from cockpit.execution import locks
from cockpit.execution.locks import UNKNOWN, Holder
from cockpit.incident.event import Body, Event
from cockpit.incident.fold import fold
from cockpit.incident.runs import (
    AttemptFinished,
    AttemptIntended,
    AttemptSettled,
    AttemptUnknown,
    LockLost,
    LockTaken,
    RunFinished,
    RunStarted,
    StepOutline,
)
from cockpit.protocol import commands
from cockpit.protocol.client import Client
from cockpit.protocol.launch import attach
from cockpit.protocol.messages import Answer, FetchRunbooks, Runbooks
from cockpit.protocol.views import Offer, RunbookView
from tests.chaos.harness import Sight, World, sight, until

ADA = Holder("ada", "web-1", "left", "run-1", "Roll back login", 1_760_000_000 * SECOND, 4711)
BO = replace(ADA, person="bo", run="run-2", profile="right", reason="ada sleeps")
STARTED = RunStarted(
    run="r", runbook="b", title="Mend it", digest="d", source="", path="p", lock="auth",
    steps=(StepOutline("one", "Restart auth", "command", "write", undo="start it"),),
)  # fmt: skip
INTENDED = AttemptIntended(run="r", step="one", attempt="a", command="c", digest="d")
ENDED = AttemptFinished(run="r", step="one", attempt="a", ok=True, exit_code=0)
LOST = AttemptUnknown(run="r", step="one", attempt="a", why="still running", pid=7)
SETTLED = AttemptSettled(run="r", step="one", attempt="a", verdict="took_effect", reason="I looked")
OVER = RunFinished(run="r", outcome="stopped")
UNDOING = msgspec.structs.replace(INTENDED, attempt="b", direction="rollback")
ENV = {"PATH": os.defpath}


def test_a_holder_is_named_with_all_that_helps_to_find_them() -> None:
    assert said(None) == ""
    assert said(ADA) == "ada works on it since 08:53:20Z: Roll back login (profile left on web-1)"
    assert said(BO).endswith("(profile right on web-1); took it over: ada sleeps")
    assert said(UNKNOWN) == "nobody knows who works on it: its lock cannot be read"


@pytest.mark.parametrize(
    "reason, named, code",
    [("", said(ADA), "invalid"), (" ", said(ADA), "invalid"), ("mine", "", "stale"), ("mine", said(BO), "stale")],
)
def test_a_lock_is_taken_over_only_with_a_reason_and_from_the_one_who_was_shown(
    reason: str, named: str, code: str
) -> None:
    with pytest.raises(Refusal, match="ada works on it") as refused:
        over(ADA, reason, named)
    assert refused.value.code == code
    assert over(ADA, "she sleeps", said(ADA)) == ADA
    assert over(None, "", "") is None


@pytest.mark.parametrize(
    "bodies, incident_open, keeps",
    [
        ((STARTED,), True, True),
        ((STARTED,), False, False),
        ((STARTED, INTENDED, ENDED, OVER), True, False),
        ((STARTED, INTENDED, OVER), True, True),
        ((STARTED, INTENDED, LOST, OVER), True, True),
        ((STARTED, INTENDED, LOST, OVER), False, True),
        ((STARTED, INTENDED, LOST, SETTLED, OVER), True, False),
        ((STARTED, INTENDED, ENDED, OVER, UNDOING), True, True),
        ((msgspec.structs.replace(STARTED, lock=""),), True, False),
    ],
)
def test_a_lock_is_kept_while_something_may_be_at_work(
    bodies: Sequence[Body], incident_open: bool, keeps: bool
) -> None:
    events = (Event("INC-1", seq, seq, seq, "ada", "h", body) for seq, body in enumerate(bodies, 1))
    assert needed(fold(events).runs["r"], incident_open) == keeps


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
