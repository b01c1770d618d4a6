"""What moves a drill along: a recorded responder at its seat, and the words that come in from outside."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import msgspec

from cockpit.clock import SECOND
from cockpit.drills.model.plays import Move, Play
from cockpit.drills.play import ByHand, Stuck, Waiting, next_move
from cockpit.drills.seat import Seat
from cockpit.drills.stage import DrillFailed, Stage
from cockpit.protocol.commands import AnyCommand, Note
from cockpit.text import SafeText

LAST_WORD = 20.0
"""Incident seconds for the last update to reach its readers."""
LISTEN, LISTEN_REAL = 1.0, 0.1
"""Incident seconds between two looks at what was said outside, and real seconds at least."""
_LOOK_AGAIN = frozenset({"stale", "not_offered", "unmet"})
"""Refusals after which the same move may still be right a moment later."""

Say = Callable[[str], None]
Type = Callable[[tuple[str, ...], Mapping[str, str], Say], Awaitable[None]]
"""Has a command run that the responder types into their own shell, with their environment."""


async def perform(play: Play, stage: Stage, seats: Mapping[str, Seat], say: Say, typed: Type) -> None:
    """Make every move when its condition holds, then wait for the play's end; DrillFailed when it is stuck.

    `seats` are those of everybody who makes a move, by the name that it says.
    """
    for seat in seats.values():
        await seat.browse()
    since = stage.minute
    for move in play.moves:
        await _make(move, since, stage, seats[move.who], say, typed)
        since = stage.minute
    await stage.clock.sleep(max(LAST_WORD, (play.until - stage.minute) * 60))


async def _make(move: Move, since: float, stage: Stage, seat: Seat, say: Say, typed: Type) -> None:
    refused = ""
    while True:
        try:
            step = next_move(move, since, seat.sight, stage.env)
        except msgspec.ValidationError as error:
            raise DrillFailed(f"the play's move `{move.do}` is no command of the cockpit: {error}") from error
        match step:
            case Stuck(why=why):
                raise DrillFailed(f"{why}; {refused}" if refused else why)
            case Waiting():
                pass
            case ByHand(argv=argv):
                return await typed(argv, stage.env, say)
            case _:
                with stage.still():
                    refused = await _ask(step, seat)
                if not refused:
                    return
                if stage.minute > max(since, move.when.minute) + move.within / 60:
                    raise DrillFailed(f"stuck at T{stage.minute:.1f}: {refused}")
        await seat.pause(move.when.minute)


async def _ask(command: AnyCommand, seat: Seat) -> str:
    """Empty when it was done, why not when it may be asked again; DrillFailed when it never will be done."""
    answer = await seat.do(command)
    if answer.ok:
        await seat.shown(answer)
        return ""
    name = type(command).__name__
    if answer.refusal not in _LOOK_AGAIN:
        raise DrillFailed(f"{name} was refused: {answer.text}")
    return f"{name} was refused: {answer.text}"


async def type_by_hand(argv: tuple[str, ...], env: Mapping[str, str], say: Say) -> None:
    """Run the command as a process of its own and say what it prints."""
    # Through env(1), so that the program is looked for in the responder's PATH and not in this process's.
    process = await asyncio.create_subprocess_exec(
        "env", *argv, env=dict(env), stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    assert process.stdout is not None
    say(f"by hand   $ {' '.join(argv)}")
    async for line in process.stdout:
        say(f"by hand   {SafeText(line.decode(errors='replace')).line}")
    say(f"by hand   exit {await process.wait()}")


@dataclass
class Heard:
    """How many words from outside were told, and which experts were called."""

    told: int = 0
    called: set[str] = field(default_factory=set)


async def inject(stage: Stage, seat: Seat, heard: Heard) -> None:
    """Tell what comes from outside, each word at its moment, and call the experts that the responder asks for.

    ConnectionError when the engine is gone, DrillFailed when the simulator is; `heard` says how far it came.
    """
    experts = {expert.name for expert in stage.scenario.experts}
    while True:
        if seat.lost:
            raise ConnectionError(seat.lost)
        for name in sorted(experts & seat.sight.needed - heard.called):
            heard.called.add(name)
            await stage.ask("/sim/call", {"name": name})
        for number, word in enumerate((await stage.hidden()).words[heard.told :], heard.told):
            at = stage.t0 + int(word.minute * 60 * SECOND)
            text = f"{word.who}: {word.text}" if word.who else word.text
            await seat.do(Note(text=text, source=word.source, occurred_at=at), f"word-{number}")
            heard.told = number + 1
        await asyncio.gather(stage.clock.sleep(LISTEN), asyncio.sleep(LISTEN_REAL))
