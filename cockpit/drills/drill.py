"""A drill from its beginning to its score and its report."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Coroutine, Sequence

from cockpit.clock import SystemClock, moment
from cockpit.config.problems import ConfigError, Problem
from cockpit.drills import shelf
from cockpit.drills.performing import Say, inject, perform
from cockpit.drills.score import render, score
from cockpit.drills.seat import seated
from cockpit.drills.stage import DrillFailed, Stage, staged
from cockpit.drills.teller import Teller
from cockpit.exits import Exit
from cockpit.incident.event import Event
from cockpit.incident.fold import fold
from cockpit.journal.errors import JournalError
from cockpit.journal.reader import open_reader
from cockpit.platform.placement import settle
from cockpit.platform.places import Places, profile_places
from cockpit.protocol.client import NoEngine, TurnedAway
from cockpit.protocol.launch import EngineFailed
from cockpit.review.build import build
from cockpit.review.writing import as_text, every, latest
from cockpit.tasks import TaskSet

OUTSIDE = "drill"
"""Who brings the words from outside."""
RESPONDER = "responder"
"""Who a recorded responder acts as."""


async def run(name: str, *, speed: float, play: str | None, hints: bool, actor: str) -> int:
    """A drill in a fresh profile of its own: by the person at the terminal, or played; the exit code."""
    profile = f"drill-{moment(SystemClock().now()):%Y%m%d-%H%M%S}-{os.getpid()}"
    places = settle(profile_places(profile))
    if play is None:
        drill = _by_hand(name, speed, places, profile, hints, actor, _print)
    else:
        drill = _played(name, play, speed, places, profile, _print)
    return await _until_signalled(_guarded(drill))


async def _until_signalled(drill: Coroutine[object, object, int]) -> int:
    """A drill told to stop, or whose terminal went away, takes its engine with it."""
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    told: list[int] = []

    def stop(number: int) -> None:
        told.append(number)
        if task is not None:
            task.cancel()

    for number in (signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop, number)
    try:
        return await drill
    except asyncio.CancelledError:
        if not told:
            raise
        return 128 + told[0]


async def play(name: str, play: str, speed: float, places: Places, say: Say) -> int:
    """A recorded responder's drill in these places: the story as plain rows, the score, the report's path."""
    return await _guarded(_played(name, play, speed, places, places.home.name, say))


async def _guarded(drill: Coroutine[object, object, None]) -> int:
    try:
        await drill
    except BrokenPipeError:
        raise
    except ConfigError as error:
        return _failed(str(error), Exit.BAD_INPUT)
    except EngineFailed as failed:
        return _failed(str(failed), failed.code)
    except (NoEngine, TurnedAway) as away:
        return _failed(str(away), Exit.NO_ENGINE)
    except JournalError as failed:
        return _failed(str(failed), Exit.STORAGE)
    except (DrillFailed, ConnectionError) as failed:
        return _failed(f"the drill did not come to its end: {failed}", Exit.DRILL_LOST)
    return Exit.OK


def _print(text: str) -> None:
    print(text, flush=True)


def _failed(text: str, code: Exit) -> int:
    print(text, file=sys.stderr, flush=True)
    return code


async def _played(name: str, play: str, speed: float, places: Places, profile: str, say: Say) -> None:
    scenario = shelf.load(name)
    if play not in scenario.plays:
        mend = f"choose one of: {', '.join(scenario.plays)}"
        raise ConfigError([Problem(name, 0, 0, "plays", f"has no play called {play}", mend)])
    say(f"DRILL {scenario.title}, at {speed:g} times the speed. Nobody is paged, nothing real is touched.")
    say(f"Play {play}: {scenario.plays[play].title}.")
    async with staged(name, speed, places, profile) as stage:
        tasks = TaskSet()
        try:
            async with seated(stage, OUTSIDE) as outside, seated(stage, RESPONDER, Teller(say), after=0) as seat:
                tasks.spawn(inject(stage, outside), "injects")
                await perform(scenario.plays[play], stage, seat, say)
        finally:
            await tasks.close()
            await _wrap_up(stage, say)


async def _by_hand(name: str, speed: float, places: Places, profile: str, hints: bool, actor: str, say: Say) -> None:
    async with staged(name, speed, places, profile) as stage:
        tasks = TaskSet()
        try:
            async with seated(stage, OUTSIDE) as outside:
                tasks.spawn(inject(stage, outside), "injects")
                await _terminal(stage, actor, hints)
        finally:
            await tasks.close()
            await _wrap_up(stage, say)


async def _terminal(stage: Stage, actor: str, hints: bool) -> None:
    """The cockpit's own terminal in the responder's environment, until the person leaves it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "cockpit", "--profile", stage.profile, "--config", str(stage.config), "--as", actor,
        "open", *(["--hints"] if hints else []), env=dict(stage.env),
    )  # fmt: skip
    if code := await process.wait():
        raise DrillFailed(f"the terminal ended with exit code {code}")


async def _wrap_up(stage: Stage, say: Say) -> None:
    """The score, and the report in both forms beside the journal."""
    hidden = await stage.hidden()
    events = await _events(stage.places)
    if not events:
        say(f"The drill is over, and nothing was declared to score. Its journal: {stage.places.journal}")
        return
    now = stage.clock.now()
    say("")
    say("The drill is over: its engine and its simulator stop now.")
    say("")
    say(render(score(events, stage.scenario, stage.t0, now, hidden.side_effects)))
    report = build(events, fold(events), now)
    for suffix in ("json", "md"):
        path = stage.places.home / f"report.{suffix}"
        path.write_text(as_text(report, as_json=suffix == "json"), "utf-8")
    say("")
    say(f"Report: {path}")


async def _events(places: Places) -> Sequence[Event]:
    reader = await open_reader(places.journal)
    try:
        return await every(reader, await latest(reader))
    finally:
        await reader.close()
