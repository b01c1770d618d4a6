"""The values a person gives, and what is said against them."""

from __future__ import annotations

from typing import Any

import pytest

from cockpit.runbooks.model.values import Param
from cockpit.runbooks.params import LONGEST, given


@pytest.mark.parametrize(
    "fields",
    [
        {"type": "integer", "default": "+5"},
        {"type": "number", "default": "1e5"},
        {"type": "number", "default": "-.5"},
        {"type": "boolean", "default": "true"},
        {"default": "-x", "dash": True},
        {"enum": ("eu", "us"), "default": "us"},
    ],
)
def test_whatever_may_be_a_default_can_be_given(fields: dict[str, Any]) -> None:
    assert given({"p": Param(**fields)}, {}) == ({"p": fields["default"]}, ())


@pytest.mark.parametrize(
    ("fields", "value", "why"),
    [
        ({}, "", "p is missing"),
        ({}, "x" * (LONGEST + 1), "p has more than 4000 characters"),
        ({}, "a\nb", "p holds control characters"),
        ({}, "a\u202eb", "p holds control characters"),
        ({}, "--force", "p begins with -, which a command would take for an option"),
        ({"type": "integer"}, "1.5", "p is no whole number"),
        ({"type": "number"}, "nan", "p is no number"),
        ({"type": "boolean"}, "yes", "p is neither true nor false"),
        ({"enum": ("eu", "us")}, "cn", "p is none of eu, us"),
        ({"pattern": "v[0-9]+"}, "v1;x", "p does not look like v[0-9]+"),
    ],
)
def test_what_cannot_be_taken_is_refused_in_words(fields: dict[str, Any], value: str, why: str) -> None:
    assert given({"p": Param(**fields)}, {"p": value})[1] == (why,)


def test_every_problem_is_told_and_a_secret_is_not_taken_here() -> None:
    params = {"a": Param(), "token": Param(secret=True)}
    taken, problems = given(params, {"token": "swordfish", "other": "x"})
    assert taken == {"a": ""}
    assert len(problems) == 3 and "swordfish" not in " ".join(problems)
