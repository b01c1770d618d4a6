"""Lanes that are judged together: parents, our own network, pauses, a journal that is locked."""

from __future__ import annotations

import asyncio
import itertools
import random
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from cockpit.clock import SECOND, Clock, DrillClock, SystemClock
from cockpit.config.load import parse
from cockpit.config.model import Config
from cockpit.engine.board import Board
from cockpit.engine.core import Core
from cockpit.engine.probing import Probing
from cockpit.engine.recording import Recorder
from cockpit.engine.views import services
from cockpit.incident.event import WATCH, Draft
from cockpit.incident.fold import State
from cockpit.incident.vocabulary import ProbePaused, ProbeResumed
from cockpit.incident.watching import Watching
from cockpit.journal.store import Journal, Letter
from cockpit.probes.failures import FailureKind
from cockpit.probes.make import Tools
from cockpit.probes.sample import Outcome, Sample
from cockpit.probes.transport import ProbeTransport
from cockpit.tasks import TaskSet
from cockpit.text import SafeText

CHILDREN = 30


class StillClock:
    """Stands where it is put."""

    speed = 1.0

    def __init__(self) -> None:
        self.at = 1_700_000_000.0

    def now(self) -> int:
        return int(self.at * SECOND)

    def monotonic(self) -> float:
        return self.at

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


@dataclass
class Watch:
    """The watching side of an engine, with its journal; nothing is asked over the network until `start`."""

    core: Core
    board: Board
    recorder: Recorder
    probing: Probing
    clock: Clock

    async def see(self, name: str, outcome: Outcome, failure: FailureKind | None = None) -> None:
        """One sample of a lane, taken now."""
        sample = Sample(self.clock.now(), outcome, SafeText(f"{name} was {outcome}"), failure=failure)
        await self.probing.take(self.board.lanes[name], sample)

    def state(self, name: str) -> str:
        return self.board.lanes[name].track.state

    async def until(self, so: Callable[[], bool]) -> None:
        """Until it is so, looking with each sample."""
        sampled = asyncio.Event()
        self.probing.on_sample.append(lambda lane, sample: sampled.set())
        while not so():
            sampled.clear()
            await sampled.wait()

    async def told(self) -> dict[str, str]:
        """How the journal says that every probe stands, once all is recorded."""
        recorded = asyncio.Event()

        def after_all(_: State) -> Sequence[Draft]:
            recorded.set()
            return ()

        self.recorder.post_decided(after_all)
        await recorded.wait()
        return {name: probe.state for name, probe in self.core.watching.probes.items()}


def _alone(state: State, drafts: Sequence[Draft]) -> tuple[Sequence[Draft], Sequence[Letter]]:
    return drafts, ()


@asynccontextmanager
async def watching(home: Path, config: str, clock: Clock | None = None) -> AsyncIterator[Watch]:
    clock = clock or StillClock()
    parsed = parse(config, "config.yaml", Config)
    journal = await Journal.open(home / "journal.sqlite", clock=clock, host="here")
    core = Core(journal, clock, _alone, State(stream=WATCH), None)
    board, recorder = Board(parsed, core.watching), Recorder(core)
    probing = Probing(core, board, recorder, clock, parsed.self_check)
    tasks = TaskSet()
    tasks.spawn(recorder.run(), "recorder")
    try:
        async with asyncio.timeout(30):
            yield Watch(core, board, recorder, probing, clock)
    finally:
        await tasks.close()
        await probing.close()
        await journal.close()


def family(failures: int = 1, port: int = 9, interval: str = "10s", timeout: str = "1s") -> str:
    """A parent and its children, which are all to turn on their first bad sample."""
    how = f"failures: {failures}, successes: 1, interval: {interval}, timeout: {timeout}"
    lines = [f'- {{name: child-{n}, url: "http://127.0.0.1:{port}/", {how}}}' for n in range(CHILDREN)]
    return "\n".join((
        "version: 1", "services:",
        f'  - {{name: db, probes: [{{name: users-db, url: "http://127.0.0.1:{port}/", {how}}}]}}',
        "  - name: web", "    depends_on: [db]", "    probes:", *(f"      {line}" for line in lines),
    ))  # fmt: skip


# --- parents


@pytest.mark.parametrize("place", [0, 7, CHILDREN])
async def test_parent_and_30_children_in_one_tick_whoever_is_heard_first(tmp_path: Path, place: int) -> None:
    names = [f"child-{n}" for n in range(CHILDREN)]
    random.Random(place).shuffle(names)
    names.insert(place, "users-db")
    async with watching(tmp_path, family()) as watch:
        assert isinstance(watch.clock, StillClock)
        for name in names:
            await watch.see(name, "good")
        watch.clock.at += 10
        async with asyncio.TaskGroup() as tick:
            for name in names:
                watch.clock.at += 0.001
                tick.create_task(watch.see(name, "bad", "refused"))
        assert {name for name in names if watch.state(name) == "down"} == {"users-db"}
        watch.board.diagnose(watch.clock.now())
        assert {watch.board.lanes[name].diagnosis for name in names} == {"", "unreachable: users-db is down"}
        assert {watch.board.lanes[name].overlay(watch.clock.now()) for name in names} == {"", "unreachable"}
        told = await watch.told()
        assert [name for name, state in told.items() if state == "down"] == ["users-db"]


async def test_a_child_not_heard_since_its_parent_fell_is_shown_as_unknown_and_why_once(tmp_path: Path) -> None:
    async with watching(tmp_path, family()) as watch:
        await watch.see("child-1", "good")
        await watch.see("users-db", "bad", "refused")
        await watch.see("child-1", "bad", "refused")
        watch.board.diagnose(watch.clock.now())
        shown = services(watch.board.lanes, Watching(), watch.clock.now()).services
        child = next(each for each in shown if each.probe == "child-1")
        assert watch.state("child-1") == "up" and (child.state, child.since) == ("unknown", 0)
        assert f"{child.verdict} {child.diagnosis}".count("users-db is down") == 1


async def test_a_child_that_answers_is_not_called_unreachable_although_its_parent_is_down(tmp_path: Path) -> None:
    async with watching(tmp_path, family()) as watch:
        await watch.see("users-db", "bad", "refused")
        await watch.see("child-1", "good")
        watch.board.diagnose(watch.clock.now())
        lane = watch.board.lanes["child-1"]
        assert (watch.state("users-db"), lane.diagnosis, lane.overlay(watch.clock.now())) == ("down", "", "")


INSTANCES = """
version: 1
services:
  - name: web
    probes:
      - {name: api, url: "http://api.test/", instances: [10.0.0.1, 10.0.0.2, 10.0.0.3], failures: 1, successes: 1}
"""


async def test_a_probe_of_several_lanes_stands_as_the_worst_of_them(tmp_path: Path) -> None:
    async with watching(tmp_path, INSTANCES) as watch:
        for place, outcome in enumerate(("good", "bad", "good"), 1):
            await watch.see(f"api@10.0.0.{place}", "bad" if outcome == "bad" else "good")
        assert isinstance(watch.clock, StillClock)
        now = watch.clock.now()
        assert watch.board.whole(now)["api"] == "down"
        assert watch.board.figures(now)["api"].error_rate == 1.0
        assert [lane.target.name for lane in watch.board.named("api")] == list(watch.board.lanes)
        assert "api" in watch.board.names
        watch.clock.at += 1
        await watch.see("api@10.0.0.2", "good")
        assert watch.board.whole(watch.clock.now())["api"] == "up"


async def test_hundreds_of_instances_that_turn_at_once_are_diagnosed_once_and_only_when_somebody_looks(
    tmp_path: Path,
) -> None:
    many = ", ".join(f"10.0.0.{place}" for place in range(1, 251))
    config = INSTANCES.replace("10.0.0.1, 10.0.0.2, 10.0.0.3", many)
    async with watching(tmp_path, config) as watch, asyncio.timeout(5):
        for name in watch.board.lanes:
            await watch.see(name, "bad", "refused")
        watch.board.diagnose(watch.clock.now())
        assert {lane.diagnosis for lane in watch.board.lanes.values()} == {"all 250 instances: a shared dependency"}


async def test_with_its_parent_up_again_a_child_is_judged_anew(tmp_path: Path) -> None:
    async with watching(tmp_path, family(failures=3)) as watch:
        assert isinstance(watch.clock, StillClock)
        await watch.see("users-db", "good")
        await watch.see("child-1", "good")
        for name, outcome in (("child-1", "bad"), ("child-1", "bad"), ("users-db", "bad"), ("child-1", "bad")):
            watch.clock.at += 5
            await watch.see(name, "good" if outcome == "good" else "bad")
        assert watch.state("child-1") == "up" and watch.board.lanes["child-1"].track.bad.count == 0
        watch.clock.at += 5
        await watch.see("users-db", "good")
        watch.board.diagnose(watch.clock.now())
        assert watch.board.lanes["child-1"].diagnosis == ""
        for count in (1, 2, 3):
            watch.clock.at += 1
            await watch.see("users-db", "good")
            await watch.see("child-1", "bad")
            assert watch.state("child-1") == ("down" if count == 3 else "up")


async def test_a_child_that_is_bad_alone_is_down(tmp_path: Path) -> None:
    async with watching(tmp_path, family()) as watch:
        assert isinstance(watch.clock, StillClock)
        for name in ("users-db", "child-1"):
            await watch.see(name, "good")
        watch.clock.at += 10
        async with asyncio.TaskGroup() as tick:
            tick.create_task(watch.see("child-1", "bad"))
            await asyncio.sleep(0)
            tick.create_task(watch.see("users-db", "good"))
        assert (watch.state("child-1"), watch.state("users-db")) == ("down", "up")


class Server:
    """Answers 200 until it is closed, and counts."""

    def __init__(self) -> None:
        self.asked = 0
        self.port = 0
        self._server: asyncio.Server | None = None

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            self.asked += 1
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        writer.close()


@asynccontextmanager
async def probing(watch: Watch, home: Path) -> AsyncIterator[None]:
    transport, tasks = ProbeTransport(), TaskSet()
    watch.probing.start(Tools(transport, watch.clock, {}, home), tasks)
    try:
        yield
    finally:
        await tasks.close()
        await transport.aclose()


async def _until(watch: Watch, names: Sequence[str], state: str) -> None:
    await watch.until(lambda: all(watch.state(name) == state for name in names))


async def test_a_server_that_dies_under_all_of_them_is_one_turn(tmp_path: Path) -> None:
    server = Server()
    await server.open()
    config = family(port=server.port, interval="200ms", timeout="200ms")
    async with watching(tmp_path, config, SystemClock()) as watch, probing(watch, tmp_path):
        await _until(watch, list(watch.board.lanes), "up")
        await server.close()
        await _until(watch, ["users-db"], "down")
        seen = {name: lane.heard_at for name, lane in watch.board.lanes.items()}
        await watch.until(lambda: all(lane.heard_at > seen[name] for name, lane in watch.board.lanes.items()))
        assert [name for name in watch.board.lanes if watch.state(name) == "down"] == ["users-db"]
        assert set((await watch.told()).values()) == {"up", "down"}
        await server.open()
        await _until(watch, list(watch.board.lanes), "up")
        await server.close()


# --- is it us?


def far(count: int = 4, check: str = "") -> str:
    probes = [f'- {{name: p-{n}, url: "http://10.9.8.{n}/", failures: 2}}' for n in range(count)]
    return "\n".join((
        "version: 1", check, "services:", "  - name: far", "    probes:", *(f"      {line}" for line in probes),
        '      - {name: here, url: "http://127.0.0.1:9/", failures: 2}',
    ))  # fmt: skip


@pytest.mark.parametrize("failure", ["connect_timeout", "unreachable", "dns"])
async def test_own_network_lost_nothing_turns_down(tmp_path: Path, failure: FailureKind) -> None:
    async with watching(tmp_path, far()) as watch:
        assert isinstance(watch.clock, StillClock)
        lanes = [f"p-{n}" for n in range(4)]
        for name in (*lanes, "here"):
            await watch.see(name, "good")
        for _, name in itertools.product(range(6), lanes):
            watch.clock.at += 2.5
            await watch.see(name, "bad", failure)
            await watch.see("here", "good")
        assert {watch.state(name) for name in lanes} == {"up"}
        words = {watch.board.lanes[name].track.verdict.partition(":")[0] for name in lanes}
        assert words == {"our own network may be gone"}
        now = watch.clock.now()
        assert {watch.board.lanes[name].state(now) for name in lanes} == {"unknown"}, "stale, and not green"


async def test_what_is_down_on_this_host_is_down_whatever_the_network(tmp_path: Path) -> None:
    async with watching(tmp_path, far()) as watch:
        assert isinstance(watch.clock, StillClock)
        for _ in range(2):
            watch.clock.at += 10
            for name in ("p-0", "p-1", "p-2", "p-3", "here"):
                await watch.see(name, "bad", "connect_timeout")
        assert watch.state("here") == "down"


async def test_one_answer_from_afar_and_the_others_are_down(tmp_path: Path) -> None:
    async with watching(tmp_path, far()) as watch:
        assert isinstance(watch.clock, StillClock)
        for _ in range(2):
            watch.clock.at += 10
            await watch.see("p-0", "bad", "refused")
            for name in ("p-1", "p-2", "p-3"):
                await watch.see(name, "bad", "connect_timeout")
        assert {watch.state(f"p-{n}") for n in range(4)} == {"down"}


async def test_the_addresses_of_the_self_check_decide_where_there_are_any(tmp_path: Path) -> None:
    server = Server()
    await server.open()
    config = far(check=f'self_check: {{targets: ["127.0.0.1:{server.port}"], timeout: 1s}}')
    async with watching(tmp_path, config) as watch:
        assert isinstance(watch.clock, StillClock)
        for _ in range(2):
            watch.clock.at += 10
            for name in ("p-0", "p-1", "p-2", "p-3"):
                await watch.see(name, "bad", "connect_timeout")
        assert {watch.state(f"p-{n}") for n in range(4)} == {"down"}, "our network works: it is theirs"
    await server.close()


# --- asking, and not asking


async def test_what_is_paused_or_in_maintenance_is_not_asked_and_is_unknown(tmp_path: Path) -> None:
    server = Server()
    await server.open()
    config = "\n".join((
        "version: 1", "services:",
        "  - name: web",
        f'    probes: [{{name: front, url: "http://127.0.0.1:{server.port}/", interval: 50ms, timeout: 50ms}}]',
        "  - name: old",
        '    maintenance: [{from: "2020-01-01T00:00:00Z", until: "2120-01-01T00:00:00Z", reason: gone for good}]',
        f'    probes: [{{name: back, url: "http://127.0.0.1:{server.port}/", interval: 50ms, timeout: 50ms}}]',
    ))  # fmt: skip
    async with watching(tmp_path, config, SystemClock()) as watch, probing(watch, tmp_path):
        front, back = watch.board.lanes["front"], watch.board.lanes["back"]
        await _until(watch, ["front"], "up")
        await watch.told()
        until = watch.clock.now() + 60 * SECOND
        paused = ProbePaused(probe="front", until=until, reason="a load test")
        watch.recorder.post(Draft(body=paused, actor="ada"))
        await watch.told()
        assert front.overlay(watch.clock.now()).startswith("paused until ")
        assert front.state(watch.clock.now()) == "unknown"
        await asyncio.sleep(0.06)  # one that was under way
        asked = server.asked
        assert not watch.probing.now("front") and not watch.probing.now("back") and not watch.probing.now("nobody")
        await asyncio.sleep(0.2)
        assert server.asked == asked
        assert (front.skipped, back.latest) == (0, None)
        assert back.overlay(watch.clock.now()).endswith("gone for good")
        watch.recorder.post(Draft(body=ProbeResumed(probe="front"), actor="ada"))
        await watch.told()
        await watch.until(lambda: server.asked > asked)
    await server.close()


async def test_probe_now_asks_all_that_is_not_well(tmp_path: Path) -> None:
    server = Server()
    await server.open()
    config = "\n".join((
        "version: 1", "services:", "  - name: web", "    probes:",
        f'      - {{name: well, url: "http://127.0.0.1:{server.port}/", interval: 60s}}',
        f'      - {{name: ill, url: "http://127.0.0.1:{server.port}/", interval: 60s, valid_status_codes: [204]}}',
    ))  # fmt: skip
    began = SystemClock().now()
    async with watching(tmp_path, config, DrillClock(20, began)) as watch, probing(watch, tmp_path):
        await watch.until(lambda: all(watch.board.lanes[name].heard_at for name in ("well", "ill")))
        heard = watch.board.lanes["well"].heard_at
        ill = watch.board.lanes["ill"]
        while ill.track.bad.count < 3:
            before = ill.heard_at
            assert watch.probing.now("")
            await ill.heard.wait()
            assert ill.heard_at > before
        assert (watch.state("ill"), watch.board.lanes["well"].heard_at, server.asked) == ("down", heard, 4)
        assert watch.probing.now("well")
        await watch.until(lambda: watch.board.lanes["well"].heard_at > heard)
    await server.close()


async def test_after_a_gap_everything_is_stale_until_it_was_looked_at(tmp_path: Path) -> None:
    async with watching(tmp_path, family(failures=3)) as watch:
        for outcome in ("good", "bad", "bad"):
            await watch.see("users-db", "good" if outcome == "good" else "bad")
        lane = watch.board.lanes["users-db"]
        watch.probing.restagger()
        assert lane.state(watch.clock.now()) == "unknown" and lane.track.state == "up"
        await watch.see("users-db", "bad")
        assert lane.track.state == "up", "what was counted before the gap does not count"


async def test_a_lane_that_backs_off_says_so_and_is_not_stale_for_it(tmp_path: Path) -> None:
    async with watching(tmp_path, family(failures=1)) as watch:
        assert isinstance(watch.clock, StillClock)
        lane = watch.board.lanes["users-db"]
        assert lane.backoff_until == 0
        for _ in range(5):
            watch.clock.at += 1
            await watch.see("users-db", "bad", "read_timeout")
        assert lane.pace == 60.0 and lane.backoff_until == watch.clock.now() + 60 * SECOND
        watch.clock.at += 70
        assert lane.state(watch.clock.now()) == "down"
        watch.clock.at += 30
        assert lane.state(watch.clock.now()) == "unknown"
        await watch.see("users-db", "good")
        assert (lane.pace, lane.backoff_until) == (10.0, 0)


async def test_a_locked_database_changes_no_cadence(tmp_path: Path) -> None:
    server = Server()
    await server.open()
    config = f"""\
version: 1
services:
  - name: web
    probes: [{{name: front, url: "http://127.0.0.1:{server.port}/", interval: 50ms, timeout: 50ms, failures: 1}}]
"""
    async with watching(tmp_path, config, SystemClock()) as watch:
        taken: list[int] = []
        watch.probing.on_sample.append(lambda lane, sample: taken.append(sample.at))
        locker = sqlite3.connect(tmp_path / "journal.sqlite", isolation_level=None)
        locker.execute("BEGIN EXCLUSIVE")
        async with probing(watch, tmp_path):
            await _until(watch, ["front"], "up")
            await watch.until(lambda: len(taken) >= 10)
            lane = watch.board.lanes["front"]
            gaps = [(later - sooner) / SECOND for sooner, later in itertools.pairwise(taken[1:])]
            assert "front" not in watch.core.watching.probes, "the database is locked"
            assert sum(gaps) == pytest.approx(0.05 * (len(gaps) + lane.skipped), abs=0.04)
        locker.execute("ROLLBACK")
        locker.close()
        assert (await watch.told())["front"] == "up"
    await server.close()


# --- samples that are far apart


async def test_an_endpoint_that_asks_for_long_rests_is_down_all_the_same(tmp_path: Path) -> None:
    async with watching(tmp_path, family(failures=3)) as watch:
        assert isinstance(watch.clock, StillClock)
        await watch.see("users-db", "good")
        lane = watch.board.lanes["users-db"]
        for _ in range(8):
            watch.clock.at += max(lane.rest, lane.pace) + 10
            shed = Sample(watch.clock.now(), "bad", SafeText("HTTP 503"), status=503, retry_after=3600.0)
            await watch.probing.take(lane, shed)
        assert lane.state(watch.clock.now()) == "down" and lane.track.bad.count == 8


async def test_in_a_fast_drill_a_hung_endpoint_is_down_and_not_unknown(tmp_path: Path) -> None:
    async with watching(tmp_path, family(failures=3)) as watch:
        assert isinstance(watch.clock, StillClock)
        await watch.see("users-db", "good")
        lane = watch.board.lanes["users-db"]
        for _ in range(4):
            asked = watch.clock.now()
            watch.clock.at += 1800  # three real seconds at speed 600
            hung = Sample(asked, "bad", SafeText("hung"), failure="read_timeout")
            await watch.probing.take(lane, hung)
            watch.clock.at += 60
        assert lane.state(watch.clock.now()) == "down"
