"""Whether a step helped, on a real journal and a clock that does as it is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from cockpit.clock import SECOND
from cockpit.config.load import parse
from cockpit.config.model import Config
from cockpit.engine.board import Board
from cockpit.engine.core import Core
from cockpit.engine.grants import Grants
from cockpit.engine.judging import Judge
from cockpit.engine.plans import Plans
from cockpit.incident.event import WATCH, Draft
from cockpit.incident.fold import State
from cockpit.incident.runs import AttemptFinished, AttemptIntended, RunStarted, VerifyStarted
from cockpit.incident.vocabulary import Figures, IncidentDeclared
from cockpit.incident.watching import Watching
from cockpit.journal.store import Answered, Journal, Letter
from cockpit.probes.machine import resume
from cockpit.probes.sample import Outcome, Sample
from cockpit.runbooks.lint import lint
from cockpit.runbooks.plan import plan
from cockpit.text import SafeText

NOW = 1_700_000_000 * SECOND
CONFIG = """\
version: 1
services:
  - {name: auth, probes: [{name: login, url: "http://127.0.0.1:9/"}]}
"""
RUNBOOK = """\
version: 1
id: mend
title: Mend it
steps:
  - id: mend
    title: Mend it
    effect: write
    command: {argv: ["true"]}
    irreversible: it is a test
    verify: {probe: login, within: 60s, hold: 20s}
"""


class SteppedClock:
    """Passes a second with each sleep; `steps` are the seconds by which its wall time jumps with the next ones.

    `speeds` are what it runs at after each of these.
    """

    def __init__(self) -> None:
        self.speed = 1.0
        self.speeds: list[float] = []
        self.wall = float(NOW)
        self.steps: list[float] = []

    def now(self) -> int:
        return int(self.wall)

    def monotonic(self) -> float:
        return 0.0

    async def sleep(self, seconds: float) -> None:
        self.wall += (seconds + (self.steps.pop(0) if self.steps else 0.0)) * SECOND
        self.speed = self.speeds.pop(0) if self.speeds else self.speed
        await asyncio.sleep(0.001)


def _alone(state: State, drafts: Sequence[Draft]) -> tuple[Sequence[Draft], Sequence[Letter]]:
    return drafts, ()


@pytest.fixture
def clock() -> SteppedClock:
    return SteppedClock()


@pytest.fixture
def board() -> Board:
    return Board(parse(CONFIG, "config.yaml", Config), Watching())


@pytest.fixture
async def core(tmp_path: Path, clock: SteppedClock) -> AsyncIterator[Core]:
    """An incident with one step whose effect is being measured since now."""
    journal = await Journal.open(tmp_path / "journal.sqlite", clock=clock, host="here")
    core = Core(journal, clock, _alone, State(stream=WATCH), None)
    said = IncidentDeclared(title="Logins fail", severity="SEV1")
    await core.declare(lambda _: ((Draft(body=said, actor="ada"),), Answered("declare", b"declared")))
    runbook, _ = lint(RUNBOOK, "mend.yaml")
    assert runbook is not None
    started = (
        RunStarted(
            run="r", runbook="mend", title="Mend it", digest="d", source=RUNBOOK, path="mend.yaml",
            steps=plan(runbook).outlines,
        ),
        AttemptIntended(run="r", step="mend", attempt="a", command="true", digest="d", direction="forward"),
        AttemptFinished(run="r", step="mend", attempt="a", ok=True),
        VerifyStarted(run="r", step="mend", probe="login", before=Figures(), until=NOW + 60 * SECOND),
    )  # fmt: skip
    await core.record(lambda _: [Draft(body=body, actor="cockpit") for body in started])
    yield core
    await journal.close()


def _look(board: Board, at: int, outcome: Outcome = "good", name: str = "login") -> None:
    lane = board.lanes[name]
    lane.take(Sample(at, outcome, SafeText("looked")))
    lane.track = msgspec.structs.replace(resume("up", at), checked=at)


@asynccontextmanager
async def _judging(core: Core, board: Board, clock: SteppedClock) -> AsyncIterator[list[str]]:
    looked: list[str] = []
    judge = Judge(core, board, clock, Plans().all, looked.append, Grants())
    async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
        running = tasks.create_task(judge.run())
        yield looked
        running.cancel()


async def _changed(core: Core) -> None:
    seq, waker = core.shown.seq, core.waker()
    while core.shown.seq == seq:
        waker.clear()
        await waker.wait()
    core.forget(waker)


@pytest.mark.parametrize("step", [3600.0, -3600.0])
async def test_a_verification_starts_again_when_the_clock_jumped(
    core: Core, board: Board, clock: SteppedClock, step: float
) -> None:
    async with _judging(core, board, clock):
        await _changed(core)  # an engine that has just started was not looking before
        _look(board, clock.now())
        clock.steps = [step]
        await _changed(core)
    measured = core.shown.runs["r"].step("mend")
    assert (measured.status, measured.verdict) == ("verifying", None)
    assert 0 < measured.until - clock.now() <= 60 * SECOND


@pytest.mark.parametrize(
    ("speed", "turned", "late"), [(60.0, 1.0, 15.0), (60.0, 0.0, 15.0), (0.0, 0.0, 5.0), (0.0, 60.0, 15.0)]
)
async def test_a_verification_goes_on_when_a_drill_was_turned_or_paused_meanwhile(
    core: Core, board: Board, clock: SteppedClock, speed: float, turned: float, late: float
) -> None:
    async with _judging(core, board, clock):
        await _changed(core)
        begun = core.shown.runs["r"].step("mend").until
        clock.speed, clock.speeds, clock.steps = speed, [turned], [late]
        before = clock.now()
        while clock.now() < before + 25 * SECOND:  # noqa: ASYNC110 - the clock is stepped, not real
            await asyncio.sleep(0.001)
    measured = core.shown.runs["r"].step("mend")
    assert (measured.status, measured.until) == ("verifying", begun)


async def test_a_step_has_helped_once_its_probe_stayed_up(core: Core, board: Board, clock: SteppedClock) -> None:
    async with _judging(core, board, clock) as looked:
        await _changed(core)
        began = clock.now()
        while core.shown.runs["r"].step("mend").status == "verifying":
            _look(board, clock.now())
            await asyncio.sleep(0.001)
    measured = core.shown.runs["r"].step("mend")
    assert measured.verdict == "pass"
    assert measured.changed_at - began >= 20 * SECOND
    assert looked and set(looked) == {"login"}, "a probe that was left alone is asked when its step is verified"


async def test_good_samples_with_a_gap_between_them_are_no_unbroken_stretch(board: Board) -> None:
    lane = board.lanes["login"]
    _look(board, NOW)
    _look(board, NOW + 10 * SECOND)
    assert lane.good_since == NOW
    _look(board, NOW + 3600 * SECOND)
    assert lane.good_since == NOW + 3600 * SECOND
    _look(board, NOW + 60 * SECOND)
    assert lane.good_since == NOW + 60 * SECOND, "the clock was set back"
    _look(board, NOW + 70 * SECOND, "indeterminate")
    assert lane.good_since == NOW + 60 * SECOND
    _look(board, NOW + 80 * SECOND, "slow")
    assert lane.good_since is None


async def test_a_probe_of_several_lanes_has_helped_when_all_of_them_are_up(core: Core, clock: SteppedClock) -> None:
    several = CONFIG.replace('9/"', '9/", ip_protocol: each')
    board = Board(parse(several, "config.yaml", Config), Watching())
    async with _judging(core, board, clock):
        await _changed(core)
        for seconds in range(0, 60, 5):
            for lane in board.lanes:
                _look(board, clock.now() + seconds * SECOND, name=lane)
        await _changed(core)
    assert core.shown.runs["r"].step("mend").verdict == "pass"
