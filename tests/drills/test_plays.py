"""Every play of every bundled scenario, whole, on a clock that jumps: it comes to the end that its scenario states."""

from __future__ import annotations

from functools import cache

import pytest
import yaml

from cockpit.drills import world
from cockpit.drills.hidden import look_behind
from cockpit.drills.shelf import SCENARIOS, load, names
from tests.drills.warp.ending import unfulfilled
from tests.drills.warp.played import played, unattended

PLAYS = [(name, play) for name in names() for play in yaml.safe_load((SCENARIOS / f"{name}.yaml").read_text())["plays"]]
CLOSE = 1.0
"""Minutes that a play may be off its marks."""

scenario_of = cache(load)


@pytest.mark.parametrize(("name", "play"), PLAYS)
def test_a_play_comes_to_its_stated_end(name: str, play: str) -> None:
    scenario = scenario_of(name)
    script, seen = scenario.plays[play], played(name, play)
    wrong = [*unfulfilled(script.ending, seen, scenario)]
    for axis, mark in script.marks.items():
        assert seen.debrief is not None, "nothing was declared"
        minute = seen.debrief.score.minute_of(axis)
        if minute is None or abs(minute - mark.minute) > CLOSE:
            wrong.append(f"{axis} at T{mark.minute:g} is " + ("never" if minute is None else f"at T{minute:.1f}"))
    assert not wrong, "\n".join([f"{name} {play}:", *wrong, seen.said, str(seen.hidden)])


@pytest.mark.parametrize("name", names())
def test_a_scenario_is_played_well_and_as_it_was_and_wrongly_and_one_wrong_play_recovers(name: str) -> None:
    plays = scenario_of(name).plays.values()
    assert {play.kind for play in plays} == {"good", "original", "wrong"}
    assert any(play.kind == "wrong" and play.ending.mitigated for play in plays)


@pytest.mark.parametrize("name", names())
def test_doing_nothing_never_resolves(name: str) -> None:
    scenario = scenario_of(name)
    alone = world.begin(scenario)
    worlds = [alone := world.advance(scenario, alone, minute * 60.0) for minute in range(int(scenario.lasts / 60) + 1)]
    last = look_behind(scenario, worlds[-1])
    assert last.harm and not last.over, f"it went away by itself: {last}"


def test_with_nobody_there_the_cockpit_declares_and_closes_nothing() -> None:
    # That no world mends itself is held above for every scenario; the cockpit is the same in all of them.
    seen = unattended("login-flag")
    assert seen.hidden.harm and seen.debrief is None
    assert seen.events == ()
