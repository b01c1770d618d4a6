"""An engine and a client of the version before it, over a real socket."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from cockpit.incident.vocabulary import NoteAdded
from cockpit.protocol import commands
from cockpit.protocol.client import Client
from cockpit.protocol.messages import Shutdown
from tests.chaos.harness import World, until
from tests.protocol import version_1

APPROVED = """\
  - id: drop
    title: Drop it
    effect: write
    approve: {}
    command: {argv: ["true"]}
    irreversible: it is gone
"""
DECLARE = {"do": "declare", "title": "It is red", "severity": "SEV2"}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = World(tmp_path, tmp_path / "home", steps=(), more=APPROVED)
    yield made
    await made.end()


class Old:
    """A program of version 1, down to its bytes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._asked = 0

    @classmethod
    async def attach(cls, path: Path) -> Old:
        reader, writer = await asyncio.open_unix_connection(path, limit=4 * 1024 * 1024)
        hello = {"type": "hello", "versions": [1], "actor": "bo", "panes": True, "after": 0, "data": False}
        writer.write(json.dumps(hello).encode() + b"\n")
        welcome = version_1.unpack_from_engine(await reader.readuntil())
        assert isinstance(welcome, version_1.Welcome) and welcome.version == 1
        return cls(reader, writer)

    async def told(self) -> version_1.FromEngine:
        """The next message; one that it does not understand ends the session, here with an error."""
        return version_1.unpack_from_engine(await self._reader.readuntil())

    async def do(self, command: Mapping[str, object]) -> version_1.Answer:
        self._asked += 1
        do = {"type": "do", "id": f"old-{self._asked}", "stream": "", "decided_on": 0, "command": command}
        self._writer.write(json.dumps(do).encode() + b"\n")
        while True:
            if isinstance(told := await self.told(), version_1.Answer):
                return told

    async def close(self) -> None:
        self._writer.close()
        await self._writer.wait_closed()


async def test_a_client_of_version_1_works_beside_what_it_does_not_know(world: World) -> None:
    own = await world.attach()
    old = await Old.attach(world.places.socket)
    async with asyncio.timeout(20):
        assert (await old.do(DECLARE)).ok
        assert (await old.do({"do": "start_run", "runbook": "ledger"})).ok
        while not (isinstance(run := await old.told(), version_1.RunView) and run.offers):
            pass
        assert [offer.action for offer in run.offers] == ["run", "skip", "end"]
        confirm = {"do": "confirm", "run": run.run, "step": "drop", "digest": run.offers[0].digest, "env": {}}
        refused = await old.do(confirm)
        assert "needs the approval" in refused.text
        approve = commands.Approve(run=run.run, step="drop", digest=run.offers[0].digest)
        assert (await own.do(approve)).ok
        assert (await old.do({**confirm, "env": {"PATH": os.defpath}})).ok
        while not (isinstance(run := await old.told(), version_1.RunView) and run.steps[0].word == "ok"):
            pass
    await old.close()
    await own.close()


async def test_a_session_that_only_looks_is_refused_everything_and_sees_everything(world: World) -> None:
    own = await world.attach()
    looking = await Client.connect(world.places.socket, actor="eve", read_only=True)
    refused = await looking.do(commands.Note(text="from eve"))
    assert (refused.ok, refused.text) == (False, "this terminal only looks: it was started with --read-only")
    await looking.send(Shutdown())
    assert (await own.do(commands.Note(text="from ada"))).ok
    # Its connection goes on, and so does the engine.
    assert not (await looking.do(commands.Note(text="again"))).ok
    for each in (looking, own):
        await each.close()

    async def noted() -> list[str]:
        return [event.body.text for event in await world.events("watch") if isinstance(event.body, NoteAdded)]

    await until(noted)
    assert await noted() == ["from ada"]
