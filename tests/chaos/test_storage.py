"""A disk that is full, and one that cannot be written."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from cockpit.clock import SystemClock
from cockpit.config.load import read
from cockpit.config.model import Config
from cockpit.engine import engine
from cockpit.exits import Exit
from cockpit.incident.fold import fold
from cockpit.incident.vocabulary import NoteAdded
from cockpit.journal.store import open_reader
from cockpit.protocol import commands
from cockpit.protocol.client import Client
from cockpit.protocol.launch import EngineFailed
from cockpit.protocol.messages import Answer
from tests.chaos.harness import Sight, World, sight, until

GO = "until [ -e {go} ]; do sleep 0.05; done"


@pytest.fixture
async def held(tmp_path: Path, small_disk: Path) -> AsyncIterator[World]:
    """The same, with commands that go on until a file `go` is there."""
    made = World(tmp_path, small_disk / "home", steps=["one"], then=GO.format(go=tmp_path / "go"))
    yield made
    await made.end()


def fill(disk: Path, but: int = 0) -> Path:
    """Leave no byte free, but for so many."""
    filler = disk / "filler"
    with open(filler, "ab", buffering=0) as file:
        for size in (4096, 1):
            with suppress(OSError):
                while True:
                    file.write(b"x" * size)
        file.truncate(file.tell() - but)
    return filler


async def do(client: Client, command: commands.AnyCommand) -> Answer:
    answer = await client.do(command)
    assert answer.ok, answer.text
    return answer


async def confirm(seen: Sight, action: str) -> None:
    await until(lambda: seen.run.offers and seen.run.offers[0].action == action)
    offer = seen.run.offers[0]
    undo = action == "undo"
    env = {"PATH": os.defpath}
    await do(
        seen.client,
        commands.Confirm(run=seen.run.run, step=offer.step, digest=offer.digest, undo=undo, env=env),
    )


async def test_a_disk_that_fills_up_during_a_rollback(held: World, small_disk: Path) -> None:
    go = held.root / "go"
    async with sight(held) as seen:
        await do(seen.client, commands.Declare(title="It is red", severity="SEV2"))
        await do(seen.client, commands.StartRun(runbook="ledger"))
        await confirm(seen, "run")
        go.touch()
        await until(lambda: any(offer.action == "undo" for offer in seen.run.offers))
        go.unlink()
        undo = next(offer for offer in seen.run.offers if offer.action == "undo")
        await do(
            seen.client,
            commands.Confirm(run=seen.run.run, step=undo.step, digest=undo.digest, undo=True, env={"PATH": os.defpath}),
        )
        await until(lambda: len(held.ran()) == 2)
        kept = [(await do(seen.client, commands.Note(text=f"before {number}"))).seq for number in range(3)]

        filler = fill(small_disk)
        refused = await until_refused(seen.client)
        assert refused.refusal == "storage"
        assert "Free some space" in refused.text
        go.touch()
        await until(lambda: not held.supervisors())
        await until(lambda: any("Free some space" in alarm for alarm in seen.header.alarms))
        assert seen.client.welcome.pid == held.engine()

        filler.unlink()
        await until(lambda: seen.run.steps[0].word == "undone")
        await until(lambda: not any("Free some space" in alarm for alarm in seen.header.alarms))
        await do(seen.client, commands.Note(text="after"))
        events = await held.events(seen.header.stream)
    notes = [event for event in events if isinstance(event.body, NoteAdded)]
    assert {event.seq for event in notes} >= set(kept)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    (run,) = fold(events).runs.values()
    assert {attempt.finished and attempt.finished.ok for attempt in run.attempts.values()} == {True}
    assert sorted(held.ran().values()) == [1, 1]
    reader = await open_reader(held.places.journal)
    assert (await reader.verify(seen.header.stream)).ok
    await reader.close()


async def until_refused(client: Client) -> Answer:
    """The first answer to a note for which there is no room: a page of the journal may have had some left."""
    answers: list[Answer] = []

    async def refused() -> bool:
        answers.append(await client.do(commands.Note(text="x" * 2_000)))
        return not answers[-1].ok

    await until(refused)
    return answers[-1]


@pytest.mark.parametrize("room", [pages * 4096 for pages in (4, 6, 8, 10)])
async def test_an_attempt_that_found_no_room_never_ran(cramped: World, small_disk: Path, room: int) -> None:
    async with sight(cramped) as seen:
        await do(seen.client, commands.Declare(title="It is red", severity="SEV2"))
        await do(seen.client, commands.StartRun(runbook="ledger"))
        await until(lambda: seen.run.offers)
        # Room for the journal to say that it is wanted, none for the attempt's own files.
        filler = fill(small_disk, but=room)
        offer, env = seen.run.offers[0], {"PATH": os.defpath}
        answer = await seen.client.do(commands.Confirm(run=seen.run.run, step="one", digest=offer.digest, env=env))
        filler.unlink()
        if answer.ok:
            await until(lambda: seen.run.attempt and seen.run.steps[0].word in {"to do", "ok"})
        await do(seen.client, commands.Note(text="goes on"))
        events = await cramped.events(seen.header.stream)
    attempts = [attempt for run in fold(events).runs.values() for attempt in run.attempts.values()]
    assert len(attempts) == answer.ok
    assert not any(attempt.unknown for attempt in attempts)
    assert cramped.ran().total() == sum(bool(attempt.finished) for attempt in attempts)


@asynccontextmanager
async def here(world: World) -> AsyncIterator[Sight]:
    """The world's engine in this process, where its log can be read though the disk is full, and a look at it."""
    running = await engine.Engine.open(
        world.places, read(world.config, Config), SystemClock(),
        profile="chaos", config_path=str(world.config), drill="", shutdown=lambda: None,
    )  # fmt: skip
    await running.start()
    try:
        async with sight(world) as seen:
            yield seen
    finally:
        await running.close()


async def test_a_wait_that_is_over_while_the_disk_is_full(
    tmp_path: Path, small_disk: Path, caplog: pytest.LogCaptureFixture
) -> None:
    wait = "  - {id: pause, title: Wait, wait: {for: 1s}}\n"
    async with here(World(tmp_path, small_disk / "home", steps=[], more=wait)) as seen:
        await do(seen.client, commands.Declare(title="It is red", severity="SEV2"))
        await do(seen.client, commands.StartRun(runbook="ledger"))
        await until(lambda: seen.run.run)
        await do(seen.client, commands.FinishStep(run=seen.run.run, step="pause"))
        filler = fill(small_disk)
        await until(lambda: "a verdict waits for the journal" in caplog.text or seen.run.outcome)
        filler.unlink()
        await until(lambda: seen.run.outcome == "done")


async def test_checkpoints_go_on_after_the_disk_was_full(
    cramped: World, small_disk: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(engine, "CHECKPOINT_EVERY", 0.05)
    async with here(cramped) as seen:
        filler = fill(small_disk)
        await until(lambda: "no checkpoint this time" in caplog.text)
        filler.unlink()
        await do(seen.client, commands.Note(text="room again"))
        await until(lambda: "room again" in str(seen.texts))
        assert not any("fault" in alarm for alarm in seen.header.alarms)


async def test_a_journal_that_cannot_be_written(cramped: World, small_disk: Path) -> None:
    async with sight(cramped) as seen:
        await do(seen.client, commands.Declare(title="It is red", severity="SEV2"))
    os.kill(cramped.engine(), 15)
    await until(lambda: not cramped.engine())
    # Refused while the last file is still being closed.
    await until(lambda: not subprocess.call(["mount", "-o", "remount,ro", small_disk], stderr=subprocess.DEVNULL))
    with pytest.raises(EngineFailed, match="Read-only file system") as failed:
        await cramped.attach()
    assert failed.value.code == Exit.STORAGE
    for words, code, said in (
        (["watch"], Exit.STORAGE, "Read-only file system"),
        (["note", "hello"], Exit.STORAGE, "Read-only file system"),
        (["report"], Exit.OK, "It is red"),
        (["status"], Exit.NO_ENGINE, "no engine runs"),
    ):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "cockpit", "--config", str(cramped.config), "--profile", "home", *words,
            env=os.environ | {"COCKPIT_HOME": str(small_disk)},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        output, _ = await process.communicate()
        text = output.decode()
        assert "Traceback" not in text, text
        assert (process.returncode, said in text) == (code, True), text
