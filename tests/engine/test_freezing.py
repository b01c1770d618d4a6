"""The published freeze follows what is so."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path

import pytest

from cockpit.clock import SECOND, SystemClock
from cockpit.config.fields import EnvReference
from cockpit.config.freezing import FreezeConfig, PublishFile, PublishPut
from cockpit.engine.core import Core
from cockpit.engine.freezing import Freezing
from cockpit.engine.recording import Recorder
from cockpit.freeze.check import Finding, Question, Verdict, judge
from cockpit.incident.event import WATCH, Draft
from cockpit.incident.fold import State
from cockpit.incident.vocabulary import FreezeLifted, FreezeOverridden, FreezeSet
from cockpit.journal.store import Journal, Letter
from cockpit.tasks import TaskSet
from cockpit.web import Reply

KEY = "0123456789abcdef0123"
SIGNED = FreezeConfig(
    key=EnvReference(env="K"), publish=(PublishFile(type="file", path="freeze.json"),), every=300.0, valid_for=1800.0
)


class Http:
    """An address that answers as told; `got` are the documents it was sent."""

    def __init__(self, *answers: int) -> None:
        self.answers = list(answers)
        self.got: list[bytes] = []
        self.headers: object = None

    async def __call__(
        self, url: str, within: float, *,
        method: str = "GET", headers: Mapping[str, str] = {}, body: bytes | None = None, limit: int | None = None,
    ) -> Reply:  # fmt: skip
        assert body is not None
        self.got.append(body)
        self.headers = headers
        return Reply(self.answers.pop(0) if len(self.answers) > 1 else self.answers[0], {}, b"")


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    def alone(state: State, drafts: Sequence[Draft]) -> tuple[Sequence[Draft], Sequence[Letter]]:
        return drafts, ()

    journal = await Journal.open(tmp_path / "journal.sqlite", clock=SystemClock(), host="here")
    yield Core(journal, SystemClock(), alone, State(stream=WATCH), None)
    await journal.close()


@pytest.fixture
async def tasks() -> AsyncIterator[TaskSet]:
    held = TaskSet()
    yield held
    await held.close()


def start(core: Core, tasks: TaskSet, config: FreezeConfig, base: Path, http: Http, key: str = KEY) -> Freezing:
    recorder = Recorder(core)
    freezing = Freezing(core, recorder, config, core.clock, {"K": key}, base, http, profile="prod")
    tasks.spawn(recorder.run(), "recorder")
    tasks.spawn(freezing.run(), "freezing")
    return freezing


async def say(core: Core, body: FreezeSet | FreezeLifted | FreezeOverridden) -> None:
    await core.record(lambda _: (Draft(body=body, actor="ada"),))


def found(path: Path) -> Finding:
    data = path.read_bytes() if path.exists() else b""
    return judge(data, Question(keys=(KEY,)), SystemClock().now())


async def so(condition: Callable[[], object]) -> None:
    """Wait until the condition holds."""
    async with asyncio.timeout(10):
        while True:
            if condition():
                return
            await asyncio.sleep(0.01)


async def until(core: Core, path: Path, verdict: Verdict) -> Finding:
    await so(lambda: found(path).verdict is verdict)
    return found(path)


async def test_what_is_said_is_published_and_what_is_lifted_too(core: Core, tasks: TaskSet, tmp_path: Path) -> None:
    path = tmp_path / "freeze.json"
    freezing = start(core, tasks, SIGNED, tmp_path, Http(204))
    await until(core, path, Verdict.OPEN)
    await say(core, FreezeSet(scope=("ci",), reason="db"))
    assert (await until(core, path, Verdict.FROZEN)).why == "ci until lifted: db"
    await say(core, FreezeOverridden(what="deploy 2", reason="fix"))
    await so(lambda: b"deploy 2" in path.read_bytes())
    await say(core, FreezeLifted())
    await until(core, path, Verdict.OPEN)
    assert freezing.alarms == ()
    assert not freezing.view().frozen and freezing.view().outlets[0].published


async def test_a_freeze_that_ended_is_lifted_once_on_record(core: Core, tasks: TaskSet, tmp_path: Path) -> None:
    ends = core.clock.now() + SECOND // 5
    await say(core, FreezeSet(scope=("ci",), reason="db", until=ends))
    start(core, tasks, SIGNED, tmp_path, Http(204))
    await so(lambda: not core.watching.freeze.scope)
    core.wake()
    await until(core, tmp_path / "freeze.json", Verdict.OPEN)
    lifted = [event for event in await core.journal.read(WATCH) if isinstance(event.body, FreezeLifted)]
    assert [(event.occurred_at, event.body) for event in lifted] == [(ends, FreezeLifted(expired=True))]


async def test_a_place_that_refuses_is_an_alarm_until_it_takes_it(core: Core, tasks: TaskSet, tmp_path: Path) -> None:
    http = Http(403, 403, 204)
    put = PublishPut(type="put", url="http://h/freeze.json")
    freezing = start(core, tasks, SIGNED.model_copy(update={"publish": (put,)}), tmp_path, http)
    await so(lambda: freezing.alarms)
    assert freezing.alarms == ("freeze: PUT http://h/freeze.json: HTTP 403",)
    await say(core, FreezeSet(scope=("ci",), reason="db"))
    await so(lambda: len(http.got) >= 2)
    await say(core, FreezeLifted())
    await so(lambda: not freezing.alarms)
    assert len(http.got) == 3


async def test_it_is_published_again_before_nobody_believes_it(core: Core, tasks: TaskSet, tmp_path: Path) -> None:
    http = Http(204)
    put = PublishPut(type="put", url="http://h/")
    config = FreezeConfig(key=EnvReference(env="K"), publish=(put,), every=0.05, valid_for=60.0)
    start(core, tasks, config, tmp_path, http)
    await so(lambda: len(http.got) >= 2)


async def test_a_token_is_sent_without_the_newline_of_its_file(core: Core, tasks: TaskSet, tmp_path: Path) -> None:
    http = Http(204)
    put = PublishPut(type="put", url="http://h/", headers={"Token": EnvReference(env="K")})
    start(core, tasks, SIGNED.model_copy(update={"publish": (put,)}), tmp_path, http, key=f"{KEY}\n")
    await so(lambda: http.got)
    assert http.headers == {"content-type": "application/json", "token": KEY}


async def test_without_a_key_it_is_published_unsigned_and_said_so(core: Core, tasks: TaskSet, tmp_path: Path) -> None:
    freezing = start(core, tasks, SIGNED, tmp_path, Http(204), key="")
    await so(lambda: (tmp_path / "freeze.json").exists())
    assert found(tmp_path / "freeze.json").verdict is Verdict.UNKNOWN
    assert freezing.alarms == ("pipelines refuse the freeze: not signed, K is not set",)


async def test_with_nowhere_to_publish_there_is_nothing_to_warn_of(core: Core, tasks: TaskSet, tmp_path: Path) -> None:
    assert start(core, tasks, FreezeConfig(), tmp_path, Http(204)).alarms == ()
