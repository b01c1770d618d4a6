"""The engine at its socket: what clients are told, and that none of them can hurt it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import cast

import msgspec
import pytest

from cockpit.engine.serving import Server
from cockpit.engine.session import Show
from cockpit.incident.runs import AttemptFinished, AttemptIntended
from cockpit.incident.vocabulary import ChangeSeen, IncidentDeclared, NoteAdded
from cockpit.protocol import commands
from cockpit.protocol.client import Client
from cockpit.protocol.messages import Do, FetchRows, Goodbye, Hello, Rows, pack, unpack_from_engine
from cockpit.protocol.views import HeaderView, OutputView, RunView
from tests.chaos.harness import Sight, World, sight, until

ENV = {"PATH": os.defpath}
DECLARE = commands.Declare(title="It is red", severity="SEV2")


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = World(tmp_path, tmp_path / "home", steps=["one", "two"], then="echo the word is swordfish")
    yield made
    await made.end()


async def ready_to_confirm(seen: Sight) -> commands.Confirm:
    """An incident and a run; the confirmation that is offered."""
    said: tuple[commands.AnyCommand, ...] = (DECLARE, commands.StartRun(runbook="ledger"))
    for command in said:
        assert (await seen.client.do(command)).ok
    await until(lambda: seen.run.offers)
    offer = seen.run.offers[0]
    return commands.Confirm(run=seen.run.run, step=offer.step, digest=offer.digest, env=ENV)


async def test_a_command_sent_again_is_done_once_and_gets_the_same_answer(world: World) -> None:
    async with sight(world) as seen:
        confirm = await ready_to_confirm(seen)
        said: tuple[commands.AnyCommand, ...] = (
            confirm, commands.Note(text="once"), commands.MarkChange(kind="flag", what="x"),
        )  # fmt: skip
        for command in said:
            answer = await seen.client.do(command, command_id="same-" + type(command).__name__)
            again = await seen.client.do(command, command_id="same-" + type(command).__name__)
            assert answer.ok
            assert (again.ok, again.text, again.id) == (True, answer.text, answer.id)
        await until(lambda: seen.run.steps[0].word == "ok")
        stream = seen.header.stream
        refused = await seen.client.do(confirm, command_id="another")
        assert refused.refusal == "not_offered"
    bodies = [event.body for event in await world.events(stream)]
    for kind in (AttemptIntended, NoteAdded, ChangeSeen):
        assert sum(isinstance(body, kind) for body in bodies) == 1
    assert world.ran().total() == 1


async def test_a_command_sent_twice_at_once_is_done_once(world: World) -> None:
    async with sight(world) as seen:
        other = await world.attach("bo")
        said: tuple[commands.AnyCommand, ...] = (DECLARE, commands.StartRun(runbook="ledger"))
        for number, command in enumerate(said):
            answers = await asyncio.gather(
                *(each.do(command, command_id=f"c{number}") for each in (seen.client, other))
            )
            assert {(answer.ok, answer.text) for answer in answers} == {(True, answers[0].text)}
        await until(lambda: seen.run.offers)
        offer = seen.run.offers[0]
        confirm = commands.Confirm(run=seen.run.run, step=offer.step, digest=offer.digest, env=ENV)
        answers = await asyncio.gather(*(each.do(confirm, command_id="yes") for each in (seen.client, other)))
        assert [answer.ok for answer in answers] == [True, True]
        await until(lambda: seen.run.steps[0].word == "ok")
        stream = seen.header.stream
        await other.close()
    bodies = [event.body for event in await world.events(stream)]
    assert sum(isinstance(body, IncidentDeclared) for body in bodies) == 1
    assert world.ran().total() == 1


async def test_a_confirmation_decided_on_another_screen_is_refused(world: World) -> None:
    async with sight(world) as seen:
        confirm = await ready_to_confirm(seen)
        decided_on = seen.decided_on
        wrong = msgspec.structs.replace(confirm, digest="0" * 64)
        assert (await seen.client.do(wrong, decided_on)).refusal == "stale"
        assert (await seen.client.do(confirm, ("INC-99", 1))).refusal == "stale"
        assert (await seen.client.do(confirm, decided_on)).ok
        await until(lambda: seen.run.steps[0].word == "ok")
        stale = await seen.client.do(confirm, decided_on)
        assert (stale.refusal, "look again" in stale.text) == ("stale", True)
        undo = next(offer for offer in seen.run.offers if offer.action == "undo")
        undone = commands.Confirm(run=seen.run.run, step="one", digest=undo.digest, undo=True, env=ENV)
        assert (await seen.client.do(undone, seen.decided_on)).ok
        await until(lambda: seen.run.steps[0].word == "undone")
        frozen = decided_on
        await seen.client.do(commands.Note(text="before the restart"))
    os.kill(world.engine(), 9)
    async with sight(world) as seen:
        # The engine that saw those events is gone; what it saw is not forgotten.
        again = await seen.client.do(msgspec.structs.replace(confirm, step="two"), frozen)
        assert again.refusal == "stale"
    assert world.ran().total() == 2


async def told(reader: asyncio.StreamReader) -> object:
    frame = await reader.readline()
    return unpack_from_engine(frame) if frame else None


async def test_a_client_of_another_version_is_told_so(world: World) -> None:
    await (await world.attach()).close()
    reader, writer = await asyncio.open_unix_connection(world.places.socket)
    writer.write(b'{"type":"hello","versions":[98,99],"actor":"ada","something":"new"}\n')
    goodbye = await told(reader)
    assert isinstance(goodbye, Goodbye) and goodbye.why == "version"
    assert await reader.read() == b""
    writer.close()


MALFORMED: tuple[tuple[bool, bytes], ...] = (
    (False, b"\n"),
    (False, b"GET / HTTP/1.1\r\n\r\n"),
    (False, b"\xff\xfe\x00\n"),
    (False, b'{"type":"hello"}\n'),
    (False, b"{" * 100_000 + b"\n"),
    (False, pack(Do("x", "", 0, commands.Note(text="no hello")))),
    (True, b"null\n"),
    (True, b'{"type":"do","id":1}\n'),
    (True, b'{"type":"do","id":"x","stream":"","decided_on":0,"command":{"do":"rm"}}\n'),
    (True, b'{"type":"fetch_rows","stream":"watch","first":9223372036854775807,"last":9223372036854775807}\n'),
    (True, b'{"type":"fetch_rows","stream":"watch","first":-9,"last":-5}\n'),
    (True, b'{"type":"fetch_rows","stream":"\\u0000","first":1,"last":0}\n'),
    (True, b"x" * 5_000_000),
)
"""What a program that is no client might say, and whether after a greeting."""


async def test_no_frame_hurts_the_engine(world: World) -> None:
    client = await world.attach()
    for hello, frame in MALFORMED:
        reader, writer = await asyncio.open_unix_connection(world.places.socket)
        if hello:
            writer.write(pack(Hello((1,), "mallory", False)))
        with suppress(ConnectionError):  # turned away before it had said all
            writer.write(frame)
            writer.write_eof()
            await reader.read()
        writer.close()
        assert (await client.do(commands.Note(text="still here"))).ok
    fresh = await world.attach()
    assert fresh.welcome.pid == client.welcome.pid
    for each in (client, fresh):
        await each.close()
    notes = [event.body.text for event in await world.events("watch") if isinstance(event.body, NoteAdded)]
    assert notes == ["still here"] * len(MALFORMED)


async def rows(client: Client, stream: str, first: int, last: int) -> list[int]:
    await client.send(FetchRows(stream, first, last))
    async for message in client.messages():
        if isinstance(message, Rows) and not message.live:
            assert message.stream == stream
            return [row.seq for row in message.rows]
    raise AssertionError("the engine is gone")


async def test_rows_are_had_by_range(world: World) -> None:
    client = await world.attach(panes=False, after=-1)
    for number in range(12):
        assert (await client.do(commands.Note(text=f"note {number}"))).ok

    async def all_there() -> bool:
        # The engine's start and the probe that finds nobody are events too.
        return len(await world.events("watch")) == head

    head = 12 + 2
    await until(all_there)
    for first, last, expected in (
        (1, 5, range(1, 6)),
        (4, 4, range(4, 5)),
        (-3, 2, range(1, 3)),
        (0, 1, range(1, 2)),
        (head - 1, head + 50, range(head - 1, head + 1)),
        (head + 1, head + 9, range(0)),
        (5, 4, range(0)),
        (1, 1 << 40, range(1, head + 1)),
    ):
        assert await rows(client, "watch", first, last) == list(expected), (first, last)
    assert await rows(client, "INC-7", 1, 5) == []
    await client.close()


async def test_what_is_erased_is_gone_everywhere(world: World) -> None:
    async with sight(world) as seen:
        confirm = await ready_to_confirm(seen)
        assert (await seen.client.do(confirm)).ok
        await until(lambda: seen.run.steps[0].word == "ok")
        note = await seen.client.do(commands.Note(text="the word is swordfish"))
        stream = note.stream
        ends = [event.seq for event in await world.events(stream) if isinstance(event.body, AttemptFinished)]
        assert any("swordfish" in text for text in seen.texts)
        for seq in (note.seq, *ends):
            erase = commands.Redact(stream=stream, seq=seq, reason="a secret")
            answer = await seen.client.do(erase, command_id=f"erase-{seq}")
            again = await seen.client.do(erase, command_id=f"erase-{seq}")
            assert (answer.ok, again.ok, again.text) == (True, True, answer.text)
        twice = await seen.client.do(commands.Redact(stream=stream, seq=note.seq, reason="again"))
        assert twice.refusal == "invalid"
        nothing = await seen.client.do(commands.Redact(stream=stream, seq=9_999, reason="none"))
        assert nothing.refusal == "invalid"
        await until(lambda: "swordfish" not in str(seen.latest(OutputView)))
        fresh = await world.attach("bo", data=True)
        texts: list[str] = []
        async for message in fresh.messages():
            if isinstance(message, Rows):
                texts += [str(row.text) + bytes(row.data).decode() for row in message.rows]
            if isinstance(message, RunView) and seen.latest(HeaderView) and len(texts) >= seen.header.head:
                break
        # The ledger's own command line names the word too: what it printed and what was noted must be gone.
        assert not [text for text in texts if "note.added" in text and "swordfish" in text]
        assert not [text for text in texts if "attempt.finished" in text and "swordfish" in text]
        await fresh.close()
    (attempt,) = world.places.attempts.iterdir()
    assert not (attempt / "output").exists() or b"swordfish" not in (attempt / "output").read_bytes()
    kinds = {(event.seq, type(event.body).__name__) for event in await world.events(stream)}
    assert {(seq, "Erased") for seq in (note.seq, *ends)} <= kinds


async def test_a_stranger_is_turned_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cockpit.engine.serving.peer_uid", lambda _peer: os.getuid() + 1)
    # With nothing to show: whatever a stranger got would be an error.
    server = Server(tmp_path / "s", cast(Show, object()))
    await server.start()
    assert (tmp_path / "s").stat().st_mode & 0o777 == 0o600
    reader, writer = await asyncio.open_unix_connection(tmp_path / "s")
    writer.write(b'{"type":"shutdown"}\n')
    goodbye = await told(reader)
    assert isinstance(goodbye, Goodbye) and goodbye.why == "refused"
    with suppress(ConnectionResetError):  # what it said was never read
        assert await reader.read() == b""
    writer.close()
    await server.close()
    assert not (tmp_path / "s").exists()
