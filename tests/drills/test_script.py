"""What is to come in a drill, and how whoever leads it changes that."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import pytest

from cockpit.drills import world
from cockpit.drills.hidden import look_behind
from cockpit.drills.model.parts import Fault, Inject
from cockpit.drills.model.scenario import Scenario
from cockpit.drills.script import conditions, script


def test_the_script_tells_what_comes_in_its_order(scenario: Scenario) -> None:
    made = script(scenario)
    assert [each.minute for each in made.coming] == sorted(each.minute for each in made.coming)
    words = [each for each in made.coming if each.inject is not None]
    assert [scenario.injects[each.inject].text for each in words if each.inject is not None] == [
        each.text for each in words
    ]
    assert len(made.coming) == len(scenario.injects) + len(scenario.faults)
    assert (made.title, made.lasts, made.deadline) == (scenario.title, scenario.lasts / 60, None)


def test_a_fault_is_told_by_what_it_does(scenario: Scenario) -> None:
    fault = Fault.model_validate({
        "at": "1m", "when": {"a.g": {"least": 2, "below": 5}, "a.x": ("on", "off")}, "sets": {"a.x": "1"},
        "adds": {"a.g": 3}, "says": {"source": "phone", "text": "It is gone", "fact": "invented"},
    })  # fmt: skip
    told = script(scenario.model_copy(update={"faults": (fault, Fault.model_validate({"at": "2m"}))})).coming
    assert told[0].text == "a.x becomes 1, a.g +3, phone says: It is gone"
    assert told[0].only_if == "a.g is at least 2 and below 5, a.x is on or off"
    assert told[1].text == "nothing that shows"
    assert conditions({"a.x": "on"}) == "a.x is on"


def test_a_word_that_is_left_out_never_comes_and_one_said_ahead_comes_once(scenario: Scenario) -> None:
    now = world.begin(scenario)
    last = len(scenario.injects)
    assert [world.waits(scenario, now, each) for each in (-1, 0, last - 1, last)] == [False, True, True, False]
    now = world.say_now(scenario, world.skip(now, 1), 2)
    assert [world.waits(scenario, now, each) for each in range(4)] == [True, False, False, True]
    done = world.advance(scenario, now, scenario.lasts)
    assert [word.text for word in done.words] == [scenario.injects[index].text for index in (2, 0, 3)]
    assert look_behind(scenario, done).skipped == (1, 2)
    assert not world.waits(scenario, done, 0)


def test_a_word_ahead_of_its_time_needs_no_condition(scenario: Scenario) -> None:
    never = Inject.model_validate(
        {"at": "1m", "when": {"auth.flag": "never"}, "source": "chat", "text": "hm", "fact": "invented"}
    )
    only = scenario.model_copy(update={"injects": (never,)})
    assert not world.advance(only, world.begin(only), only.lasts).words
    assert [word.text for word in world.say_now(only, world.begin(only), 0).words] == ["hm"]


def _post(url: str, told: object) -> int:
    request = urllib.request.Request(url, json.dumps(told).encode())
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


async def test_the_simulator_says_and_leaves_out_each_word_once(simulating: Any, scenario: Scenario) -> None:
    # Days before T0: nothing comes by itself meanwhile.
    async with simulating(-10_000) as running:
        assert [_post(f"{running.url}/sim/skip", {"inject": 0}), _post(f"{running.url}/sim/say", {"inject": 1})] == [
            200, 200,
        ]  # fmt: skip
        for path in ("/sim/skip", "/sim/say"):
            assert [_post(running.url + path, {"inject": each}) for each in (0, 1, 99, "0")] == [409] * 4
        _, state = await running.get("/sim/state")
        assert [word["text"] for word in state["words"]] == [scenario.injects[1].text]
        assert state["skipped"] == [0, 1]
        _, told = await running.get("/sim/script")
        assert told["title"] == scenario.title


@pytest.mark.parametrize("inject", [True, None])
async def test_what_is_no_word_is_refused(simulating: Any, inject: object) -> None:
    async with simulating(-10_000) as running:
        assert _post(f"{running.url}/sim/say", {"inject": inject}) == 409
