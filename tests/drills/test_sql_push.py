"""The world of sql-push: what no play of it shows on its own."""

from __future__ import annotations

import pytest

from cockpit.drills import answers
from cockpit.drills.model.scenario import Scenario
from cockpit.drills.shelf import load
from cockpit.drills.state import World
from tests.drills.typing_in import at

POOLS = ("a", "b", "c", "d", "e")
CHECK, GOOD = ("configctl", "check", "api"), ("configctl", "apply", "api", "good-5")
ROLL, ALL = ("svcctl", "rolling-restart", "api"), ("svcctl", "restart-all", "api")


@pytest.fixture(scope="module")
def push() -> Scenario:
    return load("sql-push")


def served(push: Scenario, state: World) -> str:
    """The pools that answer as they should."""
    return "".join(pool for pool in POOLS if status(push, state, f"/pool-{pool}/ready") == 200)


def status(push: Scenario, state: World, path: str) -> int:
    reply = answers.answer(push, state, path)
    assert reply is not None
    return reply.status


def failing(push: Scenario, state: World) -> float:
    reply = answers.answer(push, state, "/api/traffic")
    assert reply is not None and isinstance(reply.body, dict)
    return round(float(reply.body["error_rate"]), 6)


def test_four_of_five_pools_read_the_push_and_the_apis_on_servers_of_their_own_do_not(push: Scenario) -> None:
    before, after = at(push, -1), at(push, 1)
    assert (served(push, before), failing(push, before)) == ("abcde", 0)
    assert (served(push, after), failing(push, after)) == ("e", 0.8)
    assert status(push, after, "/partner/healthz") == 200


@pytest.mark.parametrize(
    ("after", "back", "share"),
    [
        (0.1, "e", 0.8), (8.9, "e", 0.8), (9, "ae", 0.6), (17.9, "ae", 0.6), (18, "abe", 0.4), (27.9, "abe", 0.4),
        (28, "abce", 0.2), (37.9, "abce", 0.2), (38, "abcde", 0),
    ],
)  # fmt: skip
def test_the_pools_come_back_at_their_minutes_after_the_restart_begins(
    push: Scenario, after: float, back: str, share: float
) -> None:
    state = at(push, 53 + after, (45, GOOD), (53, ROLL))
    assert (served(push, state), failing(push, state)) == (back, share)


def test_the_last_good_config_exits_0_and_no_pool_reads_it_before_a_restart(push: Scenario) -> None:
    state = at(push, 180, (45, GOOD))
    assert [deed.exit_code for deed in state.deeds] == [0]
    assert (served(push, state), failing(push, state)) == ("e", 0.8)


def test_the_rollback_before_it_fails_and_changes_nothing(push: Scenario) -> None:
    state = at(push, 40, (24, ("configctl", "apply", "api", "A")))
    assert [(deed.at / 60, deed.exit_code) for deed in state.deeds] == [(28, 1)]
    assert state.variables == at(push, 40).variables


def test_a_rolling_restart_before_the_good_files_are_there_helps_nothing(push: Scenario) -> None:
    state = at(push, 60, (10, ROLL))
    assert (served(push, state), failing(push, state)) == ("e", 0.8)


def test_restarting_everything_first_takes_down_what_still_served(push: Scenario) -> None:
    for minute in (5.1, 16, 30):
        state = at(push, minute, (5, ALL))
        assert (served(push, state), failing(push, state)) == ("", 1)
    # From there it takes the fifth pool's time as well.
    late = ((5.0, ALL), (20.0, GOOD), (30.0, ROLL))
    assert served(push, at(push, 77.9, *late)) == "abcd"
    recovered = at(push, 78, *late)
    assert (served(push, recovered), failing(push, recovered)) == ("abcde", 0)


def test_all_at_once_with_the_good_files_serves_nothing_for_longer_than_one_by_one(push: Scenario) -> None:
    assert failing(push, at(push, 60, (7, GOOD), (12, ALL))) == 1
    assert failing(push, at(push, 67, (7, GOOD), (12, ALL))) == 0


def test_an_untested_fix_takes_the_last_pool(push: Scenario) -> None:
    state = at(push, 180, (20, ("configctl", "apply", "api", "hotfix")))
    assert (served(push, state), failing(push, state)) == ("", 1)


def test_two_restarts_at_once_are_refused(push: Scenario) -> None:
    once = at(push, 60, (7, GOOD), (12, ROLL))
    twice = at(push, 60, (7, GOOD), (12, ROLL), (20, ROLL), (21, ALL))
    assert [deed.exit_code for deed in twice.deeds if deed.command in (ROLL, ALL)] == [1, 1, 0]
    assert failing(push, twice) == failing(push, once) == 0


def test_the_look_at_the_artefacts_says_that_one_is_not_whole(push: Scenario) -> None:
    state = at(push, 6, (5, CHECK))
    (deed,) = state.deeds
    assert deed.exit_code == 1 and state.variables == at(push, 6).variables
    (action,) = (one for one in push.actions if one.command == CHECK and one.when)
    assert any(line.startswith("A ") and "NOT WHOLE" in line for line in action.says)


def test_the_stamps_that_cannot_be_are_heard_once_the_recovery_is_seen(push: Scenario) -> None:
    scribe = [word for word in at(push, 180, (45, GOOD), (53, ROLL)).words if word.who == "scribe"]
    assert [(word.minute > 91, word.fact) for word in scribe] == [(True, "original")]
    assert "21:03 PM" in scribe[0].text and "11:26 AM" in scribe[0].text
