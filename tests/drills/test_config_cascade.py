"""The world of config-cascade: what no play of it shows on its own."""

from __future__ import annotations

import pytest

from cockpit.drills import answers, world
from cockpit.drills.model.scenario import Scenario
from cockpit.drills.shelf import load
from cockpit.drills.state import World
from tests.drills.typing_in import Typed, at

INSTANCES = ("a", "b", "c")
REVERT = ("storectl", "revert", "invoice.tax-rate")
OFF, ON = ("flagctl", "off", "front.retries"), ("flagctl", "on", "front.retries")


@pytest.fixture(scope="module")
def cascade() -> Scenario:
    return load("config-cascade")


def out(state: World) -> list[str]:
    return [one for one in INSTANCES if state.variables[f"billing/{one}.pool"] == "full"]


def restart(instance: str) -> tuple[str, ...]:
    return "svcctl", "restart", f"billing/{instance}"


def status(cascade: Scenario, state: World, path: str, instance: str = "") -> int:
    reply = answers.answer(cascade, state, path, ("billing", instance) if instance else None)
    assert reply is not None
    return reply.status


RECOVERED: tuple[Typed, ...] = (
    (50, OFF), (52, restart("a")), (54, restart("b")), (56, restart("c")), (60, ON),
)  # fmt: skip


@pytest.mark.parametrize(
    ("minute", "gone"),
    [(45.9, []), (46, ["a"]), (47.4, ["a"]), (47.5, ["a", "b"]), (48.9, ["a", "b"]), (49, ["a", "b", "c"])],
)
def test_the_instances_go_out_at_their_minutes(cascade: Scenario, minute: float, gone: list[str]) -> None:
    state = at(cascade, minute)
    assert out(state) == gone
    assert [one for one in INSTANCES if status(cascade, state, "/billing/readyz", one) == 504] == gone
    assert status(cascade, state, "/billing/livez") == 200


def test_without_retries_the_reload_is_a_blip_of_fifteen_seconds(cascade: Scenario) -> None:
    calm = (40.0, OFF)
    assert status(cascade, at(cascade, 45.2, calm), "/billing/synthetic") == 500
    assert status(cascade, at(cascade, 45.3, calm), "/billing/synthetic") == 200
    assert out(at(cascade, 120, calm)) == []


def test_retries_switched_off_in_time_save_the_instances_that_are_left(cascade: Scenario) -> None:
    assert out(at(cascade, 120, (46.2, OFF))) == ["a"]


def test_an_instance_restarted_in_the_storm_is_full_again_within_half_a_minute(cascade: Scenario) -> None:
    assert "a" not in out(at(cascade, 51.6, (50, restart("a"))))
    assert "a" in out(at(cascade, 52, (50, restart("a"))))


def test_an_instance_restarted_after_the_storm_stays_free(cascade: Scenario) -> None:
    assert out(at(cascade, 180, *RECOVERED)) == []


def test_reverting_the_key_in_the_storm_takes_the_others_out_at_once(cascade: Scenario) -> None:
    assert out(at(cascade, 47.2, (46.1, REVERT))) == ["a", "b", "c"]


def test_reverting_the_key_after_the_recovery_is_a_second_storm(cascade: Scenario) -> None:
    again = (90.0, REVERT)
    assert status(cascade, at(cascade, 90.4, *RECOVERED, again), "/billing/synthetic") == 500
    assert out(at(cascade, 94.4, *RECOVERED, again)) == ["a", "b", "c"]


def test_a_key_reverted_before_the_store_refreshes_is_a_reload_all_the_same(cascade: Scenario) -> None:
    state = at(cascade, 60, (10, REVERT))
    assert world.gauges(cascade, state)["billing.reloads"] == 1
    assert out(state) == ["a", "b", "c"]


@pytest.mark.parametrize("quick", [True, False])
def test_the_gateway_cuts_billing_off_unless_what_is_half_committed_is_reconciled(
    cascade: Scenario, quick: bool
) -> None:
    batches = tuple((62.0 + 3 * number, ("txctl", "reconcile", "200")) for number in range(5)) if quick else ()
    state = at(cascade, 150, *RECOVERED, *batches)
    assert state.variables["gateway.access"] == ("open" if quick else "cut")
    assert [word.source for word in state.words if word.who == "on-call of the payment gateway"] == (
        [] if quick else ["phone", "phone"]
    )
    assert status(cascade, state, "/billing/synthetic") == (200 if quick else 500)


def test_the_sooner_the_retries_stop_the_less_is_half_committed(cascade: Scenario) -> None:
    stuck = [world.gauges(cascade, at(cascade, 60, (minute, OFF)))["billing.stuck"] for minute in (45.5, 46.5, 50)]
    assert stuck == sorted(set(stuck)) and stuck[-1] == 847
