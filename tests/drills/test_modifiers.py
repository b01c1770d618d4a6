from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from cockpit.config.broadcasting import FileDestination, WebhookDestination
from cockpit.config.load import read
from cockpit.config.model import Config
from cockpit.config.problems import ConfigError
from cockpit.drills import shelf, world
from cockpit.drills.harder import WORDS, Modifier
from cockpit.drills.lint import examine
from cockpit.drills.model.scenario import Scenario
from cockpit.drills.modifiers import modified
from cockpit.drills.profile import prepare
from cockpit.drills.shelf import load
from cockpit.drills.stage import staged
from cockpit.platform.places import Places
from tests.drills.small import made


def words(scenario: Scenario, until: float) -> list[tuple[float, str, str]]:
    """What is said until that second when nobody does anything: minute, source, who."""
    state = world.advance(scenario, world.begin(scenario), until)
    return [(round(word.minute, 3), word.source, word.who) for word in state.words]


def test_each_modifier_is_told_of() -> None:
    assert list(WORDS) == list(get_args(Modifier))


def test_an_expert_who_cannot_be_had_is_away() -> None:
    expert = {"name": "dba", "after": 60.0, "knows": "the pool", "away": "on a plane", "fact": "invented"}
    scenario = modified(made(experts=(expert,)), ["expert-unavailable"])
    state = world.advance(scenario, world.call(scenario, world.begin(scenario), "dba"), 100)
    assert [word.text for word in state.words] == ["on a plane"]


def test_the_first_page_comes_five_minutes_later(scenario: Scenario) -> None:
    pages = [word for word in words(modified(scenario, ["first-page-missed"]), 3600) if word[1] == "page"]
    assert pages == [(10, "page", "")]


@pytest.mark.parametrize("parts", ["faults", "reactions"])
def test_a_page_that_a_fault_or_a_reaction_sends_is_missed_too(parts: str) -> None:
    page = {"source": "page", "text": "it broke", "fact": "invented"}
    own = {"at": 60.0} if parts == "faults" else {"when": {"a.x": "0"}, "after": 120.0}
    scenario = made(**{parts: ({**own, "says": page, "sets": {"a.y": "1"}},)})
    harder = modified(scenario, ["first-page-missed"])
    assert words(scenario, 3600) == [(1, "page", "")] and words(harder, 3600) == [(6, "page", "")]
    assert world.advance(harder, world.begin(harder), 61).variables["a.y"] == "1"


@pytest.mark.parametrize(("name", "minute"), [("config-cascade", 55), ("blank-page", 37), ("demo-clock", 8)])
def test_where_nothing_pages_the_first_word_comes_five_minutes_later(name: str, minute: float) -> None:
    plain, harder = load(name), modified(load(name), ["first-page-missed"])
    first = words(plain, plain.lasts)[0]
    assert (minute, *first[1:]) in words(harder, plain.lasts) and first not in words(harder, plain.lasts)


async def test_a_page_that_would_come_after_the_end_is_said(tmp_path: Path) -> None:
    short = load("login-flag").model_copy(update={"lasts": 480.0, "plays": {}})
    file = tmp_path / "short.yaml"
    late = {"injects": short.injects[:1], "changes": short.changes}
    shelf.write(file, short.model_copy(update=late))
    with pytest.raises(ConfigError, match=r"scenario\.yaml.*injects\.0\.at.*comes after the end"):
        async with staged(str(file), 60, Places(tmp_path / "home"), "d", ["first-page-missed"]):
            raise AssertionError("it began")


def test_the_colleague_asks_every_three_minutes_from_the_first_page_to_the_end(scenario: Scenario) -> None:
    asked = [minute for minute, _, who in words(modified(scenario, ["colleague-asks"]), 10_000) if who == "colleague"]
    assert asked == [5.0 + 3 * number for number in range(1, len(asked) + 1)]
    assert 117 < asked[-1] <= 120


def test_a_chat_that_is_down_has_a_file_behind_it(scenario: Scenario, tmp_path: Path) -> None:
    path, _ = prepare(modified(scenario, ["slack-down"]), "http://127.0.0.1:9", tmp_path / "drill")
    broadcast = read(path, Config).broadcast
    slack, chat = broadcast.destinations
    assert isinstance(slack, WebhookDestination) and slack.url == "http://127.0.0.1:9/sim/chat"
    assert isinstance(chat, FileDestination) and slack.fallback == ("chat",) and broadcast.routes == ("slack",)


@pytest.mark.parametrize("name", shelf.names())
def test_a_scenario_with_everything_against_the_responder_is_read_back_as_the_same(name: str, tmp_path: Path) -> None:
    harder = modified(load(name), [*WORDS, "slack-down"])
    assert harder.modifiers == tuple(WORDS)
    shelf.write(tmp_path / "scenario.yaml", harder)
    assert load(str(tmp_path / "scenario.yaml")) == harder
    assert not [problem for problem in examine(tmp_path / "scenario.yaml")[1] if problem.severity == "error"]
