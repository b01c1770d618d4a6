"""Nothing that storage, chat, a terminal, a restart or a crowd of dead services does makes the watch skip a look."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from cockpit.engine.remembering import FILE
from cockpit.incident.event import WATCH
from cockpit.incident.vocabulary import ProbeChanged
from cockpit.probes.machine import thaw
from cockpit.protocol import commands, control
from cockpit.protocol.messages import FetchCard
from cockpit.protocol.views import BroadcastView, CardView
from tests.chaos.harness import World, kill, sight, until
from tests.chaos.recording import Services, services

PROBES = 20
HOLD_DATABASES = """
import sqlite3, sys
held = [sqlite3.connect(path, isolation_level=None, timeout=60) for path in sys.argv[1:]]
for each in held:
    each.execute("BEGIN EXCLUSIVE")
print("held", flush=True)
sys.stdin.read()
"""


def config(world: World, probes: Iterable[str]) -> None:
    """Have the world watch these instead of its own."""
    letters = f"broadcast: {{destinations: [{{kind: file, name: chat, path: {world.letters}}}]}}"
    lines = ["version: 1", letters, "services:", "  - name: web", "    probes:", *(f"      - {{{p}}}" for p in probes)]
    world.config.write_text("\n".join(lines))


def every_second(served: Services, more: str = "") -> list[str]:
    return [
        f'name: p{n}, url: "{served.url(f"/p{n}")}", interval: 1s, timeout: 1s, failures: 1, successes: 1{more}'
        for n in range(PROBES)
    ]


async def skipped(world: World, names: Sequence[str]) -> dict[str, str]:
    """What the cards of these lanes say was skipped."""
    client, found = await world.attach("onlooker", panes=False), dict[str, str]()
    for name in names:
        await client.send(FetchCard(name))
    async for message in client.messages():
        if isinstance(message, CardView):
            found[str(message.probe)] = "".join(str(f.text) for f in message.facts if str(f.label) == "skipped")
        if len(found) == len(names):
            break
    await client.close()
    return {name: words for name, words in found.items() if words}


@asynccontextmanager
async def held(*databases: Path) -> AsyncIterator[None]:
    """Another process has these databases for itself."""
    holder = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLD_DATABASES, *map(str, databases),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert holder.stdin is not None and holder.stdout is not None
    assert await holder.stdout.readline() == b"held\n"
    try:
        yield
    finally:
        holder.stdin.close()
        await holder.wait()


@asynccontextmanager
async def watcher(world: World) -> AsyncIterator[asyncio.subprocess.Process]:
    """`cockpit watch --json` as a person has it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "cockpit", "--config", str(world.config), "--profile", world.home.name, "watch", "--json",
        env=os.environ | {"COCKPIT_HOME": str(world.home.parent)}, stdout=asyncio.subprocess.PIPE, limit=1 << 24,
    )  # fmt: skip
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def changes(world: World) -> list[tuple[str, str]]:
    """How the probes turned, in the order it was recorded."""
    events = await world.events(WATCH)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    return [(event.body.probe, event.body.state) for event in events if isinstance(event.body, ProbeChanged)]


async def turned(world: World, times: int) -> list[tuple[str, str]]:
    """The same, once so many turns are recorded."""
    found: list[tuple[str, str]] = []

    async def enough() -> bool:
        found[:] = await changes(world)
        return len(found) >= times

    await until(enough)
    return found


@pytest.mark.parametrize("seconds", [8, pytest.param(60, marks=pytest.mark.chaos)])
async def test_with_the_databases_locked_and_the_terminal_stopped_no_probe_is_skipped(
    world: World, seconds: int
) -> None:
    names = [f"p{n}" for n in range(PROBES)]
    async with services() as served:
        config(world, every_second(served))
        async with sight(world) as onlooker, watcher(world) as terminal:
            assert terminal.stdout is not None
            first = await terminal.stdout.readline()
            await turned(world, PROBES)
            kill(terminal.pid, signal.SIGSTOP)
            async with held(world.places.journal, world.places.telemetry):
                began = time.monotonic()
                for number, name in enumerate(("p3", "p1", "p2"), 1):
                    await asyncio.sleep(began + number * seconds / 5 - time.monotonic())
                    served.status[f"/{name}"] = 500
                await asyncio.sleep(began + 4 * seconds / 5 - time.monotonic())
                served.status["/p1"] = 200
                await asyncio.sleep(began + seconds - time.monotonic())
                ended = time.monotonic()
                asked = served.within(began, ended)
                alarms = " ".join(map(str, onlooker.header.alarms))
                assert await skipped(world, names) == {}
            kill(terminal.pid, signal.SIGCONT)
            places = int(ended - began)
            assert asked.keys() == {f"/{name}" for name in names}
            assert all(places - 1 <= count <= places + 1 for count in asked.values()), asked
            assert "facts wait in memory" in alarms

            told = [("p3", "down"), ("p1", "down"), ("p2", "down"), ("p1", "up")]
            assert (await turned(world, PROBES + len(told)))[PROBES:] == told
            async with asyncio.timeout(60):
                head = (await onlooker.client.do(commands.Note(text="the last word"))).seq
                seqs = [json.loads(first)["seq"]]
                while seqs[-1] < head:
                    seqs.append(json.loads(await terminal.stdout.readline())["seq"])
            assert seqs == list(range(1, head + 1))


@pytest.mark.parametrize("seconds", [4, pytest.param(60, marks=pytest.mark.chaos)])
async def test_a_chat_that_takes_nothing_changes_no_cadence(world: World, seconds: int) -> None:
    os.mkfifo(world.letters)
    chat = os.open(world.letters, os.O_RDWR | os.O_NONBLOCK)
    with suppress(BlockingIOError):
        while True:
            os.write(chat, b"x" * fcntl.fcntl(chat, fcntl.F_GETPIPE_SZ))
    async with services() as served:
        config(world, every_second(served))
        async with sight(world) as onlooker:
            await until(lambda: len(served.asked) == PROBES)
            assert (await onlooker.client.do(commands.Declare(title="It is red", severity="SEV2"))).ok
            began = time.monotonic()
            await asyncio.sleep(seconds)
            asked = served.within(began, time.monotonic())
            waiting = onlooker.latest(BroadcastView)
            assert waiting is not None and waiting.queued, "the chat has taken it"
            assert all(seconds - 1 <= count <= seconds + 1 for count in asked.values()), asked
            assert await skipped(world, [f"p{n}" for n in range(PROBES)]) == {}
            assert (await onlooker.client.do(commands.Note(text="the watch goes on"))).ok
            assert await control.stop(world.places, "ada"), "nor does it keep the engine from stopping"
            await until(lambda: not world.engine())
    os.close(chat)


async def test_two_fails_a_restart_of_the_engine_and_one_fail_turn_it_down(world: World) -> None:
    async with services() as served:
        config(world, [f'name: front, url: "{served.url("/front")}", interval: 300ms, timeout: 30s, failures: 3'])
        async with sight(world) as before:
            assert await turned(world, 1) == [("front", "up")]
            served.left["/front"], served.status["/front"] = 2, 500
            state = world.places.home / FILE
            await until(lambda: state.exists() and thaw(state.read_bytes())["front"].bad.count == 2)
            assert kill(before.client.welcome.pid)
            await until(lambda: before.gone and not world.engine())
        asked = len(served.asked["/front"])
        served.left["/front"] = 1
        async with sight(world):
            assert await turned(world, 2) == [("front", "up"), ("front", "down")]
            assert len(served.asked["/front"]) <= asked + 2, "one answer, and one that is kept waiting"


async def test_500_endpoints_that_time_out_do_not_delay_a_healthy_one(world: World) -> None:
    seconds = 5
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(4096)
        port = silent.getsockname()[1]
        async with services() as served:
            hung = [
                f'name: hung{n}, url: "http://127.0.0.1:{port}/{n}", interval: 10s, timeout: 2s' for n in range(500)
            ]
            config(world, [f'name: well, url: "{served.url("/well")}", interval: 1s, timeout: 1s, failures: 1', *hung])
            async with sight(world):
                await until(lambda: served.asked["/well"])
                began = time.monotonic()
                await asyncio.sleep(seconds)
                asked = served.within(began, time.monotonic())["/well"]
                # All of the others are asked within the first two seconds, and given up two seconds later.
                assert seconds - 1 <= asked <= seconds + 1
                assert await skipped(world, ["well"]) == {}
    assert await changes(world) == [("well", "up")]
