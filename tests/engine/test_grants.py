from __future__ import annotations

import asyncio
from collections.abc import Collection

import pytest

from cockpit.engine.grants import Grants
from cockpit.incident.run import Attempt


def attempt(name: str, under: str = "") -> Attempt:
    return Attempt(name, "mend", "forward", "sh", "d", "ann", 1, under=under)


@pytest.mark.parametrize("error, held", [(asyncio.CancelledError(), {"a"}), (OSError(), set())])
def test_who_leaves_does_not_take_the_environment_along(error: BaseException, held: Collection[str]) -> None:
    grants = Grants()
    with pytest.raises(type(error)), grants.given("r", "a", {"TOKEN": "new"}):
        raise error
    assert set(grants.held) == held


def test_an_environment_is_handed_out_once_to_each_attempt_under_it() -> None:
    grants = Grants()
    with grants.given("r", "a", {"TOKEN": "new"}):
        assert "a" in grants.held
    assert grants.environment(attempt("a")) == {"TOKEN": "new"}
    assert grants.environment(attempt("a")) is None
    assert grants.environment(attempt("r-2", under="a")) == {"TOKEN": "new"}
    assert grants.environment(attempt("r-3", under="other")) is None


def test_a_new_confirmation_of_a_run_takes_the_place_of_the_one_before() -> None:
    grants = Grants()
    for name in ("a", "b"):
        with grants.given("r", name, {}):
            pass
    with grants.given("another", "c", {}):
        pass
    assert set(grants.held) == {"b", "c"}


def test_no_confirmation_outlives_a_sleep() -> None:
    grants = Grants()
    with grants.given("r", "a", {}):
        pass
    grants.void()
    assert not grants.held
    assert grants.environment(attempt("a")) is None
