"""What a lane means together with those around it."""

from __future__ import annotations

import random
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.config.dependencies import Parents
from cockpit.config.watched import Kind
from cockpit.incident.vocabulary import ProbeState
from cockpit.probes.diagnosis import Seen, diagnose, unreachable

NONE: Parents = {}


def seen(
    probe: str, state: ProbeState = "up", *, kind: Kind = "readiness", instance: str = "", failing: bool = False,
    away: bool = False,
) -> Seen:  # fmt: skip
    return Seen(probe, "auth", kind, instance, state, failing, away)


def instances(*states: ProbeState) -> Mapping[str, Seen]:
    return {f"api@10.0.3.{n}": seen("api", state, instance=f"10.0.3.{n}") for n, state in enumerate(states, 1)}


@pytest.mark.parametrize(
    ("states", "words"),
    [
        (("down", "up", "up", "up"), "outlier: 10.0.3.1 alone of 4 is bad"),
        (("down", "up", "up"), "outlier: 10.0.3.1 alone of 3 is bad"),
        (("down", "down", "up", "up", "up", "up"), "outliers: 10.0.3.1, 10.0.3.2 of 6 are bad"),
        (("down", "up"), "1 of 2 instances bad"),
        (("down", "down", "down", "up"), "3 of 4 instances bad"),
        (("down", "down", "down", "down"), "all 4 instances: a shared dependency"),
        (("down", "down", "unknown", "unknown"), "all 2 instances: a shared dependency"),
        (("down", "unknown", "unknown"), ""),
        (("up", "down", "down"), ""),
        (("down",), ""),
    ],
)
def test_one_instance_or_all(states: tuple[ProbeState, ...], words: str) -> None:
    assert diagnose("api@10.0.3.1", instances(*states), NONE) == words


def test_one_protocol_of_two() -> None:
    lanes = {"api@ip4": seen("api", instance="ip4"), "api@ip6": seen("api", "down", instance="ip6")}
    assert diagnose("api@ip6", lanes, NONE) == "bad over ip6 only"
    assert diagnose("api@ip4", lanes, NONE) == ""


@pytest.mark.parametrize(
    ("alive", "words"),
    [
        ("up", "busy, not dead: do not restart"),
        ("degraded", "busy, not dead: do not restart"),
        ("down", "dead, not busy: its liveness check fails too"),
        ("unknown", ""),
    ],
)
def test_busy_or_dead(alive: ProbeState, words: str) -> None:
    lanes = {"ready": seen("ready", "down"), "live": seen("live", alive, kind="liveness")}
    assert diagnose("ready", lanes, NONE) == words


def test_errors_of_its_own_are_not_called_load() -> None:
    ready = Seen("ready", "auth", state="down", failing=True, erring=True)
    lanes = {"ready": ready, "live": seen("live", kind="liveness")}
    assert diagnose("ready", lanes, NONE) == "alive, but answers with errors"


def test_a_liveness_that_begins_to_fail_is_no_reason_against_a_restart() -> None:
    lanes = {"ready": seen("ready", "down"), "live": seen("live", "up", kind="liveness", failing=True)}
    assert diagnose("ready", lanes, NONE) == ""
    lanes["live"] = seen("live", "down", kind="liveness")
    assert diagnose("live", lanes, NONE) == "dead, not busy: it fails its liveness check"


PARENTS: Parents = {"web": frozenset({"api"}), "api": frozenset({"db"}), "db": frozenset()}


def test_the_one_furthest_up_is_named() -> None:
    lanes = {"web": seen("web", "down"), "api": seen("api", "down"), "db": seen("db", "down")}
    assert diagnose("web", lanes, PARENTS) == diagnose("api", lanes, PARENTS) == "unreachable: db is down"
    assert diagnose("db", lanes, PARENTS) == ""
    lanes["db"] = seen("db")
    assert diagnose("web", lanes, PARENTS) == "unreachable: api is down"


def test_a_parent_that_fails_or_is_in_maintenance_is_enough() -> None:
    lanes = {"api": seen("api", "up", failing=True), "db": seen("db", "up", failing=True)}
    assert diagnose("api", lanes, PARENTS) == "unreachable: db is failing"
    lanes["db"] = seen("db", "unknown", away=True)
    assert diagnose("api", lanes, PARENTS) == "unreachable: db is in maintenance"


def test_a_parent_is_down_when_all_its_lanes_are() -> None:
    lanes = {f"db@{n}": seen("db", "down", instance=str(n)) for n in range(3)} | {"api": seen("api", "down")}
    assert unreachable("api", lanes.values(), PARENTS) == "unreachable: db is down"
    lanes["db@1"] = seen("db", "up", instance="1")
    assert unreachable("api", lanes.values(), PARENTS) == ""
    lanes["db@1"] = seen("db", "unknown", instance="1")
    assert unreachable("api", lanes.values(), PARENTS) == "", "what is not known is not down"


@given(
    st.lists(st.tuples(st.sampled_from(["web", "api", "db"]), st.sampled_from(["up", "down", "degraded", "unknown"]),
                       st.booleans()), max_size=12),
    st.randoms(use_true_random=False),
)  # fmt: skip
def test_the_order_of_lanes_does_not_matter(told: list[tuple[str, ProbeState, bool]], chance: random.Random) -> None:
    lanes = {f"{probe}@{n}": seen(probe, state, instance=str(n), failing=bad)
             for n, (probe, state, bad) in enumerate(told)}  # fmt: skip
    shuffled = list(lanes.items())
    chance.shuffle(shuffled)
    for name in lanes:
        assert diagnose(name, lanes, PARENTS) == diagnose(name, dict(shuffled), PARENTS)
