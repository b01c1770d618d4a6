"""Every play of every bundled scenario, whole, on a clock that jumps: it comes to the end that its scenario states."""

from __future__ import annotations

from functools import cache

import pytest
import yaml

from cockpit.clock import SECOND
from cockpit.drills import world
from cockpit.drills.gauging import holds
from cockpit.drills.model import Ending, Scenario
from cockpit.drills.shelf import SCENARIOS, load, names
from cockpit.drills.world import Hidden
from cockpit.incident.vocabulary import ProbeChanged
from tests.drills.warp.played import Played, played, unattended

PLAYS = [(name, play) for name in names() for play in yaml.safe_load((SCENARIOS / f"{name}.yaml").read_text())["plays"]]
CLOSE = 1.0
"""Minutes that a play may be off its marks."""
SLACK = 60.0
"""Seconds by which a watch may be shorter than the criteria want it: it begins a few samples after the recovery."""

scenario_of = cache(load)


@pytest.mark.parametrize(("name", "play"), PLAYS)
def test_a_play_comes_to_its_stated_end(name: str, play: str) -> None:
    scenario = scenario_of(name)
    script, seen = scenario.plays[play], played(name, play)
    wrong = [*_unfulfilled(script.ending, seen, scenario)]
    for axis, mark in script.marks.items():
        assert seen.debrief is not None, "nothing was declared"
        minute = seen.debrief.score.minute_of(axis)
        if minute is None or abs(minute - mark.minute) > CLOSE:
            wrong.append(f"{axis} at T{mark.minute:g} is " + ("never" if minute is None else f"at T{minute:.1f}"))
    assert not wrong, "\n".join([f"{name} {play}:", *wrong, seen.said, str(seen.hidden)])


def _unfulfilled(ending: Ending, seen: Played, scenario: Scenario) -> list[str]:
    """What of the stated ending did not come true."""
    hidden, resolved = seen.hidden, _resolved(seen, scenario)
    facts: list[tuple[str, object, object]] = [
        ("mitigated", ending.mitigated, not hidden.harm),
        ("resolved", ending.resolved, resolved),
        ("side effects", sorted(ending.side_effects), sorted({each.text for each in hidden.side_effects})),
    ]
    if ending.deadline is not None:
        facts.append(("deadline", ending.deadline, hidden.deadline))
    wrong = [f"{what}: {stated} was stated, and it is {came}" for what, stated, came in facts if stated != came]
    unlike = [key for key, wanted in ending.holds.items() if not _so({key: wanted}, hidden)]
    return wrong + [f"{key}: {ending.holds[key]} was stated, and it is {_value(key, hidden)}" for key in unlike]


def _so(conditions: dict[str, object], hidden: Hidden) -> bool:
    return holds(conditions, hidden.variables, hidden.gauges)  # type: ignore[arg-type]


def _value(key: str, hidden: Hidden) -> object:
    return hidden.variables.get(key, hidden.gauges.get(key))


def _resolved(seen: Played, scenario: Scenario) -> str:
    """Whether it was called resolved, and whether that was true then by the criteria."""
    if seen.at_resolved is None:
        return "never"
    at = seen.t0 + seen.at_resolved.minute * 60 * SECOND
    turns = [
        (event.body.state, event.body.since)
        for event in seen.events
        if isinstance(event.body, ProbeChanged) and event.body.probe == scenario.criteria.verified
        if event.occurred_at <= at
    ]
    state, since = turns[-1] if turns else ("unknown", 0)
    watched = state == "up" and (at - since) / SECOND >= scenario.criteria.quiet - SLACK
    return "truly" if watched and seen.at_resolved.over else "falsely"


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
    last = world.hidden(scenario, worlds[-1])
    assert last.harm and not last.over, f"it went away by itself: {last}"


def test_with_nobody_there_the_cockpit_declares_and_closes_nothing() -> None:
    # That no world mends itself is held above for every scenario; the cockpit is the same in all of them.
    seen = unattended("login-flag")
    assert seen.hidden.harm and seen.debrief is None
    assert seen.events == ()
