"""Other systems' alarms on their way into the journal, and people's wishes on their way out."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from cockpit.clock import SystemClock
from cockpit.config.fields import EnvReference
from cockpit.config.intake import PagerDutyIntake
from cockpit.engine import cards
from cockpit.engine.circumstances import Refusal
from cockpit.engine.core import Core
from cockpit.engine.intaking import Intaking
from cockpit.engine.recording import Recorder
from cockpit.incident.event import WATCH, Draft
from cockpit.incident.fold import State
from cockpit.incident.vocabulary import (
    AlertActed,
    AlertEnded,
    AlertSeen,
    IncidentDeclared,
)
from cockpit.intake.make import make
from cockpit.journal.store import Answered, Journal, Letter
from cockpit.probes.fetch import ask
from cockpit.probes.transport import ProbeTransport
from cockpit.protocol.commands import ActOnAlert
from cockpit.tasks import TaskSet

OPEN = {"id": "PT1", "title": "Logins fail", "status": "triggered", "created_at": "2025-11-20T10:40:00Z"}


class Pager:
    """PagerDuty as far as an engine sees it; `looked` is set at each look."""

    def __init__(self) -> None:
        self.incidents: list[dict[str, Any]] = [OPEN]
        self.status = 200
        self.looks = 0
        self.looked = asyncio.Event()

    async def list(self, request: web.Request) -> web.Response:
        self.looks += 1
        self.looked.set()
        body = {"incidents": self.incidents, "more": False, "total": len(self.incidents)}
        return web.json_response(body, status=self.status)

    async def update(self, request: web.Request) -> web.Response:
        said = (await request.json())["incident"]
        self.incidents = [{**each, "status": said["status"]} for each in self.incidents]
        return web.json_response({"incident": {}}, status=self.status)


class Bench:
    """A core with a journal, a pager, and the intake between them."""

    def __init__(self, core: Core, intaking: Intaking, journal: Journal, pager: Pager) -> None:
        self.core, self.intaking, self.journal, self.pager = core, intaking, journal, pager

    async def until(self, so: Callable[[], bool]) -> None:
        waker = self.core.waker()
        async with asyncio.timeout(10):
            while not so():
                await waker.wait()
                waker.clear()
        self.core.forget(waker)

    async def looks(self, count: int) -> None:
        async with asyncio.timeout(10):
            until = self.pager.looks + count
            while self.pager.looks < until:
                self.pager.looked.clear()
                await self.pager.looked.wait()

    def lasts(self, alert: str = "pager:PT1") -> bool:
        known = self.core.watching.alerts.get(alert)
        return known is not None and not known.ended

    async def told(self) -> list[object]:
        return [event.body for event in await self.journal.read(WATCH)]


def _alone(state: State, drafts: Sequence[Draft]) -> tuple[Sequence[Draft], Sequence[Letter]]:
    return drafts, ()


@asynccontextmanager
async def bench_at(place: Path, interval: float) -> AsyncIterator[Bench]:
    journal = await Journal.open(place, clock=SystemClock(), host="here")
    pager, tasks = Pager(), TaskSet()
    app = web.Application()
    app.router.add_get("/incidents", pager.list)
    app.router.add_put("/incidents/PT1", pager.update)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        config = PagerDutyIntake(
            type="pagerduty", name="pager", token=EnvReference(env="PD"), user="a@b.test", url=url, interval=interval
        )
        core = Core(journal, SystemClock(), _alone, State(stream=WATCH), None)
        recorder = Recorder(core)
        made = make([config], partial(ask, ProbeTransport()), lambda value: "swordfish", SystemClock())
        intaking = Intaking(core, recorder, made.sources, made.listeners, SystemClock())
        tasks.spawn(recorder.run(), "recorder")
        intaking.start(tasks)
        yield Bench(core, intaking, journal, pager)
    finally:
        await tasks.close()
        await runner.cleanup()
        await journal.close()


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench_at(tmp_path / "journal.sqlite", 0.02) as made:
        yield made


async def test_an_alert_is_recorded_once_however_often_it_is_listed(bench: Bench) -> None:
    await bench.looks(4)
    await bench.until(bench.lasts)
    (body,) = await bench.told()
    assert isinstance(body, AlertSeen) and body.title == "Logins fail"
    alert = bench.core.watching.alerts["pager:PT1"]
    assert alert.learnt > alert.seen.started > 0


async def test_it_is_over_when_the_other_system_no_longer_lists_it(bench: Bench) -> None:
    await bench.until(bench.lasts)
    bench.pager.incidents = []
    await bench.until(lambda: not bench.lasts())
    assert isinstance((await bench.told())[-1], AlertEnded)


async def test_a_silent_source_is_said_and_its_alerts_stay(bench: Bench) -> None:
    await bench.until(bench.lasts)
    bench.pager.status, bench.pager.incidents = 500, []
    await bench.until(lambda: bool(bench.intaking.alarms))
    (alarm,) = bench.intaking.alarms
    assert alarm.startswith("alerts of pager: HTTP 500; since ")
    await bench.looks(2)
    assert bench.lasts() and bench.intaking.alarms == (alarm,)
    bench.pager.status, bench.pager.incidents = 200, [OPEN]
    await bench.until(lambda: not bench.intaking.alarms)
    assert len(await bench.told()) == 1


async def test_an_alert_raised_before_an_incident_ends_within_it_once(bench: Bench) -> None:
    await bench.until(bench.lasts)

    def declare(_: State) -> tuple[Sequence[Draft], Answered]:
        body = IncidentDeclared(title="Logins fail", severity="SEV1")
        return [Draft(body=body, actor="ada")], Answered("1", b"")

    await bench.core.declare(declare)
    bench.pager.incidents = []
    await bench.until(lambda: not bench.lasts())
    await bench.looks(2)
    latest = await bench.journal.load(bench.core.shown.stream)
    again = Core(bench.journal, SystemClock(), _alone, await bench.journal.load(WATCH), latest)
    assert again.watching.alerts["pager:PT1"].ended, "also for the next engine"
    assert latest.seq == 2


async def test_an_acknowledgement_is_asked_for_and_looked_at_at_once(tmp_path: Path) -> None:
    async with bench_at(tmp_path / "journal.sqlite", 3_600.0) as bench:
        await bench.until(bench.lasts)
        assert bench.intaking.actions_of("pager:PT1") == ("acknowledge", "escalate", "snooze")
        (view,) = cards.alerts(bench.core.watching, bench.intaking.actions_of).alerts
        assert view.actions == ("acknowledge", "escalate", "snooze")
        acted, words = await bench.intaking.act(ActOnAlert(alert="pager:PT1", action="acknowledge"), "ada")
        assert acted == AlertActed(
            alert="pager:PT1", title="Logins fail", action="acknowledge", detail="acknowledged as a@b.test"
        )
        assert words == "Logins fail: acknowledged as a@b.test"
        await bench.until(lambda: bench.core.watching.alerts["pager:PT1"].seen.state == "acknowledged")
        assert bench.intaking.actions_of("pager:PT1") == ("escalate", "snooze")


async def test_what_the_other_system_refuses_is_an_event_too(bench: Bench) -> None:
    await bench.until(bench.lasts)
    bench.pager.status = 403
    acted, words = await bench.intaking.act(ActOnAlert(alert="pager:PT1", action="acknowledge"), "ada")
    assert not acted.ok and "HTTP 403" in acted.why and acted.why in words


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (ActOnAlert(alert="pager:PT9", action="acknowledge"), "no such alert"),
        (ActOnAlert(alert="pager:PT1", action="snooze"), "a snooze lasts"),
        (ActOnAlert(alert="pager:PT1", action="snooze", minutes=20_000), "a snooze lasts"),
        (ActOnAlert(alert="pager:PT1", action="snooze", minutes=float("nan")), "a snooze lasts"),
    ],
)
async def test_what_makes_no_sense_is_not_asked_for(bench: Bench, command: ActOnAlert, words: str) -> None:
    await bench.until(bench.lasts)
    with pytest.raises(Refusal, match=words):
        await bench.intaking.act(command, "ada")


async def test_alerts_that_nobody_asks_about_any_more_are_said(bench: Bench) -> None:
    await bench.until(bench.lasts)
    alone = Intaking(bench.core, Recorder(bench.core), (), (), SystemClock())
    assert alone.alarms == ("alerts of pager: nobody asks it any more, so they may be over",)
    assert alone.actions_of("pager:PT1") == ()
