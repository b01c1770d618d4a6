from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.clock import SECOND
from cockpit.drills import answers, world
from cockpit.drills.course import Effect, course
from cockpit.drills.hidden import look_behind
from cockpit.drills.model.parts import Word
from cockpit.drills.model.scenario import Scenario
from cockpit.drills.state import World
from tests.drills.small import made

REVERT = ("configctl", "revert", "4711")
REMOVE = ("svcctl", "redeploy", "auth", "--without", "USER_ONBOARDING_BETA")
SHORTCUT = ("svcctl", "setenv", "prod", "USER_ONBOARDING_BETA=true")


def at(scenario: Scenario, *moments: float) -> World:
    """The world left alone, advanced to each of these seconds in turn."""
    state = world.begin(scenario)
    for moment in moments:
        state = world.advance(scenario, state, moment)
    return state


def did(scenario: Scenario, state: World, second: float, *argv: str) -> World:
    """The world in which that command was begun at that second."""
    state, action = world.start(scenario, world.advance(scenario, state, second), argv)
    assert action is not None
    return state


def failing(scenario: Scenario, state: World) -> bool:
    reply = answers.answer(scenario, state, "/login/synthetic")
    assert reply is not None
    return reply.status != 200


@given(minute=st.floats(3, 100_000))
def test_doing_nothing_never_resolves(scenario: Scenario, minute: float) -> None:
    state = at(scenario, minute * 60)
    assert failing(scenario, state)
    assert look_behind(scenario, state).harm and not look_behind(scenario, state).over


def test_before_the_third_minute_all_is_well(scenario: Scenario) -> None:
    assert not any(failing(scenario, at(scenario, minute * 60)) for minute in (-2, 0, 2.9))


@given(reverts=st.lists(st.floats(3, 600), min_size=1, max_size=5), minute=st.floats(601, 10_000))
def test_reverting_as_often_as_you_like_never_resolves(scenario: Scenario, reverts: list[float], minute: float) -> None:
    state = world.begin(scenario)
    for one in sorted(reverts):
        state = did(scenario, state, one * 60, *REVERT)
    assert failing(scenario, world.advance(scenario, state, minute * 60))


def test_a_second_revert_says_that_it_is_done(scenario: Scenario) -> None:
    state = did(scenario, world.begin(scenario), 300, *REVERT)
    _, again = world.start(scenario, world.advance(scenario, state, 400), REVERT)
    assert again is not None and again.says == ("4711 is reverted already",)


def test_a_wrong_way_recovers_and_is_written_down(scenario: Scenario) -> None:
    state = world.advance(scenario, did(scenario, world.begin(scenario), 480, *SHORTCUT), 660)
    assert not failing(scenario, state)
    seen = look_behind(scenario, state)
    (effect,) = seen.side_effects
    assert (effect.minute, effect.text, effect.command) == (
        10.0, "an unlaunched feature shown to everyone", " ".join(SHORTCUT),
    )  # fmt: skip
    (deed,) = seen.deeds
    assert (deed.began, deed.at, deed.command, deed.exit_code) == (480, 600, SHORTCUT, 0)
    assert not seen.harm and seen.over


def test_an_action_has_its_effect_at_its_end_and_not_before(scenario: Scenario) -> None:
    state = did(scenario, world.begin(scenario), 600, *REMOVE)
    assert failing(scenario, world.advance(scenario, state, 600 + 419.9))
    assert not failing(scenario, world.advance(scenario, state, 600 + 420))


def test_what_no_action_fits_does_nothing(scenario: Scenario) -> None:
    state = at(scenario, 300)
    assert world.start(scenario, state, ("configctl", "revert", "1")) == (state, None)


def test_every_action_lasts_what_it_says(scenario: Scenario) -> None:
    for action in scenario.actions:
        parts = course(action)
        assert [part.line for part in parts] == list(action.says)
        assert parts[-1].after == action.takes and parts[-1].ends
        assert len(parts) == 1 or parts[0].after == 0


def test_stages_come_between_the_lines_with_effects_of_their_own() -> None:
    scenario = made(actions=(
        {"command": ("t", "roll"), "takes": 60.0, "begins": {"a.x": "1"}, "says": ("begins", "is over"),
         "stages": ({"after": 30.0, "says": "half", "sets": {"a.x": "2"}, "adds": {"a.g": 5.0}},),
         "sets": {"a.x": "3"}},
    ))  # fmt: skip
    assert [(part.after, part.line) for part in course(scenario.actions[0])] == [
        (0, "begins"), (30, "half"), (60, "is over"),
    ]  # fmt: skip
    state = did(scenario, world.begin(scenario), 0, "t", "roll")
    seen = [world.advance(scenario, state, second).variables["a.x"] for second in (0, 29.9, 30, 59.9, 60)]
    assert seen == ["1", "1", "2", "2", "3"]
    assert world.gauges(scenario, world.advance(scenario, state, 60))["a.g"] == 5


def test_the_first_action_whose_conditions_hold_is_done() -> None:
    scenario = made(
        faults=({"at": 10.0, "sets": {"a.x": "1"}},),
        actions=(
            {"command": ("t", "go"), "when": {"a.x": "1"}, "says": ("no",), "exit": 1},
            {"command": ("t", "go"), "says": ("yes",)},
        ),
    )
    assert [world.start(scenario, at(scenario, second), ("t", "go"))[1].says for second in (9, 10)] == [  # type: ignore[union-attr]
        ("yes",), ("no",),
    ]  # fmt: skip


def test_a_fault_with_a_condition_comes_only_when_it_holds_then() -> None:
    scenario = made(faults=(
        {"at": 10.0, "sets": {"a.x": "1"}, "when": {"a.y": "1"}},
        {"at": 20.0, "sets": {"a.y": "1"}},
        {"at": 30.0, "sets": {"a.x": "2"}, "when": {"a.y": "1"}, "side_effects": ("a job ran",)},
    ))  # fmt: skip
    assert at(scenario, 25).variables["a.x"] == "0"
    state = at(scenario, 30)
    assert state.variables["a.x"] == "2"
    assert [(one.minute, one.command) for one in state.side_effects] == [(0.5, "by itself")]


def test_a_reaction_waits_for_its_time_without_a_break_and_comes_again_after_one() -> None:
    scenario = made(
        faults=tuple({"at": when, "sets": {"a.x": value}} for when, value in
                     ((10.0, "1"), (15.0, "0"), (20.0, "1"), (40.0, "0"), (50.0, "1"))),
        reactions=({"when": {"a.x": "1"}, "after": 10.0, "adds": {"a.g": 1.0}},),
    )  # fmt: skip
    counts = [world.gauges(scenario, at(scenario, second))["a.g"] for second in (20, 29.9, 30, 39, 59.9, 60, 1000)]
    assert counts == [0, 0, 1, 1, 1, 2, 2]


def test_a_reaction_may_set_off_the_next_at_the_same_moment() -> None:
    scenario = made(
        faults=({"at": 10.0, "sets": {"a.x": "1"}},),
        reactions=(
            {"when": {"a.y": "2"}, "says": {"source": "phone", "text": "it broke", "who": "x", "fact": "invented"}},
            {"when": {"a.x": "1"}, "sets": {"a.y": "2"}},
        ),
    )
    (word,) = at(scenario, 10).words
    assert (word.minute, word.source, word.text, word.who) == (10 / 60, "phone", "it broke", "x")


def test_a_gauge_runs_within_its_bounds_and_several_flows_add_up() -> None:
    scenario = made(
        faults=({"at": 60.0, "sets": {"a.x": "1"}}, {"at": 120.0, "sets": {"a.x": "2"}}),
        flows=(
            {"gauge": "a.h", "when": {"a.x": "1"}, "per_minute": 30.0},
            {"gauge": "a.h", "when": {"a.x": ("1", "2")}, "per_minute": 60.0},
            {"gauge": "a.g", "when": {"a.x": "2"}, "per_minute": -5.0},
        ),
    )
    levels = [world.gauges(scenario, at(scenario, second))["a.h"] for second in (60, 90, 120, 125, 500)]
    assert levels == [0, 45, 90, 95, 100]
    assert world.gauges(scenario, at(scenario, 500))["a.g"] == 0


@pytest.mark.parametrize("steps", [(600.0,), tuple(float(second) for second in range(0, 601, 7)) + (600.0,)])
def test_a_threshold_is_crossed_at_its_exact_moment(steps: tuple[float, ...]) -> None:
    scenario = made(
        flows=({"gauge": "a.g", "when": {"a.x": "0"}, "per_minute": 7.0},
               {"gauge": "a.g", "when": {"a.x": "1"}, "per_minute": -3.0}),
        reactions=(
            {"when": {"a.g": {"least": 10.0}}, "sets": {"a.x": "1"},
             "says": {"source": "chat", "text": "full", "fact": "invented"}},
            {"when": {"a.x": "1", "a.g": {"below": 4.0}}, "sets": {"a.y": "9"},
             "says": {"source": "chat", "text": "drained", "fact": "invented"}},
        ),
    )  # fmt: skip
    state = at(scenario, *steps)
    full, drained = state.words
    assert (full.text, drained.text) == ("full", "drained")
    assert full.minute == pytest.approx(-1 + 10 / 7, abs=1e-9)
    assert drained.minute == pytest.approx(-1 + 10 / 7 + 2, abs=1e-9)


@given(st.lists(st.floats(-60, 3600), max_size=8))
def test_many_small_steps_are_the_same_as_one(moments: list[float]) -> None:
    scenario = made(
        faults=({"at": 33.3, "sets": {"a.x": "1"}}, {"at": 900.1, "sets": {"a.x": "0"}}),
        flows=({"gauge": "a.g", "per_minute": 1.7}, {"gauge": "a.h", "when": {"a.x": "1"}, "per_minute": 0.9}),
        reactions=(
            {"when": {"a.g": {"least": 13.0}, "a.x": "1"}, "after": 17.3, "adds": {"a.g": -11.1}},
            {"when": {"a.h": {"least": 3.3}}, "after": 61.7, "sets": {"a.y": "1"}},
        ),
    )
    assert at(scenario, *sorted(moments), 3600) == at(scenario, 3600)


def test_an_endless_loop_does_not_hold_up_time() -> None:
    loop = made(reactions=(
        {"when": {"a.x": "0"}, "sets": {"a.x": "1"}}, {"when": {"a.x": "1"}, "sets": {"a.x": "0"}},
    ))  # fmt: skip
    assert at(loop, 100).at == 100 and at(loop, 100).quiet > -math.inf
    trembling = made(flows=(
        {"gauge": "a.g", "when": {"a.g": {"below": 5.0}}, "per_minute": 60.0},
        {"gauge": "a.g", "when": {"a.g": {"least": 5.0}}, "per_minute": -60.0},
    ))  # fmt: skip
    state = at(trembling, 100)
    assert state.at == 100 and world.gauges(trembling, state)["a.g"] == pytest.approx(5, abs=1.1)


def test_the_deadline_is_met_by_what_is_so_then() -> None:
    def told(*faults: tuple[float, str], until: float) -> tuple[Any, ...]:
        scenario = made(
            faults=tuple({"at": when, "sets": {"a.x": value}} for when, value in faults),
            deadline={"at": 600.0, "what": "the demo", "needs": {"a.x": "2"}, "fact": "original"},
        )
        seen = look_behind(scenario, at(scenario, until))
        return seen.deadline, seen.needed_since

    assert told(until=599) == ("pending", None)
    assert told(until=600) == ("missed", None)
    assert told((600.0, "2"), until=601) == ("met", 10)
    assert told((300.0, "2"), (400.0, "1"), until=601) == ("missed", None)
    assert told((660.0, "2"), until=661) == ("missed", 11)
    assert told((300.0, "2"), (660.0, "1"), until=661) == ("met", None)


def test_an_expert_answers_once_and_after_a_while() -> None:
    expert = {"name": "dba", "after": 120.0, "knows": "look at the pool", "away": "on a plane", "fact": "invented"}
    scenario = made(experts=(expert,))
    state = world.call(scenario, world.call(scenario, at(scenario, 60), "dba"), "nobody")
    assert world.advance(scenario, state, 179).words == ()
    state = world.advance(scenario, state, 180)
    assert [(word.who, word.text, word.minute) for word in state.words] == [("dba", "look at the pool", 3)]
    assert world.advance(scenario, world.call(scenario, state, "dba"), 1000).words == state.words


def test_words_come_in_order_wherever_they_come_from() -> None:
    def said(text: str) -> dict[str, str]:
        return {"source": "chat", "text": text, "fact": "invented"}

    scenario = made(
        faults=({"at": 20.0, "sets": {"a.x": "1"}, "says": said("fault")},),
        reactions=({"when": {"a.x": "1"}, "after": 5.0, "says": said("reaction")},),
        injects=({"at": 10.0, **said("first")}, {"at": 30.0, "when": {"a.x": "0"}, **said("never")},
                 {"at": 30.0, **said("last")}),
    )  # fmt: skip
    state = at(scenario, 40)
    word = Word(source="executive", text="by hand", who="coo", fact="invented")
    state = world.act(scenario, state, Effect(says=word, sets={"a.y": "7"}))
    assert [word.text for word in state.words] == ["first", "fault", "reaction", "last", "by hand"]
    assert state.variables["a.y"] == "7"


def test_the_freeze_is_a_condition_like_any_other() -> None:
    scenario = made(faults=({"at": 60.0, "when": {"cockpit.freeze": "none"}, "sets": {"a.x": "1"}},))
    free = at(scenario, 0)
    assert world.advance(scenario, world.frozen(scenario, free, True), 60).variables["a.x"] == "0"
    assert world.advance(scenario, free, 60).variables["a.x"] == "1"
    assert world.frozen(scenario, free, False) is free


def test_a_change_shows_if_its_condition_held_at_its_time() -> None:
    change = {"id": "1", "kind": "deploy", "what": "d", "fact": "invented"}
    scenario = made(
        faults=({"at": 60.0, "sets": {"a.x": "1"}}, {"at": 70.0, "sets": {"a.x": "2"}}),
        changes=({"at": 60.0, "when": {"a.x": "1"}, **change}, {"at": 70.0, "when": {"a.x": "1"}, **change, "id": "2"}),
    )
    shown = answers.feed(scenario, at(scenario, 100), 1_800_000_000 * SECOND)
    assert [(each["id"], each["at"]) for each in shown] == [("1", "2027-01-15T08:01:00Z")]
    assert answers.feed(scenario, at(scenario, 59), 0) == []


def test_each_instance_answers_for_itself() -> None:
    scenario = made(
        services=(
            {"name": "b", "instances": ("1", "2"), "each": {"pool": "ok"}},
            {"name": "a", "state": {"x": "0"}},
        ),
        faults=({"at": 10.0, "sets": {"b/2.pool": "full"}},),
        endpoints=(
            {"path": "/ready", "service": "b", "rules": ({"when": {"self.pool": "full"}, "status": 503}, {})},
            {"path": "/a", "rules": ({},)},
        ),
    )
    state = at(scenario, 10)
    assert answers.lanes(scenario) == [("b", "1"), ("b", "2")]
    replies = [answers.answer(scenario, state, "/ready", lane) for lane in answers.lanes(scenario)]
    assert [reply.status for reply in replies if reply] == [200, 503]
    assert answers.answer(scenario, state, "/a", ("b", "1")) is None
    assert answers.answer(scenario, state, "/nowhere") is None


def test_an_answer_is_a_page_or_json_with_gauges() -> None:
    scenario = made(
        flows=({"gauge": "a.g", "per_minute": 6.0},),
        endpoints=(
            {"path": "/page", "rules": ({"text": "<p>hello</p>"},)},
            {"path": "/g", "rules": ({"json": {"ok": True}, "gauges": {"stuck": "a.g"}},)},
        ),
    )
    page, figures = (answers.answer(scenario, at(scenario, 60), path) for path in ("/page", "/g"))
    assert page is not None and page.text == "<p>hello</p>"
    assert figures is not None and figures.body == {"ok": True, "stuck": 12.0} and figures.text is None


@given(st.floats(0, 1e6))
def test_the_tally_is_whole_and_says_its_own_rate(scenario: Scenario, second: float) -> None:
    state = at(scenario, second)
    reply = answers.answer(scenario, state, "/login/synthetic")
    assert reply is not None and isinstance(reply.body, dict)
    body = reply.body
    assert body["failed"] == int(body["failed"]) and body["error_rate"] == body["failed"] / body["attempts"]
    assert answers.answer(scenario, state, "/login/synthetic") == reply


def test_the_original_play_is_told_in_the_original_minutes(scenario: Scenario) -> None:
    marks = scenario.plays["original"].marks
    assert {mark.fact for mark in marks.values()} == {"original"}
    assert (marks["mitigated"].minute, marks["resolved"].minute) == (52, 85)
