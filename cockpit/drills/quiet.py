"""The quiet beginning of a drill by hand: how long it is, and how it is passed."""

from __future__ import annotations

from contextlib import suppress

from cockpit.drills import world
from cockpit.drills.hidden import look_behind
from cockpit.drills.model.scenario import Scenario
from cockpit.drills.seat import Seat
from cockpit.drills.stage import DrillFailed, Stage
from cockpit.protocol.commands import Note

FAST = 60.0
"""How fast it is passed: as fast as the recorded responders play."""
WORTH = 60.0
"""Real seconds that somebody waits for the beginning without a word."""
BEFORE = 60.0
"""Incident seconds before the first sign at which the drill has the speed that was asked for."""


def first_sign(scenario: Scenario) -> float:
    """Seconds after T0 at which somebody is harmed or says a word when nobody acts; all that it lasts if never."""
    state = world.begin(scenario)
    while not state.words and not look_behind(scenario, state).harm:
        due = world.upcoming(scenario, state)
        if due is None or due >= scenario.lasts:
            return scenario.lasts
        state = world.advance(scenario, state, due)
    return state.at


async def pass_quickly(stage: Stage, seat: Seat) -> None:
    """Have a long quiet beginning run fast, and say so, until shortly before the first sign or the first declaration.

    What a facilitator has turned meanwhile is theirs.
    """
    asked, ends = stage.asked, first_sign(stage.scenario) - BEFORE
    if asked >= FAST or ends - stage.minute * 60 < WORTH * asked:
        return
    told = (
        f"Quiet so far: the clock runs {FAST:g} times as fast until something happens or you declare, then {asked:g}."
    )
    # Without an engine nobody waits; the speed goes back either way.
    with suppress(DrillFailed, ConnectionError):
        await seat.do(Note(text=told))
    stage.turn(FAST)
    lost = False
    while (speed := stage.asked) in {0.0, FAST}:
        header = seat.sight.header
        if speed and (lost or stage.minute * 60 >= ends or (header is not None and header.open)):
            return stage.turn(asked)
        try:
            await seat.pause()
        except DrillFailed:
            lost = True
            await stage.clock.sleep(1.0)
