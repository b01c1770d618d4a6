from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.drills import world
from cockpit.drills.model import Scenario
from cockpit.drills.world import Deed

DEEDS = st.lists(st.tuples(st.floats(0, 6000), st.integers(0, 20)), max_size=6)


def act(scenario: Scenario, at: float, *argv: str) -> Deed:
    """The command as if it had ended at that second."""
    action = world.action_for(scenario, argv, world.variables(scenario, (), at))
    assert action is not None
    return Deed(at, action.command, action.exit_code, dict(action.sets), action.side_effects)


def failing(scenario: Scenario, deeds: list[Deed], minute: float) -> bool:
    rule = world.rule_for(scenario, "/login/synthetic", world.variables(scenario, deeds, minute * 60))
    assert rule is not None
    return rule.status != 200


@given(minute=st.floats(3, 100_000))
def test_doing_nothing_never_resolves(scenario: Scenario, minute: float) -> None:
    assert failing(scenario, [], minute)
    assert world.hidden(scenario, [], minute * 60).harm


def test_before_the_third_minute_all_is_well(scenario: Scenario) -> None:
    assert not any(failing(scenario, [], minute) for minute in (-2, 0, 2.9))


@given(reverts=st.lists(st.floats(3, 600), min_size=1, max_size=5), minute=st.floats(600, 10_000))
def test_reverting_as_often_as_you_like_never_resolves(scenario: Scenario, reverts: list[float], minute: float) -> None:
    deeds = [act(scenario, at * 60, "configctl", "revert", "4711") for at in reverts]
    assert failing(scenario, deeds, minute)


def test_a_second_revert_says_that_it_is_done(scenario: Scenario) -> None:
    first = act(scenario, 300, "configctl", "revert", "4711")
    again = world.action_for(scenario, first.command, world.variables(scenario, [first], 400))
    assert again is not None and again.says == ("4711 is reverted already",)


def test_a_wrong_way_recovers_and_is_written_down(scenario: Scenario) -> None:
    deed = act(scenario, 600, "svcctl", "setenv", "prod", "USER_ONBOARDING_BETA=true")
    assert not failing(scenario, [deed], 11)
    (effect,) = world.hidden(scenario, [deed], 660).side_effects
    assert (effect.minute, effect.text) == (10.0, "an unlaunched feature shown to everyone")


@given(DEEDS)
def test_the_state_does_not_depend_on_the_order_deeds_are_told_in(
    scenario: Scenario, done: list[tuple[float, int]]
) -> None:
    actions = scenario.actions
    deeds = [
        Deed(at + index / 1000, actions[which % len(actions)].command, 0, dict(actions[which % len(actions)].sets))
        for index, (at, which) in enumerate({at: which for at, which in done}.items())
    ]
    assert world.variables(scenario, deeds, 7000) == world.variables(scenario, deeds[::-1], 7000)


@given(st.floats(0, 1e6))
def test_the_tally_is_whole_and_says_its_own_rate(scenario: Scenario, at: float) -> None:
    rule = scenario.endpoints[0].rules[0]
    body = world.body_of(rule, at)
    assert isinstance(body, dict)
    assert body["failed"] == int(body["failed"]) and body["error_rate"] == body["failed"] / body["attempts"]
    assert world.body_of(rule, at) == body


def test_every_action_lasts_what_it_says(scenario: Scenario) -> None:
    for action in scenario.actions:
        assert sum(pause for pause, _ in world.schedule(action)) == pytest.approx(action.takes)
        assert [line for _, line in world.schedule(action)] == list(action.says)


def test_the_original_play_is_told_in_the_original_minutes(scenario: Scenario) -> None:
    marks = scenario.plays["original"].marks
    assert {mark.fact for mark in marks.values()} == {"original"}
    assert (marks["mitigated"].minute, marks["resolved"].minute) == (52, 85)
