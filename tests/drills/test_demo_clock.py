"""The world of demo-clock: what no play of it shows on its own."""

from __future__ import annotations

import pytest

from cockpit.drills import answers, world
from cockpit.drills.hidden import look_behind
from cockpit.drills.model.scenario import Scenario
from cockpit.drills.shelf import load
from cockpit.drills.state import World

APPLY, PUSH, CANCEL = ("tf", "apply", "dev", "--lock"), ("ci", "push", "dev"), ("ci", "cancel", "foreign")
FREEZE, LIFT = ("freeze",), ("lift",)
Typed = tuple[float, tuple[str, ...]]
"""A command, or a freeze set or lifted in the cockpit, and its minute."""


@pytest.fixture(scope="module")
def demo() -> Scenario:
    return load("demo-clock")


def at(demo: Scenario, minute: float, *typed: Typed) -> World:
    """The world at that minute, if these commands were typed."""
    state = world.begin(demo)
    for begun, argv in typed:
        state = world.advance(demo, state, begun * 60)
        if argv in (FREEZE, LIFT):
            state = world.frozen(demo, state, argv == FREEZE)
            continue
        state, action = world.start(demo, state, argv)
        assert action is not None, argv
    return world.advance(demo, state, minute * 60)


def jobs(demo: Scenario, state: World) -> list[str]:
    seen = [str(change["id"]) for change in answers.feed(demo, state, 0)]
    return [name for name in seen if name.startswith("job")]


def ahead(demo: Scenario, state: World) -> float:
    return world.gauges(demo, state)["ci.ahead"]


def status(demo: Scenario, state: World, path: str = "/dev/signup") -> int:
    reply = answers.answer(demo, state, path)
    assert reply is not None
    return reply.status


def deadline(demo: Scenario, state: World) -> str | None:
    return look_behind(demo, state).deadline


def test_the_commit_takes_sign_up_away_and_nothing_else(demo: Scenario) -> None:
    assert status(demo, at(demo, -1)) == 200
    state = at(demo, 0)
    assert (status(demo, state), status(demo, state, "/dev/pool")) == (500, 404)
    assert (status(demo, state, "/dev/web"), status(demo, state, "/prod/signup")) == (200, 200)


def test_others_queue_three_jobs_on_the_only_runner(demo: Scenario) -> None:
    seen = [(minute, jobs(demo, at(demo, minute))) for minute in (13.9, 14, 18, 22)]
    assert [(minute, len(found)) for minute, found in seen] == [(13.9, 0), (14, 1), (18, 2), (22, 3)]
    assert ahead(demo, at(demo, 22)) > 50


def test_frozen_means_no_jobs_of_others(demo: Scenario) -> None:
    state = at(demo, 60, (4, FREEZE))
    assert (jobs(demo, state), ahead(demo, state)) == ([], 0)
    assert [word.who for word in state.words if "frozen" in word.text] == ["dev-5"]


@pytest.mark.parametrize(("frozen", "found"), [(15, ["job-1"]), (19, ["job-1", "job-2"])])
def test_a_late_freeze_keeps_out_the_rest(demo: Scenario, frozen: float, found: list[str]) -> None:
    assert jobs(demo, at(demo, 60, (frozen, FREEZE))) == found


def test_a_freeze_that_was_lifted_keeps_out_nothing(demo: Scenario) -> None:
    assert len(jobs(demo, at(demo, 60, (4, FREEZE), (13, LIFT)))) == 3


def test_a_new_pool_is_not_enough_before_its_id_is_pushed(demo: Scenario) -> None:
    state = at(demo, 120, (4, FREEZE), (6, APPLY))
    assert (status(demo, state, "/dev/pool"), status(demo, state)) == (200, 500)


def test_frozen_the_pipeline_begins_at_once_and_takes_seventeen_minutes(demo: Scenario) -> None:
    typed = ((4.0, FREEZE), (6.0, APPLY), (16.5, PUSH))
    assert [status(demo, at(demo, minute, *typed)) for minute in (33.5, 33.6)] == [500, 200]
    assert deadline(demo, at(demo, 46, *typed)) == "met"


def test_behind_three_jobs_it_is_done_at_t92_and_the_deadline_is_missed(demo: Scenario) -> None:
    typed = ((13.6, APPLY), (24.6, PUSH))
    assert [status(demo, at(demo, minute, *typed)) for minute in (91.8, 92)] == [500, 200]
    assert deadline(demo, at(demo, 92, *typed)) == "missed"


def test_once_the_jobs_of_others_are_cancelled_it_begins(demo: Scenario) -> None:
    typed = ((13.6, APPLY), (24.6, PUSH), (26.6, CANCEL))
    assert [status(demo, at(demo, minute, *typed)) for minute in (43.9, 44)] == [500, 200]
    assert deadline(demo, at(demo, 46, *typed)) == "met"


def test_a_job_that_comes_after_ours_waits_for_it(demo: Scenario) -> None:
    typed = ((1.0, APPLY), (11.1, PUSH))
    assert status(demo, at(demo, 28.3, *typed)) == 200
    assert ahead(demo, at(demo, 23, *typed)) == 0


def test_the_queue_says_how_many_stand_before_ours(demo: Scenario) -> None:
    named = []
    for minute in (13.0, 14.1, 18.1, 22.1, 60.0, 76.0):
        reply = answers.answer(demo, at(demo, minute), "/ci/queue")
        assert reply is not None and isinstance(reply.body, dict)
        named.append([check["name"][0] for check in reply.body.get("checks", [])])
    assert named == [[], ["1"], ["2"], ["3"], ["1"], []]


def test_a_state_that_is_locked_is_not_applied_twice(demo: Scenario) -> None:
    state = at(demo, 30, (6, APPLY), (8, APPLY))
    assert [(deed.began / 60, deed.exit_code) for deed in state.deeds] == [(8, 1), (6, 0)]


def test_undoing_the_apply_goes_back_to_the_state_of_the_backup(demo: Scenario) -> None:
    state = at(demo, 30, (6, APPLY), (17, ("tf", "restore", "dev")))
    assert state.variables["dev.pool"] == "wiped"


def test_production_is_vetoed_when_its_plan_is_there(demo: Scenario) -> None:
    words = at(demo, 30, (7, ("tf", "plan", "prod"))).words
    assert [word.source for word in words if "production" in word.text] == ["executive"]
    assert at(demo, 30, (7, ("tf", "apply", "prod", "--lock"))).deeds[0].exit_code == 1
