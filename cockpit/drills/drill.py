"""A drill from its beginning to its score and its report."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack

from cockpit.clock import SystemClock, moment
from cockpit.config.problems import ConfigError, Problem
from cockpit.drills import shelf
from cockpit.drills.closing import close
from cockpit.drills.harder import Modifier
from cockpit.drills.model.plays import Play
from cockpit.drills.pacing import pace
from cockpit.drills.performing import Heard, Say, Type, inject, perform, type_by_hand
from cockpit.drills.play import RESPONDER
from cockpit.drills.quiet import pass_quickly
from cockpit.drills.seat import seated
from cockpit.drills.stage import DrillFailed, Stage, staged
from cockpit.drills.teller import Teller
from cockpit.exits import Exit
from cockpit.journal.errors import JournalError
from cockpit.platform.drillclock import ClockBroken
from cockpit.platform.placement import settle
from cockpit.platform.places import Places, profile_places
from cockpit.protocol.client import NoEngine, TurnedAway
from cockpit.protocol.commands import Note
from cockpit.protocol.launch import EngineFailed
from cockpit.tasks import TaskSet

OUTSIDE = "drill"
"""Who brings the words from outside."""
SIT_AGAIN = 0.5
"""Real seconds until an engine is looked for again."""


async def run(
    name: str, *, speed: float, play: str | None, hints: bool, actor: str, modifiers: Sequence[Modifier] = ()
) -> int:
    """A drill in a fresh profile of its own: by the person at the terminal, or played; the exit code."""
    profile = f"drill-{moment(SystemClock().now()):%Y%m%d-%H%M%S}-{os.getpid()}"
    places = settle(profile_places(profile))
    if play is None:
        drill = _by_hand(name, speed, places, profile, hints, actor, modifiers, _print)
    else:
        drill = _played(name, play, speed, places, profile, modifiers, _print)
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
    return await _guarded(_played(name, play, speed, places, places.home.name, (), say))


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
    except (DrillFailed, ClockBroken, ConnectionError) as failed:
        return _failed(f"the drill did not come to its end: {failed}", Exit.DRILL_LOST)
    return Exit.OK


def _print(text: str) -> None:
    print(text, flush=True)


def _failed(text: str, code: Exit) -> int:
    print(text, file=sys.stderr, flush=True)
    return code


async def _played(
    name: str, play: str, speed: float, places: Places, profile: str, modifiers: Sequence[Modifier], say: Say
) -> None:
    scenario = shelf.load(name)
    if play not in scenario.plays:
        mend = f"choose one of: {', '.join(scenario.plays)}"
        raise ConfigError([Problem(name, 0, 0, "plays", f"has no play called {play}", mend)])
    say(f"DRILL {scenario.title}, at {speed:g} times the speed. Nobody is paged, nothing real is touched.")
    say(f"Play {play}: {scenario.plays[play].title}.")
    async with staged(name, speed, places, profile, (*modifiers, *scenario.plays[play].modifiers)) as stage:
        tasks = TaskSet()
        try:
            async with seated(stage, OUTSIDE) as beside:
                tasks.spawn(pace(stage, beside), "pace")
                await perform_on(stage, scenario.plays[play], say)
        finally:
            await tasks.close()
            await close(stage, say)


async def perform_on(stage: Stage, play: Play, say: Say, typed: Type = type_by_hand) -> None:
    """Everybody who makes a move, each at a seat, with the words from outside, until the play is over."""
    tasks = TaskSet()
    others = sorted({move.who for move in play.moves} - {""})
    try:
        async with AsyncExitStack() as stack:
            outside = await stack.enter_async_context(seated(stage, OUTSIDE))
            seats = {"": await stack.enter_async_context(seated(stage, RESPONDER, Teller(say), after=0))}
            for who in others:
                seats[who] = await stack.enter_async_context(seated(stage, who, after=0))
            tasks.spawn(inject(stage, outside, Heard()), "injects")
            await perform(play, stage, seats, say, typed)
    finally:
        await tasks.close()


async def _by_hand(
    name: str, speed: float, places: Places, profile: str, hints: bool, actor: str, modifiers: Sequence[Modifier],
    say: Say,
) -> None:  # fmt: skip
    async with staged(name, speed, places, profile, modifiers) as stage:
        tasks = TaskSet()
        try:
            tasks.spawn(tell_from_outside(stage), "injects")
            tasks.spawn(_begin(stage), "beginning")
            await _terminal(stage, actor, hints)
        finally:
            await tasks.close()
            await close(stage, say)


async def _begin(stage: Stage) -> None:
    """Nobody waits at a screen on which nothing happens."""
    async with seated(stage, OUTSIDE) as seat:
        await pass_quickly(stage, seat)


async def tell_from_outside(stage: Stage) -> None:
    """Tell what comes from outside: on a new seat when the engine was started anew, and that it ends when it does."""
    heard = Heard()
    while True:
        try:
            async with seated(stage, OUTSIDE) as seat:
                try:
                    await inject(stage, seat, heard)
                except DrillFailed as failed:
                    await seat.do(
                        Note(text=f"This drill is over: {failed}. Nothing here is measured any more: q leaves.")
                    )
                    return
        except (ConnectionError, TurnedAway):
            # A terminal starts an engine where none is.
            await asyncio.sleep(SIT_AGAIN)


async def _terminal(stage: Stage, actor: str, hints: bool) -> None:
    """The cockpit's own terminal in the responder's environment, until the person leaves it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "cockpit", "--profile", stage.profile, "--config", str(stage.config), "--as", actor,
        "open", *(["--hints"] if hints else []), env=dict(stage.env),
    )  # fmt: skip
    if code := await process.wait():
        raise DrillFailed(f"the terminal ended with exit code {code}")
