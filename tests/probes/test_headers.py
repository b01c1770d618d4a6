"""Headers with their secrets in place."""

from __future__ import annotations

import pytest

from cockpit.config.fields import EnvReference
from cockpit.probes.headers import Headers, redactor, revealed

HEADERS: Headers = {"X-Token": EnvReference(env="TOKEN"), "Accept": "text/plain"}


def test_a_secret_comes_from_the_environment_and_stays_out_of_words() -> None:
    env = {"TOKEN": " hunter22hunter22\n"}
    assert revealed(HEADERS, env) == ({"x-token": "hunter22hunter22", "accept": "text/plain"}, "")
    assert redactor(HEADERS, env)("it says hunter22hunter22") == "it says [redacted]"


@pytest.mark.parametrize("env", [{}, {"TOKEN": ""}, {"TOKEN": " \n"}])
def test_one_that_is_not_set_is_named(env: dict[str, str]) -> None:
    told = "not asked: the environment variable TOKEN (header X-Token) is not set"
    assert revealed(HEADERS, env) == ({}, told)
