"""Conditions as a table: what is expected, what came, what is said."""

from __future__ import annotations

from typing import Any

import pytest

from cockpit.config.model import ErrorRate, Expect
from cockpit.probes.conditions import Answer, error_rate, failed, percent, took

BODY = b'{"status": "UP", "ok": true, "one": 1, "rate": 0.9, "gone": null, "checks": [{"ms": 12}]}'


@pytest.mark.parametrize(
    ("expect", "wrong"),
    [
        ({}, ()),
        ({"status": (204, 301)}, ("status 200",)),
        ({"latency": "50ms"}, ()),
        ({"latency": "40ms"}, ("slower than 40 ms",)),
        ({"body_contains": '"UP"'}, ()),
        ({"body_contains": "DOWN"}, ('"DOWN" is not in the body',)),
        ({"json": ({"path": "status", "equals": "UP"},)}, ()),
        ({"json": ({"path": "status", "equals": "DOWN"},)}, ('status is not "DOWN" but "UP"',)),
        ({"json": ({"path": "checks.0.ms", "below": 13.0},)}, ()),
        ({"json": ({"path": "checks.0.ms", "below": 12.0},)}, ("checks.0.ms is 12, not below 12",)),
        ({"json": ({"path": "checks.0.ms", "above": 12.0},)}, ("checks.0.ms is 12, not above 12",)),
        ({"json": ({"path": "checks.1.ms", "below": 1.0},)}, ("checks.1.ms is missing",)),
        ({"json": ({"path": "checks.x", "equals": 1},)}, ("checks.x is missing",)),
        ({"json": ({"path": "rate", "below": 0.05},)}, ("rate is 0.9, not below 0.05",)),
        ({"json": ({"path": "status", "above": 0.0},)}, ('status is not a number but "UP"',)),
        ({"json": ({"path": "ok", "above": 0.0},)}, ("ok is not a number but true",)),
        ({"json": ({"path": "ok", "equals": 1},)}, ("ok is not 1 but true",)),
        ({"json": ({"path": "one", "equals": True},)}, ("one is not true but 1",)),
        ({"json": ({"path": "one", "equals": 1.0},)}, ()),
        ({"json": ({"path": "gone", "equals": None},)}, ()),
        ({"json": ({"path": "lost", "equals": None},)}, ("lost is missing",)),
    ],
)
def test_conditions(expect: dict[str, Any], wrong: tuple[str, ...]) -> None:
    assert failed(Expect.model_validate(expect), None, Answer(200, 41.0, BODY)) == wrong


@pytest.mark.parametrize(
    ("body", "rate", "wrong"),
    [
        (b'{"errors": 0.049}', 0.049, ()),
        (b'{"errors": 0.05}', 0.05, ("5 % errors, critical from 5 %",)),
        (b'{"errors": 1}', 1.0, ("100 % errors, critical from 5 %",)),
        (b'{"errors": 0}', 0.0, ()),
        (b'{"errors": 12}', None, ("errors is 12, not a ratio from 0 to 1",)),
        (b'{"errors": null}', None, ("errors is not a number but null",)),
        (b'{"errors": NaN}', None, ("the body is not JSON",)),
        (b"{}", None, ("errors is missing",)),
        (b"<html>log in</html>", None, ("the body is not JSON",)),
        (b"\xff\xfe", None, ("the body is not JSON",)),
        (b"[" * 60_000, None, ("the body is not JSON",)),
    ],
)
def test_error_rates(body: bytes, rate: float | None, wrong: tuple[str, ...]) -> None:
    wanted, answer = ErrorRate(path="errors"), Answer(200, 41.0, body)
    assert error_rate(wanted, answer) == rate
    assert failed(Expect(), wanted, answer) == wrong


def test_the_rate_is_told_with_a_bad_status_too() -> None:
    answer = Answer(500, 41.0, b'{"errors": 0.82}')
    assert error_rate(ErrorRate(path="errors"), answer) == 0.82
    assert failed(Expect(), None, answer) == ("status 500",)


def test_a_cut_body_is_not_judged_as_if_whole() -> None:
    answer = Answer(200, 41.0, b'{"errors": 0.0}' + b" " * 1024, cut=True)
    assert error_rate(ErrorRate(path="errors"), answer) is None
    assert "longer than 1 KiB" in failed(Expect(), ErrorRate(path="errors"), answer)[0]


def test_numbers_for_people() -> None:
    assert [percent(ratio) for ratio in (0.0, 0.003, 0.05, 0.82, 1.0)] == ["0 %", "0.3 %", "5 %", "82 %", "100 %"]
    assert [took(ms) for ms in (0.42, 41.3, 2345.0)] == ["0.4 ms", "41 ms", "2.3 s"]
