"""Change feeds on their way into the journal."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import web

from cockpit.changes.source import CannotCancel, Looked
from cockpit.clock import SECOND, SystemClock
from cockpit.config.fields import EnvReference
from cockpit.config.sources import ChangeSource, FeedSource, GitHubSource
from cockpit.engine.changing import Changing, offset, rest, timely
from cockpit.engine.core import Core
from cockpit.engine.recording import Recorder
from cockpit.incident.event import WATCH, Draft
from cockpit.incident.fold import State
from cockpit.incident.vocabulary import (
    ChangeSeen,
    FreezeBreached,
    FreezeOverridden,
    FreezeSet,
)
from cockpit.incident.watching import CHANGES_KEPT
from cockpit.journal.store import Journal, Letter
from cockpit.probes.make import Tools
from cockpit.probes.transport import ProbeTransport
from cockpit.tasks import TaskSet
from cockpit.text import Redactor

NOW = 1_700_000_000 * SECOND


class Feed:
    """Lists more changes than are kept in mind; `asked` counts how often."""

    def __init__(self, apart: int = SECOND) -> None:
        self.asked = 0
        self.again = asyncio.Event()
        changes = [{"id": n, "at": NOW + n * apart, "what": f"deploy {n}"} for n in range(CHANGES_KEPT + 50)]
        self._body = msgspec.json.encode({"changes": changes})

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(self._body))
        writer.write(self._body)
        await writer.drain()
        writer.close()
        self.asked += 1
        if self.asked > 3:
            self.again.set()


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[Journal]:
    opened = await Journal.open(tmp_path / "journal.sqlite", clock=SystemClock(), host="here")
    yield opened
    await opened.close()


def _alone(state: State, drafts: Sequence[Draft]) -> tuple[Sequence[Draft], Sequence[Letter]]:
    return drafts, ()


@dataclass
class Stage:
    """Sources asked for real, and what they tell recorded for real."""

    core: Core
    changing: Changing
    recorder: Recorder
    tasks: TaskSet
    tools: Tools

    def begin(self) -> None:
        self.tasks.spawn(self.recorder.run(), "recorder")
        self.changing.start(self.tools, self.tasks)

    async def until(self, so: Callable[[], bool]) -> None:
        waker = self.core.waker()
        while not so():
            await waker.wait()
            waker.clear()
        self.core.forget(waker)


@asynccontextmanager
async def stage(journal: Journal, *sources: ChangeSource, secret: str = "") -> AsyncIterator[Stage]:
    clock, transport = SystemClock(), ProbeTransport()
    core = Core(journal, clock, _alone, State(stream=WATCH), None)
    recorder = Recorder(core)
    changing = Changing(core, recorder, sources, clock, Redactor([secret]))
    tools = Tools(transport, clock, {"TOKEN": secret}, Path("/"))
    made = Stage(core, changing, recorder, TaskSet(), tools)
    async with asyncio.timeout(20):
        yield made
        await made.tasks.close()
    await transport.aclose()


@pytest.mark.parametrize("apart", [SECOND, 0])
async def test_a_feed_longer_than_what_is_kept_is_recorded_once(journal: Journal, apart: int) -> None:
    feed = Feed(apart)
    server = await asyncio.start_server(feed.answer, "127.0.0.1", 0)
    async with server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        async with stage(journal, FeedSource(name="ci", url=url, interval=0.05)) as made:
            made.begin()
            await feed.again.wait()
    told = [event.body for event in await journal.read(WATCH)]
    assert len(told) == len(set(map(repr, told))) == CHANGES_KEPT + 50


@asynccontextmanager
async def site(answers: dict[str, Any]) -> AsyncIterator[str]:
    """JSON by method and path; a number is a status."""

    async def answer(request: web.Request) -> web.StreamResponse:
        found = answers.get(f"{request.method} {request.path}", 404)
        return web.json_response(
            None if isinstance(found, int) else found, status=found if isinstance(found, int) else 200
        )

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", answer)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


def entry(number: int, at: int, what: str = "deploy shop") -> dict[str, Any]:
    return {"id": str(number), "at": at, "what": f"{what} {number}", "who": "jo"}


async def test_a_change_within_the_freeze_is_recorded_with_its_breach(journal: Journal) -> None:
    answers: dict[str, Any] = {"GET /": {"changes": []}}
    async with site(answers) as url, stage(journal, FeedSource(name="feed", url=f"{url}/", interval=0.05)) as made:
        frozen = SystemClock().now()
        await made.core.record(
            lambda _: (
                Draft(body=FreezeSet(scope=("ci",), reason="outage"), actor="ada", occurred_at=frozen),
                Draft(body=FreezeOverridden(what="shop 4713", reason="the fix"), actor="ada"),
            )
        )
        answers["GET /"] = {"changes": [
            entry(4711, frozen - SECOND), entry(4712, frozen + 1), entry(4713, frozen + 2),
            entry(4714, frozen + 3, "flag login"),
        ]}  # fmt: skip
        made.begin()
        await made.until(lambda: len(made.core.watching.changes) == 4)
    events = await journal.read(WATCH)
    breaches = [event for event in events if isinstance(event.body, FreezeBreached)]
    assert [(event.body, event.occurred_at) for event in breaches] == [
        (FreezeBreached(change="feed:4712", what="deploy shop 4712", who="jo"), frozen + 1)
    ]
    # Decided and recorded at once: no crash can part the two.
    before = events[breaches[0].seq - 2]
    assert isinstance(before.body, ChangeSeen) and before.body.change == "feed:4712"
    assert before.recorded_at == breaches[0].recorded_at


async def test_jobs_are_kept_in_memory_cancelled_and_told_without_secrets(journal: Journal) -> None:
    run = {"id": 7, "name": "deploy with s3cret-token", "head_branch": "main", "status": "queued"}
    answers: dict[str, Any] = {
        "GET /repos/a/b/deployments": [],
        "GET /repos/a/b/actions/runs": {"total_count": 1, "workflow_runs": [run]},
        "POST /repos/a/b/actions/runs/7/cancel": 202,
    }
    async with site(answers) as url:
        token = EnvReference(env="TOKEN")
        source = GitHubSource(name="gh", type="github", repository="a/b", token=token, url=url, interval=0.05)
        async with stage(journal, source, secret="s3cret-token") as made:
            made.begin()
            await made.until(lambda: bool(made.changing.jobs()))
            ((name, job),) = made.changing.jobs()
            assert (name, job.id, job.what) == ("gh", "7", "deploy with [redacted] on main")
            assert await made.changing.cancel("gh", "7") == "gh: GitHub was asked to cancel run 7, and agreed"
            with pytest.raises(CannotCancel, match="there is no change source nobody"):
                await made.changing.cancel("nobody", "7")
            answers["GET /repos/a/b/deployments"] = 401
            await made.until(lambda: bool(made.changing.alarms))
            assert made.changing.alarms[0].startswith("changes: gh: HTTP 401: the token in TOKEN is wrong")
            assert made.changing.problems[0].startswith("gh: HTTP 401")
            assert made.changing.jobs() == ()
    assert await journal.read(WATCH) == ()


def test_a_change_of_the_future_hides_no_other() -> None:
    def seen(name: str) -> ChangeSeen:
        return ChangeSeen(change=f"ci:{name}", source="ci", what=name)

    soon, never = (NOW + 60 * SECOND, seen("soon")), (NOW + 10**7 * SECOND, seen("never"))
    looked = timely(Looked((soon, never)), "ci", NOW)
    assert looked.changes == (soon,) and looked.problems[0].startswith("ci: 1 of its changes are of the future")
    assert timely(looked, "ci", NOW) == looked


def test_a_source_that_does_not_answer_is_asked_less_and_less() -> None:
    assert [rest(15.0, failures) for failures in (0, 1, 2, 4, 5, 999)] == [15, 30, 60, 240, 300, 300]
    assert rest(3600.0, 3) == 3600


def test_first_looks_are_spread_and_the_same_each_time() -> None:
    offsets = [offset(f"source-{number}", 60.0) for number in range(200)]
    assert all(0 <= each < 5 for each in offsets) and max(offsets) - min(offsets) > 4
    assert offsets == [offset(f"source-{number}", 60.0) for number in range(200)]
    assert offset("source-1", 0.05) < 0.05
