"""The engine as a process: one to a profile, whoever starts it, however it ends, in whatever environment."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from cockpit.incident.event import WATCH
from cockpit.incident.fold import fold
from cockpit.incident.runs import AttemptStarted
from cockpit.incident.vocabulary import EngineStarted
from cockpit.protocol import commands, control
from cockpit.protocol.client import Client, NoEngine
from cockpit.tasks import TaskSet
from cockpit.tui.attachment import Attachment
from cockpit.tui.clockface import Clockface
from cockpit.tui.frame import Frame
from tests.chaos.harness import Sight, World, kill, sight, until

STARTERS = 10
HELD = "until [ -e {go} ]; do sleep 0.05; done"

STARTER = """
import asyncio, sys
from pathlib import Path
from cockpit.platform.places import Places
from cockpit.protocol.launch import attach

async def main():
    places = Places(Path(sys.argv[1]))
    print("ready", flush=True)
    sys.stdin.readline()
    client = await attach(places, profile="chaos", config=Path(sys.argv[2]), actor="ada")
    print(client.welcome.pid)
    await client.close()

asyncio.run(main())
"""


@pytest.fixture
def held(world: World) -> World:
    """The same, with commands that go on until a file `go` is there."""
    return World(world.root, world.home, steps=["one"], then=HELD.format(go=world.root / "go"))


async def start_a_command(seen: Sight, **env: str) -> None:
    """An incident, a run, and its first command under way."""
    for command in (commands.Declare(title="It is red", severity="SEV2"), commands.StartRun(runbook="ledger")):
        assert (await seen.client.do(command)).ok
    await until(lambda: seen.run.offers)
    step, digest = seen.run.offers[0].step, seen.run.offers[0].digest
    env |= {"PATH": os.defpath}
    assert (await seen.client.do(commands.Confirm(run=seen.run.run, step=step, digest=digest, env=env))).ok


async def test_of_many_starters_at_once_one_starts_an_engine_and_all_get_through(world: World) -> None:
    left_behind = socket.socket(socket.AF_UNIX)
    left_behind.bind(str(world.places.socket))
    left_behind.close()
    world.places.lock.touch()
    lock = world.places.lock.stat().st_ino
    starters = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", STARTER, str(world.home), str(world.config),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
        )
        for _ in range(STARTERS)
    ]  # fmt: skip
    for starter in starters:
        assert starter.stdout is not None and await starter.stdout.readline() == b"ready\n"
    told = await asyncio.gather(*(starter.communicate(b"\n") for starter in starters))
    assert {starter.returncode for starter in starters} == {0}
    assert {int(out) for out, _ in told} == {world.engine()}
    assert world.places.lock.stat().st_ino == lock
    started = [event for event in await world.events(WATCH) if isinstance(event.body, EngineStarted)]
    assert len(started) == 1


async def test_an_engine_that_is_stopping_is_waited_for(world: World) -> None:
    client = await world.attach()
    first = client.welcome.pid
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(control.stop(world.places, "ada"))
        attaching = [tasks.create_task(world.attach()) for _ in range(3)]
    await until(lambda: world.engine() != first)
    for each in (client, *(task.result() for task in attaching)):
        await each.close()
    last = await world.attach()
    assert last.welcome.pid == world.engine() != first
    await last.close()


async def test_what_is_killed_is_started_again_and_what_somebody_stopped_is_not(world: World) -> None:
    frame, found = Frame(clock=Clockface()), 0

    async def find() -> Client:
        nonlocal found
        found += 1
        return await Client.connect(world.places.socket, actor="ada")

    def revived(before: int) -> bool:
        return world.engine() not in {0, before} and not frame.lost

    desk = Attachment(
        world.attach, frame, find=find, attached=lambda: None, changed=lambda: None, told=lambda _: None
    )  # fmt: skip
    attached = TaskSet().spawn(desk.run(), "attachment")
    try:
        for number in (signal.SIGKILL, signal.SIGTERM):
            await until(lambda: not frame.lost)
            before = world.engine()
            kill(before, number)
            await until(partial(revived, before))
        assert found == 0
        assert await control.stop(world.places, "dev-3")
        await until(lambda: found > 1)
        assert frame.lost.startswith("the engine was stopped by dev-3 at ")
        with pytest.raises(NoEngine):
            await Client.connect(world.places.socket, actor="bo")
        desk.start()
        await until(lambda: not frame.lost)
        assert await control.stop(world.places, "dev-3")
        await until(lambda: frame.lost)
        # Whoever else starts it: every screen is there again.
        await (await world.attach("bo")).close()
        await until(lambda: not frame.lost)
    finally:
        attached.cancel()
        await asyncio.gather(attached, return_exceptions=True)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
async def test_a_stopped_engine_leaves_its_command_to_the_next(held: World, number: signal.Signals) -> None:
    async with sight(held) as seen:
        await start_a_command(seen)
        await until(lambda: held.ran())
        kill(held.engine(), number)
        await until(lambda: seen.gone)
    await until(lambda: not held.engine())
    assert not held.places.socket.exists() and held.places.lock.exists()
    assert len(held.supervisors()) == 1
    (held.root / "go").touch()
    await until(lambda: not held.supervisors())
    async with sight(held) as seen:
        await until(lambda: seen.run.steps and seen.run.steps[0].word == "ok")
        events = await held.events(seen.header.stream)
    assert list(held.ran().values()) == [1]
    assert sum(isinstance(event.body, AttemptStarted) for event in events) == 1


async def test_a_command_sees_the_environment_of_who_confirmed_it(held: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", "old")
    async with sight(held) as seen:
        await start_a_command(seen, TOKEN="new")
        await until(lambda: held.ran())
        kill(held.engine())
        await until(lambda: seen.gone)
    (held.root / "go").touch()
    async with sight(held) as seen:
        await until(lambda: seen.run.steps and seen.run.steps[0].word == "ok")
        stream = seen.header.stream
    assert held.ledger.read_text().endswith(" one new\n")
    (run,) = fold(await held.events(stream)).runs.values()
    (attempt,) = run.attempts.values()
    assert attempt.finished is not None and attempt.finished.ok
    kept = b"".join(path.read_bytes() for path in held.home.rglob("*") if path.is_file())
    assert b"TOKEN=new" not in kept


def found(place: Path, pattern: str) -> int:
    """How many such files lie below."""
    return len(list(place.rglob(pattern)))


async def cockpit(*words: str, prefix: tuple[str, ...] = (), env: dict[str, str], cwd: Path) -> str:
    """What the program says; it must end well."""
    process = await asyncio.create_subprocess_exec(
        *prefix, sys.executable, "-m", "cockpit", *words, env=env, cwd=cwd,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    return output.decode()


def _nobody() -> tuple[str, ...]:
    """Runs a command as a user whom the system knows nothing of, so that there is no home at all."""
    unshare = shutil.which("unshare")
    prefix = (unshare or "unshare", "--user", "--map-user=54321")
    if unshare is not None and subprocess.run([*prefix, "true"], capture_output=True).returncode == 0:
        return prefix
    if os.environ.get("CI") == "true":
        pytest.fail("nobody can be made a stranger to this host")
    pytest.skip("this host lets nobody become a stranger")


@pytest.fixture
def short() -> Iterator[Path]:
    """A temporary directory whose name leaves room for a socket's."""
    with tempfile.TemporaryDirectory() as place:
        yield Path(place)


async def test_no_home_and_no_runtime_directory(world: World, tmp_path: Path, short: Path) -> None:
    nobody = _nobody()
    work = tmp_path / "work"
    work.mkdir()
    env = {"PATH": os.defpath, "TMPDIR": str(short)}
    try:
        said = await cockpit("--config", str(world.config), "note", "hello", prefix=nobody, env=env, cwd=work)
        assert said == "noted\n"
        assert "no incident" in await cockpit("status", prefix=nobody, env=env, cwd=work)
    finally:
        await cockpit("stop", prefix=nobody, env=env, cwd=work)
    assert (found(work, "*"), found(short, "journal.sqlite")) == (0, 1)
