"""A real engine on a host of its own, whose network is cut and whose names hang."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from cockpit.clock import SECOND
from cockpit.incident.event import WATCH
from cockpit.incident.vocabulary import ProbeChanged
from cockpit.protocol import control
from cockpit.protocol.views import ServicesView
from tests.chaos.alone import HOSTS, PORT
from tests.chaos.harness import Sight, World, sight, until

ALONE = ["unshare", "--net", "--mount"]


@pytest.fixture(autouse=True)
def alone() -> None:
    """Namespaces need root, and not every container lets it have them."""
    if os.geteuid() or not shutil.which("ip") or subprocess.run([*ALONE, "true"], capture_output=True).returncode:
        if os.environ.get("CI") == "true":
            pytest.fail("no namespace could be made: this needs root, unshare and ip")
        pytest.skip("this needs root, unshare and ip")


class Host:
    """Where the engine runs; it is told what to do line by line."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def do(self, order: str) -> str:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(f"{order}\n".encode())
        said = (await asyncio.wait_for(self._process.stdout.readline(), 30)).decode().strip()
        assert said.endswith("done"), said
        return said.removesuffix("done").strip()


@asynccontextmanager
async def host(world: World, *probes: str) -> AsyncIterator[Host]:
    """A host that watches these."""
    lines = ["version: 1", "services:", "  - name: web", "    probes:", *(f"      - {{{probe}}}" for probe in probes)]
    world.config.write_text("\n".join(lines))
    process = await asyncio.create_subprocess_exec(
        *ALONE, sys.executable, "-m", "tests.chaos.alone", str(world.home), str(world.config),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert process.stdin is not None and process.stdout is not None
    try:
        assert await asyncio.wait_for(process.stdout.readline(), 60) == b"ready\n"
        yield Host(process)
    finally:
        process.stdin.close()
        await process.wait()


async def turns(world: World) -> list[tuple[str, str]]:
    events = await world.events(WATCH)
    return [(event.body.probe, event.body.state) for event in events if isinstance(event.body, ProbeChanged)]


def states(seen: Sight) -> dict[str, tuple[str, str]]:
    """The state and the verdict of every probe, as a terminal shows them."""
    view = seen.latest(ServicesView)
    rows = view.services if view is not None else ()
    return {str(row.probe): ("unknown" if row.stale else row.state, str(row.verdict)) for row in rows}


def checked(seen: Sight, probe: str) -> int:
    """When the probe was last looked at, in microseconds."""
    view = seen.latest(ServicesView)
    return max((row.checked for row in (view.services if view is not None else ()) if row.probe == probe), default=0)


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ("lose", "our own network may be gone"),
        pytest.param("cut", "this host cannot connect", marks=pytest.mark.chaos),
    ],
    ids=["silent", "unreachable"],
)
async def test_with_our_own_network_gone_nothing_turns_down(world: World, how: str, words: str) -> None:
    often = "interval: 300ms, timeout: 300ms, failures: 3, successes: 1"
    probes = [f'name: h{n}, url: "http://{address}:{PORT}/", {often}' for n, address in enumerate(HOSTS)]
    names = {f"h{n}" for n in range(len(HOSTS))}
    async with host(world, *probes) as alone, sight(world) as seen:
        await until(lambda: {name for name, (state, _) in states(seen).items() if state == "up"} == names)
        await alone.do(how)
        await until(lambda: all(words in verdict for _, verdict in states(seen).values()))
        await until(lambda: {state for state, _ in states(seen).values()} == {"unknown"})
        assert {state for _, state in await turns(world)} == {"up"}

        await alone.do("mend")
        await until(lambda: {state for state, _ in states(seen).values()} == {"up"})
        assert {state for _, state in await turns(world)} == {"up"}, "the loss of our own network is on no record"
        await alone.do(f"dead {HOSTS[0]}")
        await until(lambda: states(seen)["h0"][0] == "down")
        assert ("h0", "down") in await turns(world), "what is down with our network up is down"


@pytest.mark.parametrize("hung", [8, 100])
async def test_names_that_hang_do_not_delay_one_that_resolves(world: World, hung: int) -> None:
    how = "interval: 1s, timeout: 1s, failures: 1, successes: 1"
    slow = [f'name: hung{n}, url: "http://hung{n}.test:{PORT}/", {how}' for n in range(hung)]
    well = f'name: well, url: "http://well.test:{PORT}/", interval: 200ms, timeout: 200ms, failures: 1, successes: 1'
    async with host(world, *slow, well) as alone, sight(world) as seen:
        await until(lambda: states(seen).get("well", ("", ""))[0] == "up")
        await until(lambda: sum("resolver" in verdict for _, verdict in states(seen).values()) == hung)
        since = checked(seen, "well")
        await until(lambda: checked(seen, "well") >= since + SECOND)
        assert states(seen)["well"][1].startswith("HTTP 200"), "it is asked as ever"
        assert int(await alone.do("heard")) >= 8, "somebody was asked for those names, and did not answer"
        assert await turns(world) == [("well", "up")], "neither late nor down; and who does not answer us is not down"
        assert await control.stop(world.places, "ada")
        await until(lambda: not world.engine())


async def test_a_dead_ipv6_address_beside_a_live_ipv4_one_is_told_and_up(world: World) -> None:
    both = f'name: two, url: "http://two.test:{PORT}/", interval: 200ms, timeout: 1s, failures: 1, successes: 1'
    async with host(world, both), sight(world) as seen:
        await until(lambda: states(seen).get("two", ("", ""))[0] == "up")
        assert await turns(world) == [("two", "up")]
