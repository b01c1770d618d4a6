"""People and a whole engine: two who claim at once, a stand-down told once, a look that ends by itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from cockpit.incident.attendance import PersonReleased
from cockpit.protocol.client import Client
from cockpit.protocol.commands import AnyCommand, Declare, DeclarePresence, Need, StandDown, TakeRole
from cockpit.protocol.messages import Answer
from tests.chaos.harness import World, until


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = World(tmp_path, tmp_path / "home", steps=("one",))
    made.config.write_text(made.config.read_text().replace("floor: 0s", "floor: 100ms"))
    yield made
    await made.end()


async def _done(client: Client, command: AnyCommand, seen: tuple[str, int] | None = None) -> Answer:
    answer = await client.do(command, seen)
    assert answer.ok, answer.text
    return answer


async def test_two_who_claim_at_once_and_a_double_click(world: World) -> None:
    async with asyncio.timeout(20):
        ada, bo = await world.attach("ada"), await world.attach("bo")
        declared = await _done(ada, Declare(title="It is red", severity="SEV2"))
        seen = (declared.stream, declared.seq)
        await _done(ada, TakeRole(), seen)
        late = await bo.do(TakeRole(), seen)
        assert (late.ok, late.refusal) == (False, "stale")
        assert "ada took it while you looked" in late.text
        again = await _done(ada, TakeRole(), seen)
        assert again.text == "ada is lead already"
        before = again.seq
        taken = await _done(bo, TakeRole(note="ada sleeps"), (again.stream, again.seq))
        assert "before: ada" in taken.text and taken.seq > before
        await ada.close()
        await bo.close()


async def test_those_who_may_leave_are_thanked_in_one_update_of_the_thread(world: World) -> None:
    async with asyncio.timeout(20):
        client = await world.attach("ada")
        await _done(client, Declare(title="It is red", severity="SEV2"))
        await _done(client, TakeRole())
        for name in ("bo", "cy", "di"):
            await _done(client, Need(person=name))
        for _ in range(2):
            stood = await _done(client, StandDown(stay=("ada", "bo")))
        assert stood.text == "nobody else is needed: nobody to release"
        await _done(client, DeclarePresence(presence="here"))

        def thanked() -> list[str]:
            letters = world.letters.read_text().splitlines() if world.letters.exists() else []
            return [line for line in letters if "Thank you, everyone else" in line and ":thread" in line]

        await until(lambda: bool(thanked()))
        events = await world.events("INC-1")
        assert [event.body.person for event in events if isinstance(event.body, PersonReleased)] == ["cy", "di"]
        told = [msgspec.json.decode(line) for line in thanked()]
        assert len(told) == 1
        assert "ada (lead) and bo stay." in str(told[0])
        await client.close()
