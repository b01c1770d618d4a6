"""A turn is seen through, whoever stops waiting for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from cockpit.clock import SystemClock
from cockpit.engine.circumstances import Refusal
from cockpit.engine.core import Core
from cockpit.incident.event import WATCH, Draft
from cockpit.incident.fold import State
from cockpit.incident.vocabulary import NoteAdded
from cockpit.journal.store import Answered, Journal, Letter


def nothing_follows(_state: State, drafts: Sequence[Draft]) -> tuple[Sequence[Draft], Sequence[Letter]]:
    return drafts, ()


def noted(text: str) -> tuple[Sequence[Draft], Answered]:
    return [Draft(body=NoteAdded(text=text), actor="ada")], Answered(text, b"noted")


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    journal = await Journal.open(tmp_path / "journal.sqlite", clock=SystemClock(), host="h")
    yield Core(journal, SystemClock(), nothing_follows, State(stream=WATCH), None)
    await journal.close()


async def test_what_is_stored_is_folded_in_though_whoever_asked_has_left(core: Core) -> None:
    for number in range(20):
        deciding = asyncio.Event()

        def decide(
            _state: State, number: int = number, deciding: asyncio.Event = deciding
        ) -> tuple[Sequence[Draft], Answered]:
            deciding.set()
            return noted(str(number))

        async with asyncio.TaskGroup() as tasks:
            asking = tasks.create_task(core.act(decide))
            await deciding.wait()
            asking.cancel()
        await core.record(lambda state: [Draft(body=NoteAdded(text=f"after {state.seq}"), actor="ada")])
        events = await core.journal.read(WATCH)
        assert core.shown == await core.journal.load(WATCH)
        assert [event.body for event in events[-1:]] == [NoteAdded(text=f"after {len(events) - 1}")]


async def test_what_a_decision_raises_goes_to_whoever_asked(core: Core) -> None:
    def refuse(_state: State) -> tuple[Sequence[Draft], Answered]:
        raise Refusal("invalid", "no")

    with pytest.raises(Refusal, match="no"):
        await core.act(refuse)
    with pytest.raises(Refusal, match="no"):
        await core.declare(refuse)
    assert await core.journal.reserve("INC") == "INC-1"
    await core.act(lambda _: noted("still turns"))
    assert core.shown.seq == 1
