"""The world of blank-page: what no play of it shows on its own."""

from __future__ import annotations

import pytest

from cockpit.drills import answers, world
from cockpit.drills.answers import Reply
from cockpit.drills.model.scenario import Scenario
from cockpit.drills.shelf import load
from cockpit.drills.state import World
from cockpit.runbooks.ladder import find
from tests.drills import typing_in


@pytest.fixture(scope="module")
def blank() -> Scenario:
    return load("blank-page")


def at(blank: Scenario, minute: float, *typed: tuple[str, ...]) -> World:
    """The world at that minute, if these commands were typed from the 33rd on, five minutes apart."""
    return typing_in.at(blank, minute, *((33 + 5 * number, argv) for number, argv in enumerate(typed)))


def asked(blank: Scenario, state: World, path: str) -> Reply:
    reply = answers.answer(blank, state, path)
    assert reply is not None
    return reply


def whole(blank: Scenario, state: World) -> bool:
    marker = next(probe.contains for probe in blank.services[0].probes if probe.name == "page-body")
    return marker is not None and marker in (asked(blank, state, "/page").text or "")


def deploy(release: str) -> tuple[str, ...]:
    return "deployctl", "deploy", "web", release


def test_the_page_is_empty_from_the_deploy_before_the_feature_on(blank: Scenario) -> None:
    assert [whole(blank, at(blank, minute)) for minute in (-1, 0, 29, 31)] == [True, False, False, False]
    assert [change["id"] for change in answers.feed(blank, at(blank, 31), 0)] == ["d-1", "d0"]


def test_an_empty_page_is_answered_with_200_by_servers_that_are_well(blank: Scenario) -> None:
    state = at(blank, 32)
    assert asked(blank, state, "/page").status == 200 and asked(blank, state, "/page").text == ""
    assert asked(blank, state, "/web/healthz").status == 200


@pytest.mark.parametrize("typed", [("svcctl", "restart", "web"), deploy("D-1"), deploy("D0")])
def test_neither_a_restart_nor_one_step_back_helps(blank: Scenario, typed: tuple[str, ...]) -> None:
    assert not whole(blank, at(blank, 60, typed, typed, typed))


@pytest.mark.parametrize(("release", "refused"), [("D-3", 0.005), ("D-8", 0.5)])
def test_both_older_states_bring_the_page_back_and_one_breaks_the_neighbour(
    blank: Scenario, release: str, refused: float
) -> None:
    state = at(blank, 60, deploy(release))
    assert whole(blank, state)
    contract = asked(blank, state, "/quote/contract").body
    assert isinstance(contract, dict) and contract["error_rate"] == pytest.approx(refused, abs=0.03)


@pytest.mark.parametrize(("release", "code"), [("D0", 0), ("D-1", 0), ("D-3", 0), ("D-8", 1)])
def test_the_compatibility_check_stops_what_the_neighbour_does_not_understand(
    blank: Scenario, release: str, code: int
) -> None:
    _, action = world.start(blank, at(blank, 40), ("deployctl", "compat", "web", release))
    assert action is not None and action.exit_code == code


def test_what_never_served_is_no_state_to_go_back_to(blank: Scenario) -> None:
    _, listing = world.start(blank, at(blank, 40), ("deployctl", "list", "web"))
    assert listing is not None
    found = find("\n".join(listing.says), "D0", (), at_least=2, at_most=3)
    assert [target.id for target in found.targets] == ["D-1", "D-3", "D-8"]
    assert [target.id for target in found.targets if target.barrier] == ["D-8"]


@pytest.mark.parametrize("release", ["D0", "D-1", "D-3", "D-8"])
def test_what_serves_is_told_as_it_is(blank: Scenario, release: str) -> None:
    _, current = world.start(blank, at(blank, 60, deploy(release)), ("deployctl", "current", "web"))
    assert current is not None and current.says[-1] == release
